"""The stages of a query, the same for all peers: clean, answer level by level, then what a strategy needs of the answers."""

from dataclasses import dataclass
from functools import cached_property

from core20plus5.expressions.nodes import Always
from tests.benchmarks.definitions.algebra import Algebra, Expression, Numbers
from tests.benchmarks.definitions.ruleset import Definitions, definitions
from tests.benchmarks.definitions.translate import Translation
from tests.benchmarks.question import REFERENCE_DATE, Question

#: Answers of two bits in an integer of 64, the sign left alone.
IN_A_WORD = 31
CODES: Numbers = (3, 1, 2)

#: Three counters of 21 bits, which sum in one integer; no group of people with the same stratum and cohorts is larger.
COUNTER_BITS = 21
COUNTERS: Numbers = (1, 1 << COUNTER_BITS, 1 << 2 * COUNTER_BITS)

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
        return {f"k{place}": self.translation.stratum(name) for place, name in enumerate(self.question.strata)}

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
        raw = {f"raw_{name}": self.words.column(name) for name in sorted(self.translation.read_raw)}
        cleaned = {name: self.translation.column(name) for name in names}
        return raw | cleaned | {"deprivation_decile": self.words.column("deprivation_decile")}

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

    def code(self, name: str, numbers: Numbers = CODES) -> Expression:
        """The answer of an indicator as a number."""
        indicator = self.rules.indicators[name]
        among = None if indicator.among == Always(True) else self.words.column(f"a_{name}")
        return self.words.code(among, self.words.column(f"t_{name}"), numbers)

    def _word(self, names: tuple[str, ...]) -> Expression:
        yes, no, unknown = CODES
        shifted = [self.code(name, (yes << 2 * k, no << 2 * k, unknown << 2 * k)) for k, name in enumerate(names)]
        return self.words.total(shifted)

    def _words(self, letter: str, names: tuple[str, ...]) -> Named:
        parts = [names[start : start + IN_A_WORD] for start in range(0, len(names), IN_A_WORD)]
        return {f"{letter}{place}": self._word(part) for place, part in enumerate(parts)}

    @cached_property
    def cohort_words(self) -> Named:
        """The answers about cohorts, packed into c0 and on, the first lowest."""
        return self._words("c", self.cohorts)

    @cached_property
    def other_words(self) -> Named:
        """The other answers, packed into w0 and on."""
        return self._words("w", self.others)

    @cached_property
    def counters(self) -> Named:
        """The other answers, each as one of three counters in a number that can be summed: s0 and on."""
        return {f"s{place}": self.code(name, COUNTERS) for place, name in enumerate(self.others)}
