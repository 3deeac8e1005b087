"""The arguments of a call as messages. What only a server can judge is left to it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from core20plus5_client.descriptions import ParameterValue
from core20plus5_client.errors import RequestError, RulesetError
from core20plus5_proto.v1 import questions_pb2 as questions
from core20plus5_proto.v1 import service_pb2 as service

_WHOLE = range(-(2**63), 2**63)

#: Rows of counts up to which measures of inequality come without being asked for: a tenth of a second for the server.
INEQUALITY_ROWS = 100_000
_ANY_ROWS = 2**63 - 1


def make_question(
    *,
    reference_date: date,
    imd_version: str,
    plus_groups: Sequence[str] | str,
    ruleset: str,
    indicators: Sequence[str] | None,
    imd_from: str | None,
    null_means_no: Sequence[str],
    parameters: Mapping[str, ParameterValue] | None,
    allow_later_facts: bool,
) -> questions.Question:
    """What counts and flags have in common. Raises RequestError, naming the argument and what it takes."""
    if not ruleset:  # on the wire, empty text would be the default
        raise RulesetError("ruleset is empty: name a ruleset, or leave it out")
    return questions.Question(
        reference_date=_reference_date(reference_date),
        imd_version=_text("imd_version", imd_version),
        ruleset=_text("ruleset", ruleset),
        plus_groups=["all"] if plus_groups == "all" else _names("plus_groups", plus_groups or ()),
        indicators=_chosen("indicators", indicators),
        imd_from=_text("imd_from", imd_from) if imd_from else None,
        null_means_no=_names("null_means_no", null_means_no or ()),
        parameters={name: _parameter(name, value) for name, value in (parameters or {}).items()},
        allow_later_facts=bool(allow_later_facts),
    )


def make_count_begin(
    question: questions.Question,
    *,
    strata: Sequence[str],
    cohorts: Sequence[str] | None,
    disclosure: str,
    inequality: bool | None = False,
    completeness: bool = False,
) -> service.CountBegin:
    """The first message of a count. Raises RequestError, naming the argument and what it takes."""
    if not disclosure:
        raise RequestError("disclosure is empty: name a policy, or leave it out")
    return service.CountBegin(
        question=question,
        strata=_names("strata", strata or ()),
        cohorts=_chosen("cohorts", cohorts),
        disclosure=_text("disclosure", disclosure),
        inequality_max_rows=INEQUALITY_ROWS if inequality is None else _ANY_ROWS if inequality else 0,
        completeness=bool(completeness),
    )


def _reference_date(value: object) -> str:
    if value is None:
        raise RequestError("reference_date is missing: there is no default, every answer is as at this date")
    if not isinstance(value, date) or isinstance(value, datetime):
        raise RequestError("reference_date must be a datetime.date")
    return value.isoformat()


def _text(argument: str, value: object) -> str:
    if not isinstance(value, str) or not _can_be_sent(value):
        raise RequestError(f"{argument} must be text")
    return value


def _can_be_sent(text: str) -> bool:
    """Half of a surrogate pair is a character to Python, and none to UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _names(argument: str, value: object) -> list[str]:
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        names = list(value)
        if all(isinstance(name, str) and _can_be_sent(name) for name in names):
            return names
    raise RequestError(f"{argument} must be a list of names")


def _chosen(argument: str, value: Sequence[str] | None) -> questions.Names | None:
    if value is None:
        return None
    names = _names(argument, value)
    if not names:
        raise RequestError(f"{argument} is an empty list: leave it out for all, or name at least one")
    return questions.Names(names=names)


def _parameter(name: object, value: object) -> questions.ParameterValue:
    name = _text("parameters", name)
    if isinstance(value, str) and _can_be_sent(value):
        return questions.ParameterValue(month_day=value)
    if isinstance(value, float):
        return questions.ParameterValue(number=value)
    if isinstance(value, int) and not isinstance(value, bool) and value in _WHOLE:
        return questions.ParameterValue(whole=value)
    raise RequestError(f'parameters: {name} must be a number or a day such as "09-01"')
