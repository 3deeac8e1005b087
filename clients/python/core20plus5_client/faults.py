"""From a failed call to the exception that says who must act, with what the server's text says and nothing else."""

from dataclasses import dataclass
from typing import Any

import grpc

from core20plus5_client import errors
from core20plus5_client.errors import Core20Plus5Error

DOMAIN = "core20plus5"

_BY_REASON: dict[str, type[Core20Plus5Error]] = {
    "INVALID_REQUEST": errors.RequestError,
    "TOO_MANY_CELLS": errors.TooManyCellsError,
    "INVALID_DATA": errors.DataError,
    "INVALID_SCHEMA": errors.SchemaError,
    "EXTRACT_LATER_THAN_REFERENCE_DATE": errors.LaterThanReferenceDateError,
    "LSOA_VINTAGE_MISMATCH": errors.LsoaVintageError,
    "NHS_NUMBERS_REFUSED": errors.NhsNumberError,
    "INVALID_IMD_TABLE": errors.ImdTableError,
    "INVALID_RULESET": errors.RulesetError,
    "LIMIT_EXCEEDED": errors.LimitError,
    "EXACT_COUNTS_REFUSED": errors.PermissionDeniedError,
    "UNAUTHENTICATED": errors.PermissionDeniedError,
    "NOT_ALLOWED": errors.PermissionDeniedError,
    "KEYS_UNKNOWN": errors.ServerUnavailableError,
    "SERVER_BUSY": errors.ServerBusyError,
    "CALLER_BUSY": errors.ServerBusyError,
    "INTERNAL": errors.ServerFaultError,
    # BROKEN_STREAM goes by the status code: ABORTED is a stream that came too slowly, all else is a fault.
}

_BY_CODE: dict[grpc.StatusCode, type[Core20Plus5Error]] = {
    grpc.StatusCode.INVALID_ARGUMENT: errors.RequestError,
    grpc.StatusCode.FAILED_PRECONDITION: errors.RequestError,
    grpc.StatusCode.NOT_FOUND: errors.RulesetError,
    grpc.StatusCode.RESOURCE_EXHAUSTED: errors.LimitError,
    grpc.StatusCode.PERMISSION_DENIED: errors.PermissionDeniedError,
    grpc.StatusCode.UNAUTHENTICATED: errors.PermissionDeniedError,
    grpc.StatusCode.UNAVAILABLE: errors.ServerUnavailableError,
    grpc.StatusCode.CANCELLED: errors.ServerUnavailableError,
    grpc.StatusCode.DEADLINE_EXCEEDED: errors.DeadlineError,
    grpc.StatusCode.ABORTED: errors.DeadlineError,
}

#: What gRPC itself says of a connection that broke in mid-call; the server gives a reason with these.
_LOST = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN)


@dataclass(frozen=True)
class Fault:
    """A failed call: its status, and the details that servers of this project add. violations: (field, description)."""

    code: grpc.StatusCode
    text: str
    reason: str = ""
    violations: tuple[tuple[str, str], ...] = ()
    retry_after: float | None = None


def error_of(failed: grpc.RpcError, target: str) -> Core20Plus5Error:
    """The exception to raise, `from None`, for a failed call to a server."""
    fault = read_fault(failed)
    kind = _BY_REASON.get(fault.reason) or _BY_CODE.get(fault.code, errors.ServerFaultError)
    if kind is errors.SchemaError:
        return errors.SchemaError([_named(field, text) for field, text in fault.violations] or [fault.text])
    if kind is errors.ServerBusyError:
        return errors.ServerBusyError(_full_text(fault), fault.retry_after)
    error = kind(_full_text(fault) if fault.reason else _plain_text(fault, target))
    error.retry_after = fault.retry_after
    error.retryable = kind.retryable or _may_pass(fault)
    return error


def _may_pass(fault: Fault) -> bool:
    """Whether the same call may be answered later or elsewhere: the server says so, or the connection broke."""
    came_too_slowly = fault.code is grpc.StatusCode.ABORTED
    return came_too_slowly or fault.retry_after is not None or (not fault.reason and fault.code in _LOST)


def read_fault(failed: Any) -> Fault:
    """The status and the details of a failed call; details that cannot be read are left out."""
    # Not needed by a call that succeeds.
    from google.protobuf.message import DecodeError  # noqa: PLC0415
    from google.rpc import error_details_pb2 as details  # type: ignore[import-untyped, unused-ignore]  # noqa: PLC0415
    from grpc_status import rpc_status  # type: ignore[import-untyped, unused-ignore]  # noqa: PLC0415

    code, text = failed.code(), failed.details() or ""
    try:
        status = rpc_status.from_call(failed)
    except (ValueError, DecodeError):  # it contradicts the call, or is no status at all
        status = None
    reason, violations, retry_after = "", [], None
    info, request, retry = details.ErrorInfo(), details.BadRequest(), details.RetryInfo()
    for detail in status.details if status is not None else ():
        if detail.Is(info.DESCRIPTOR) and detail.Unpack(info) and info.domain == DOMAIN:
            reason = info.reason
        elif detail.Is(request.DESCRIPTOR) and detail.Unpack(request):
            violations += [(found.field, found.description) for found in request.field_violations]
        elif detail.Is(retry.DESCRIPTOR) and detail.Unpack(retry):
            retry_after = retry.retry_delay.ToTimedelta().total_seconds()
    return Fault(code, text, reason, tuple(violations), retry_after)


def _full_text(fault: Fault) -> str:
    """The server's text, with those violations that it does not state itself."""
    more = [_named(field, text) for field, text in fault.violations if text not in fault.text]
    return "; ".join(filter(None, (fault.text, *more)))


def _named(field: str, text: str) -> str:
    """What is wrong, with the name of the field where it does not say it."""
    name = field.removeprefix("columns.")
    return text if not name or name in text else f"{name}: {text}"


def _plain_text(fault: Fault, target: str) -> str:
    """What to say of a status without our details: most come from the transport, not from the service."""
    text = _full_text(fault)
    if fault.code is grpc.StatusCode.UNAVAILABLE:
        return f"no core20plus5 server answers at {target} ({text}); start one with: core20plus5 serve"
    if fault.code is grpc.StatusCode.CANCELLED:
        return f"the call to {target} was cancelled before its answer was complete"
    if fault.code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return f"{target} did not answer within the deadline of the call"
    if fault.code is grpc.StatusCode.UNIMPLEMENTED:
        return f"what answers at {target} is no core20plus5 server, or one of another version ({text})"
    return text or f"the call to {target} failed with status {fault.code.name}"
