"""Between the engine's objects and the messages of the wire."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from core20plus5.deprivation import ImdTable
from core20plus5.rulesets import ParameterValue
from core20plus5_proto.v1 import answers_pb2 as answers
from core20plus5_proto.v1 import questions_pb2 as questions
from core20plus5_proto.v1 import service_pb2 as service
from core20plus5_service.errors import BadQuestionError

DEFAULT_RULESET = "core20plus5-adults"
DEFAULT_DISCLOSURE = "hes"

_LEDGER = ("rows_received", "rows_counted", "rows_excluded")


def question_arguments(question: questions.Question) -> dict[str, Any]:
    """The arguments of the engine's calls. Raises BadQuestionError for a field that cannot be read."""
    return {
        "reference_date": _reference_date(question.reference_date),
        "imd_version": question.imd_version,
        "ruleset": ruleset_name(question.ruleset),
        "plus_groups": list(question.plus_groups),
        "indicators": list(question.indicators.names) if question.HasField("indicators") else None,
        "imd_from": question.imd_from if question.HasField("imd_from") else None,
        "null_means_no": list(question.null_means_no),
        "parameters": {name: read_parameter(name, value) for name, value in question.parameters.items()},
        "allow_later_facts": question.allow_later_facts,
    }


def count_arguments(begin: service.CountBegin) -> dict[str, Any]:
    """As `question_arguments`, with those of counting."""
    return question_arguments(begin.question) | {
        "strata": list(begin.strata),
        "cohorts": list(begin.cohorts.names) if begin.HasField("cohorts") else None,
        "disclosure": begin.disclosure or DEFAULT_DISCLOSURE,
        "completeness": begin.completeness,
    }


def ruleset_name(name: str) -> str:
    """Rulesets are named, never read from a path that a caller gives."""
    if name.endswith(".toml"):
        raise BadQuestionError("ruleset: the name of a ruleset that the server has")
    return name or DEFAULT_RULESET


def _reference_date(text: str) -> date | None:
    if not text:
        return None  # the engine says that there is no default
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadQuestionError("reference_date: a date as YYYY-MM-DD") from None


def read_parameter(name: str, value: questions.ParameterValue) -> ParameterValue:
    """The value of a parameter."""
    kind = value.WhichOneof("value")
    if kind is None:
        raise BadQuestionError(f"parameters: {name!r} has no value")
    found: ParameterValue = getattr(value, kind)
    return found


def write_parameter(value: ParameterValue) -> questions.ParameterValue:
    """A parameter's value as a message."""
    if isinstance(value, str):
        return questions.ParameterValue(month_day=value)
    if isinstance(value, int):
        return questions.ParameterValue(whole=value)
    return questions.ParameterValue(number=value)


def write_provenance(provenance: Mapping[str, Any]) -> answers.Provenance:
    """The engine's provenance but for the ledger, which the end of the stream has."""
    fields = {key: value for key, value in provenance.items() if key not in _LEDGER and value is not None}
    fields["parameters"] = {name: write_parameter(value) for name, value in fields["parameters"].items()}
    return answers.Provenance(**fields)


def write_ledger(provenance: Mapping[str, Any]) -> answers.Ledger:
    """The rows of a provenance by what became of them."""
    return answers.Ledger(
        rows_received=provenance["rows_received"],
        rows_counted=provenance["rows_counted"],
        excluded=[answers.ExcludedRows(reason=reason, rows=rows) for reason, rows in provenance["rows_excluded"].items()],
    )


def write_indicators(table: pa.Table) -> list[answers.IndicatorDescription]:
    """The table of indicators as messages."""
    return [
        answers.IndicatorDescription(**{key: value for key, value in row.items() if value is not None})
        for row in table.to_pylist()
    ]


def write_quality(table: pa.Table) -> list[answers.QualityFinding]:
    """The table of findings as messages."""
    return [answers.QualityFinding(**row) for row in table.to_pylist()]


def write_tables(tables: Iterable[ImdTable]) -> list[service.ImdTableInfo]:
    """What is told about the IMD tables."""
    return [
        service.ImdTableInfo(
            version=table.version, lsoa_vintage=table.lsoa_vintage, sha256=table.sha256, name=table.name, rows=table.rows
        )
        for table in tables
    ]
