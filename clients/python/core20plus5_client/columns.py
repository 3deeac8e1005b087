"""Which of the caller's columns a call needs, so that nothing else leaves the caller's machine."""

from collections.abc import Iterable

from core20plus5_client.descriptions import IndicatorDefinition, RecordDescription, Ruleset
from core20plus5_client.errors import RequestError, SchemaError
from core20plus5_proto.v1 import questions_pb2 as questions

IMD_SOURCES = ("lsoa_code", "imd_rank", "imd_decile")

_AGE = ("birth_date", "age_years")
_COHORT, _PLUS = "cohort", "cohort, PLUS"


def check_names(names: list[str]) -> None:
    """Raises SchemaError for a column that is there twice: which of the two is meant cannot be told."""
    if len(set(names)) < len(names):
        repeated = sorted({name for name in names if names.count(name) > 1})
        raise SchemaError([f"column {name!r}: sent more than once" for name in repeated])


def check_imd_table(
    names: list[str],
    question: questions.Question,
    record: RecordDescription,
    tables: Iterable[str],
) -> None:
    """Raises RequestError where deprivation would come from LSOA codes and the server has no table to look them up in.

    tables: the IMD versions of the server's tables.
    """
    version = question.imd_version
    from_lsoa = "lsoa_code" in names and question.imd_from in ("", "lsoa_code")
    if from_lsoa and f"imd_rank_{version}" in record.by_name and version not in tables:
        raise RequestError(
            f"the records have lsoa_code, and the server has no IMD {version} table: start it with"
            f" --imd-table {version}=FILE, or name another source with imd_from"
        )


def columns_to_send(
    names: list[str],
    question: questions.Question,
    ruleset: Ruleset,
    record: RecordDescription,
    *,
    strata: Iterable[str] = (),
    cohorts: questions.Names | None = None,
    completeness: bool = False,
    counting: bool,
) -> list[str]:
    """Those of the caller's columns that can change the answer, in the caller's order.

    More than needed changes nothing; fewer would turn answers into `column_absent`.
    """
    needed = {*_AGE, *_deprivation(question), *_answers(question, ruleset, cohorts, counting)}
    reads = {stratum.name: stratum.reads for stratum in record.derived_strata}
    for stratum in strata:  # one that is not derived is a column of that name; deprivation is always sent
        needed |= {stratum, *reads.get(stratum, ())}
    if not counting:
        needed.add("person_id")
    if completeness:
        needed |= {"ethnic_category", "sex"}
    # A value is void where the date that it is paired with is after the reference date.
    needed |= {column.paired_with for column in record.columns if column.name in needed and column.paired_with}
    return [name for name in names if name in needed or record.is_local_group(name)]


def _deprivation(question: questions.Question) -> set[str]:
    """Its columns for the request's IMD version: those of all sources, or of the one that is named."""
    sources = [question.imd_from] if question.imd_from else IMD_SOURCES
    return {"no_imd_reason", *sources, *(f"{source}_{question.imd_version}" for source in sources)}


def _answers(
    question: questions.Question,
    ruleset: Ruleset,
    cohorts: questions.Names | None,
    counting: bool,
) -> set[str]:
    """Columns of what is asked, of the PLUS groups chosen, and of who is excluded."""
    if not question.HasField("indicators"):
        return set(ruleset.columns)
    chosen = {*question.indicators.names, *question.plus_groups, *(cohorts.names if cohorts else ())}
    all_plus, all_cohorts = list(question.plus_groups) == ["all"], counting and cohorts is None

    def is_needed(indicator: IndicatorDefinition) -> bool:
        by_kind = (all_plus and indicator.kind == _PLUS) or (all_cohorts and indicator.kind.startswith(_COHORT))
        return by_kind or indicator.name in chosen

    asked = [indicator.columns for indicator in ruleset.indicators if is_needed(indicator)]
    return set().union(*(rule.columns for rule in ruleset.exclusions), *asked)
