"""Which columns of the record the answers of a ruleset depend on, so that no more need be sent."""

from core20plus5.expressions import columns_of, indicators_of
from core20plus5.records import COLUMNS, find_column
from core20plus5.rulesets.model import Indicator, Rule, Ruleset

_AGE = ("birth_date", "age_years")


def indicator_columns(ruleset: Ruleset) -> dict[str, tuple[str, ...]]:
    """Columns that each indicator depends on, directly or through others; those for deprivation and PLUS groups aside."""
    found: dict[str, set[str]] = {}
    for name, indicator in ruleset.indicators.items():  # an indicator uses only those before it
        found[name] = _read_by(indicator)
        for used in _used_by(indicator):
            found[name] |= found[used]
    return {name: _in_order(columns) for name, columns in found.items()}


def ruleset_columns(ruleset: Ruleset) -> tuple[str, ...]:
    """Columns that any indicator, exclusion or check depends on; those for deprivation and local groups aside."""
    rules = [rule_columns(rule) for rule in (*ruleset.exclusions, *ruleset.checks)]
    return _in_order(set().union(*rules, *indicator_columns(ruleset).values()))


def rule_columns(rule: Rule) -> tuple[str, ...]:
    """Columns that an exclusion or a check depends on."""
    return _in_order(_with_pairs(columns_of(rule.where)))


def _read_by(indicator: Indicator) -> set[str]:
    return _with_pairs(columns_of(indicator.among) | columns_of(indicator.where) | columns_of(indicator.known))


def _used_by(indicator: Indicator) -> set[str]:
    return indicators_of(indicator.among) | indicators_of(indicator.where) | indicators_of(indicator.known)


def _with_pairs(names: set[str]) -> set[str]:
    """Columns instead of derived values, with the date that a value is paired with and the column that can stand in for it."""
    columns = (names - {"age", "deprivation_decile"}) | (set(_AGE) if "age" in names else set())
    for column in filter(None, map(find_column, list(columns))):
        columns |= {name for name in (column.paired_with, column.enough) if name}
    return columns


def _in_order(names: set[str]) -> tuple[str, ...]:
    return tuple(name for name in COLUMNS if name in names)
