"""From the messages of the wire to what this package gives: unset is None, a list is a tuple."""

from typing import Any

from google.protobuf.message import Message

from core20plus5_client import descriptions as plain
from core20plus5_proto.v1 import questions_pb2 as questions
from core20plus5_proto.v1 import records_pb2 as records
from core20plus5_proto.v1 import rulesets_pb2 as rulesets
from core20plus5_proto.v1 import service_pb2 as service


def fields_of(message: Message) -> dict[str, Any]:
    """Every field of a message by name: None where it can be unset and is, a tuple for a list, a dict for a map."""
    return {field.name: _value(message, field) for field in message.DESCRIPTOR.fields}


def _value(message: Message, field: Any) -> Any:
    if field.is_repeated:
        value = getattr(message, field.name)
        return dict(value) if field.message_type and field.message_type.GetOptions().map_entry else tuple(value)
    return None if field.has_presence and not message.HasField(field.name) else getattr(message, field.name)


def parameter_value(message: questions.ParameterValue) -> plain.ParameterValue | None:
    """The value; None for one of a kind that this client does not know."""
    kind = message.WhichOneof("value")
    value: plain.ParameterValue | None = getattr(message, kind) if kind else None
    return value


def read_ruleset(message: rulesets.Ruleset) -> plain.Ruleset:
    """A whole ruleset."""
    return plain.Ruleset(
        **fields_of(message)
        | {
            "summary": read_summary(message.summary),
            "parameters": tuple(map(_parameter, message.parameters)),
            "exclusions": tuple(plain.Rule(**fields_of(rule)) for rule in message.exclusions),
            "checks": tuple(plain.Rule(**fields_of(rule)) for rule in message.checks),
            "local_group": plain.LocalGroup(**fields_of(message.local_group)),
            "indicators": tuple(plain.IndicatorDefinition(**fields_of(entry)) for entry in message.indicators),
        }
    )


def _parameter(message: rulesets.Parameter) -> plain.Parameter:
    return plain.Parameter(**fields_of(message) | {"value": parameter_value(message.value)})


def read_summary(message: rulesets.RulesetSummary) -> plain.RulesetSummary:
    """A ruleset in a line."""
    return plain.RulesetSummary(**fields_of(message))


def read_server_info(message: service.GetServerInfoResponse) -> plain.ServerInfo:
    """Limits and versions."""
    return plain.ServerInfo(
        **fields_of(message)
        | {
            "imd_tables": tuple(plain.ImdTable(**fields_of(table)) for table in message.imd_tables),
            "rulesets": tuple(map(read_summary, message.rulesets)),
        }
    )


def read_record(message: service.DescribeRecordResponse) -> plain.RecordDescription:
    """The columns that a record may have."""
    derived = tuple(plain.DerivedStratum(**fields_of(stratum)) for stratum in message.derived_strata)
    return plain.RecordDescription(tuple(map(_column, message.columns)), message.local_group_prefix, derived)


def _column(message: records.RecordColumn) -> plain.RecordColumn:
    return plain.RecordColumn(**fields_of(message))
