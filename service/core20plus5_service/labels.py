"""Every value that a label of a metric can have, known before the first call: none of them comes from a caller."""

from functools import cache

import grpc
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from core20plus5.engine import stages
from core20plus5.ingest.columns import NO_DECILE_REASONS
from core20plus5.records import COLUMNS, LOCAL_GROUP_PREFIX, Kind
from core20plus5.rulesets import list_rulesets
from core20plus5_proto.v1 import service_pb2

#: Type, service and method of a call.
Method = tuple[str, str, str]
#: Column and reason of what was found in a block.
Finding = tuple[str, str]

STAGES = (*stages.STAGES, "encode")

#: read: decoded; refused: out of order, damaged or over a limit; unreadable: no plain Arrow.
BATCH_OUTCOMES = ("read", "refused", "unreadable")

#: Reasons of refusals, as callers are told them: for what the server has and allows, not for what the caller got wrong.
REFUSALS = (
    "SERVER_BUSY",
    "CALLER_BUSY",
    "LIMIT_EXCEEDED",
    "TOO_MANY_CELLS",
    "EXACT_COUNTS_REFUSED",
    "UNAUTHENTICATED",
    "NOT_ALLOWED",
)

#: What is read anew when it changes, and whether it could be used.
RELOADS = tuple((what, outcome) for what in ("tls", "callers", "jwt_keys") for outcome in ("used", "refused"))

#: Where findings go that are not foreseen here; a test holds that there are none.
OTHER: Finding = ("other", "other")

LOCAL_GROUPS = f"{LOCAL_GROUP_PREFIX}*"

TYPES = {(False, False): "unary", (True, False): "client_stream", (False, True): "server_stream", (True, True): "bidi_stream"}


def code_name(code: grpc.StatusCode) -> str:
    """RESOURCE_EXHAUSTED as ResourceExhausted, the way metrics write it."""
    return "OK" if code is grpc.StatusCode.OK else code.name.title().replace("_", "")


CODES = tuple(map(code_name, grpc.StatusCode))


def _methods() -> tuple[Method, ...]:
    services = [file.DESCRIPTOR.services_by_name for file in (service_pb2, health_pb2, reflection_pb2)]
    return tuple(
        (TYPES[method.client_streaming, method.server_streaming], service.full_name, method.name)
        for found in services
        for service in found.values()
        for method in service.methods
    )


CALLS = _methods()

_FOUND_IN = {
    Kind.DATE: ("after_reference_date",),
    Kind.INTEGER: ("invalid",),
    Kind.NUMBER: ("invalid",),
    Kind.CODE: ("invalid",),
    Kind.BOOL: ("invalid",),
    Kind.ORGANISATION: ("pseudo_code",),
}


@cache
def findings() -> frozenset[Finding]:
    """Every column and reason that a block can be found to have."""
    checks = {(str(rule.column), rule.reason) for ruleset in list_rulesets() for rule in ruleset.checks}
    values = {(column.name, reason) for column in COLUMNS.values() for reason in _FOUND_IN.get(column.kind, ())}
    sources = [name for name in COLUMNS if name == "lsoa_code" or name.startswith(("imd_rank", "imd_decile"))]
    return frozenset(checks | values | {(name, reason) for name in sources for reason in NO_DECILE_REASONS}) | {
        (LOCAL_GROUPS, "invalid")
    }


def finding_label(column: str, reason: str) -> Finding:
    """The label of a finding: a local group's name is the caller's, and is not told."""
    found = (column, reason)
    if found in findings():
        return found
    return (LOCAL_GROUPS, reason) if column.startswith(LOCAL_GROUP_PREFIX) and reason == "invalid" else OTHER
