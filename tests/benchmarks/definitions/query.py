"""The stages of a query, the same for all peers: clean, answer level by level, then what a strategy needs of the answers."""

from dataclasses import dataclass
from functools import cached_property

from core20plus5.expressions.nodes import Always
from tests.benchmarks.definitions.algebra import Algebra, Expression
from tests.benchmarks.definitions.ruleset import Definitions, definitions
from tests.benchmarks.definitions.translate import Translation
from tests.benchmarks.question import REFERENCE_DATE, Question

#: Answers of two bits in an integer of 64, the sign left alone.
IN_A_WORD = 31

Named = dict[str, Expression]


@dataclass(frozen=True)
class Query:
    """What is to be selected for one question, stage by stage. columns: of the people."""

    words: Algebra
    question: Question
    columns: tuple[str, ...]
    thorough: bool = False

    @cached_property
    def rules(self) -> Definitions:
        """Indicators, cohorts and parameters."""
        return definitions(self.question, self.columns)

    @cached_property
    def translation(self) -> Translation:
        """Expressions for this question."""
        return Translation(self.words, self.rules, REFERENCE_DATE, self.thorough)

    @cached_property
    def keys(self) -> Named:
        """The stratum columns, k0 and on."""
        decile = self.words.column("deprivation_decile")
        return {f"k{place}": self.translation.stratum(name, decile) for place, name in enumerate(self.question.strata)}

    @cached_property
    def levels(self) -> list[Named]:
        """For each level of indicators: t_ their answers as truths, a_ of whom they are asked."""
        return [self._level(level) for level in self.rules.levels()]

    def _level(self, level: list) -> Named:  # type: ignore[type-arg]
        found: Named = {}
        for indicator in level:
            found[f"t_{indicator.name}"] = self.translation.answer(indicator)
            among = self.translation.among(indicator)
            if among is not None:
                found[f"a_{indicator.name}"] = among
        return found

    @cached_property
    def clean(self) -> Named:
        """The columns that sentences read, cleaned."""
        assert self.levels
        names = sorted(self.translation.read - {"deprivation_decile"})
        return {name: self.translation.column(name) for name in names} | {
            "deprivation_decile": self.words.column("deprivation_decile")
        }

    @cached_property
    def kept(self) -> Expression:
        """Who is counted, by the columns as they came."""
        return self.translation.kept()

    @cached_property
    def cohorts(self) -> tuple[str, ...]:
        """The cohorts that are not everyone: their answers tell groups of people apart."""
        return tuple(name for name in self.rules.cohorts if name != "everyone")

    @cached_property
    def others(self) -> tuple[str, ...]:
        """The reported indicators that are no cohort of the question."""
        return tuple(name for name in self.rules.reported if name not in {*self.cohorts, "everyone"})

    def code(self, name: str, shift: int = 0) -> Expression:
        """The answer of an indicator in two bits."""
        indicator = self.rules.indicators[name]
        among = None if indicator.among == Always(True) else self.words.column(f"a_{name}")
        return self.words.code(among, self.words.column(f"t_{name}"), shift)

    def word(self, names: tuple[str, ...]) -> list[Expression]:
        """Answers packed into integers, the first lowest."""
        parts = [names[start : start + IN_A_WORD] for start in range(0, len(names), IN_A_WORD)]
        return [self.words.total([self.code(name, 2 * place) for place, name in enumerate(part)]) for part in parts]

    @cached_property
    def pattern(self) -> Named:
        """All answers of a person: c0 and on of the cohorts, w0 and on of the other indicators."""
        cohorts = {f"c{place}": word for place, word in enumerate(self.word(self.cohorts))}
        return cohorts | {f"w{place}": word for place, word in enumerate(self.word(self.others))}
