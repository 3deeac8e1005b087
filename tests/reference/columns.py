"""Which questions the columns that were sent can answer."""

from collections.abc import Iterable

from tests.reference.deprivation import find_source
from tests.reference.reading import CODES, DATES, DATES_AS_THEY_STAND, LOCAL_NO, NUMBERS, OTHER_BOOLS
from tests.reference.request import Refused, Request
from tests.reference.ruleset import Question, document, questions
from tests.reference.sentences import names_in

# Read as all-null when they were not sent.
OPTIONAL = {
    "no_imd_reason",
    "registration_start",
    "registration_end",
    "death_date",
    "hypertension_resolved_latest",
    "copd_resolved_latest",
    "smi_remission_latest",
    "bp_setting",
    "other_lipid_lowering_latest",
    "preg_end_date",
}
KNOWN = {*DATES, *DATES_AS_THEY_STAND, *NUMBERS, *CODES, *LOCAL_NO, *OTHER_BOOLS, "ethnic_category", "cancer_stage"}
ONE_IS_ENOUGH = {
    "age": {"birth_date", "age_years"},
    "ldl_mmol": {"ldl_mmol", "non_hdl_mmol"},
    "non_hdl_mmol": {"ldl_mmol", "non_hdl_mmol"},
}


def is_column(name: str) -> bool:
    return name in KNOWN or (name.startswith("plus_") and name != "plus_any")


def plus_groups(columns: set[str], request: Request) -> tuple[str, ...]:
    """The PLUS groups of the request; `all` is every one whose column is there."""
    asked = questions(columns)
    if request.plus_groups == ("all",):
        return tuple(name for name in asked if asked[name].is_plus and answerable(name, columns, request))
    for name in request.plus_groups:
        if name not in asked or not asked[name].is_plus or not answerable(name, columns, request):
            raise Refused("invalid_request")
    return request.plus_groups


def returned(columns: set[str], request: Request) -> dict[str, Question]:
    """The questions of this request: without PLUS groups there is no plus_any, and no core20plus."""
    without = set() if request.plus_groups else {"plus_any", "core20plus"}
    asked = questions(columns, request.plus_groups)
    return {name: question for name, question in asked.items() if name not in without}


def column_absent(columns: set[str], request: Request) -> set[str]:
    """The indicators that a missing column leaves unanswered."""
    return {name for name in returned(columns, request) if not answerable(name, columns, request)}


def answerable(name: str, columns: set[str], request: Request) -> bool:
    question = questions(columns)[name]
    return _all_there(names_in(question.among) | names_in(question.where) | names_in(question.known), columns, request)


def _all_there(names: Iterable[str], columns: set[str], request: Request) -> bool:
    return all(_is_there(name, columns, request) for name in names)


def _is_there(name: str, columns: set[str], request: Request) -> bool:
    """Whether a word of a sentence has all it needs; a name that is a column and an indicator is the column."""
    definitions = document()["definitions"]
    if name in ONE_IS_ENOUGH:
        return bool(ONE_IS_ENOUGH[name] & columns)
    if name == "deprivation_decile":
        return find_source(columns, request) is not None
    if is_column(name):
        return name in columns or name in OPTIONAL
    if name in definitions:
        return _all_there(names_in(definitions[name]), columns, request)
    needed = plus_groups(columns, request) if name == "any_plus_group" else {name} & set(questions(columns))
    return all(answerable(indicator, columns, request) for indicator in needed)
