"""What is asked, from the ruleset's own file: indicators in working order, cohorts, PLUS groups, parameters."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from core20plus5.expressions import Type, indicators_of
from core20plus5.expressions.nodes import Always, ColumnValue, reads_plus_groups
from core20plus5.rulesets import Indicator, ParameterValue, Rule, find_ruleset
from tests.benchmarks.question import Question


@dataclass(frozen=True)
class Definitions:
    """indicators: all that must be evaluated, each after those it uses; cohorts, reported: names, in the ruleset's order."""

    indicators: dict[str, Indicator]
    cohorts: tuple[str, ...]
    reported: tuple[str, ...]
    plus_groups: tuple[str, ...]
    parameters: dict[str, ParameterValue]
    exclusions: tuple[Rule, ...]

    def uses(self, indicator: Indicator) -> set[str]:
        """The indicators whose answers one of them reads."""
        sentences = (indicator.among, indicator.where, indicator.known)
        plus = set(self.plus_groups) if any(map(reads_plus_groups, sentences)) else set()
        return plus.union(*map(indicators_of, sentences))

    def levels(self) -> list[list[Indicator]]:
        """The indicators, those of each level using only those of the levels before."""
        level: dict[str, int] = {}
        for name, indicator in self.indicators.items():
            level[name] = max((level[used] + 1 for used in self.uses(indicator)), default=0)
        return [[self.indicators[name] for name in level if level[name] == number] for number in range(max(level.values()) + 1)]


def definitions(question: Question, columns: Iterable[str]) -> Definitions:
    """The definitions for a question over these columns, all PLUS groups among them taken."""
    ruleset = find_ruleset("core20plus5-adults")
    indicators = _with_local_groups(ruleset.indicators, sorted(name for name in columns if name.startswith("plus_")))
    plus_groups = tuple(name for name, indicator in indicators.items() if indicator.is_plus)
    cohorts = tuple(name for name, indicator in indicators.items() if indicator.is_cohort)
    every = Definitions(
        indicators,
        cohorts if question.cohorts is None else question.cohorts,
        tuple(indicators) if question.indicators is None else question.indicators,
        plus_groups,
        {name: spec.value for name, spec in ruleset.parameters.items()},
        ruleset.exclusions,
    )
    needed = _needed(every)
    return replace(every, indicators={name: entry for name, entry in indicators.items() if name in needed})


def _with_local_groups(indicators: dict[str, Indicator], names: list[str]) -> dict[str, Indicator]:
    """Each local group after the last PLUS group of the ruleset, `where` its own column."""
    found = {}
    last = [name for name, indicator in indicators.items() if indicator.is_plus][-1]
    always = Always(True)
    for name, indicator in indicators.items():
        found[name] = indicator
        for group in names if name == last else ():
            found[group] = replace(
                indicator, name=group, among=always, where=ColumnValue(group, Type.TRUTH), known=always, texts={}
            )
    return found


def _needed(every: Definitions) -> set[str]:
    needed: set[str] = set()
    waiting = [*every.cohorts, *every.reported]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += every.uses(every.indicators[name])
    return needed
