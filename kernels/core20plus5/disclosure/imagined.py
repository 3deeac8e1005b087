"""Imagined people: random facts near every threshold of a ruleset, and what its sentences answer for them.

Which counts are linked follows from which answers can go together. Nothing that holds for every possible person can fail for an
imagined one, so no link is ever missed; one that holds by chance alone hides more than needed, never less.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from core20plus5.expressions import Node, Type, columns_of
from core20plus5.expressions import nodes as n
from core20plus5.records import ETHNIC_GROUPS, Kind, find_column
from core20plus5.rulesets import Indicator, ParameterValue, month_day

NO, UNKNOWN, YES, NOT_APPLICABLE = 0, 1, 2, 3

#: How many people are imagined: enough for answers that few of them give.
PEOPLE = 1 << 14

_DAYS_A_MONTH = 30.44
_LONG_AGO = 30_000.0

Truths = npt.NDArray[np.int8]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Setting:
    """What the answers of a request depend on besides the records."""

    reference_date: date
    indicators: tuple[Indicator, ...]
    parameters: Mapping[str, ParameterValue]
    plus_groups: tuple[str, ...] = ()
    absent: frozenset[str] = field(default_factory=frozenset)


class ImaginedPeople:
    """answers: by indicator, int8 (people,): NO, UNKNOWN, YES or NOT_APPLICABLE."""

    def __init__(self, setting: Setting, people: int = PEOPLE, seed: int = 1) -> None:
        self.setting = setting
        self.people = people
        self._random = np.random.default_rng(seed)
        # Some have everything recorded and others nothing, some are in every group and others in none: corners have people too.
        self._null_rate = self._random.choice([0.0, 0.02, 0.3, 0.95], people)
        self._yes_rate = self._random.choice([0.0, 0.05, 0.4, 0.9], people)
        self._lean = self._random.choice([0.3, 1.0, 4.0], people)
        self._known: dict[Node, npt.NDArray[Any]] = {}
        self._facts: dict[str, npt.NDArray[Any]] = {}
        self._constants = _constants_by_column(setting)
        self.answers: dict[str, Truths] = {}
        self._ask()
        self._like_the_rare_ones()
        self._ask()

    def _ask(self) -> None:
        self._known.clear()
        for indicator in self.setting.indicators:
            self.answers[indicator.name] = self._answer(indicator)

    def _like_the_rare_ones(self) -> None:
        """Make the second half of the people resemble those with rare answers, so that each goes with all that it can."""
        half = self.people // 2
        rare = [np.flatnonzero(found[:half] == answer) for found in self.answers.values() for answer in range(4)]
        models = [people for people in rare if 0 < len(people) < half // 50]
        if not models:
            return
        chosen = np.array(
            [models[place % len(models)][place // len(models) % len(models[place % len(models)])] for place in range(half)]
        )
        for name, values in self._facts.items():
            alike = self._random.random(half) < 0.7
            self._facts[name] = np.concatenate([values[:half], np.where(alike, values[chosen], values[half : 2 * half])])

    def _answer(self, indicator: Indicator) -> Truths:
        among, where, known = (self.truth(node) for node in (indicator.among, indicator.where, indicator.known))
        inside = np.where(known == YES, where, UNKNOWN)
        unsure = NOT_APPLICABLE if indicator.strict else UNKNOWN
        return np.select([among == YES, among == UNKNOWN], [inside, unsure], NOT_APPLICABLE).astype(np.int8)

    def truth(self, node: Node) -> Truths:
        """NO, UNKNOWN or YES of everyone."""
        if node not in self._known:
            self._known[node] = self._truth(node)
        return self._known[node]

    def _truth(self, node: Node) -> Truths:
        match node:
            case n.Both():
                return np.minimum(self.truth(node.left), self.truth(node.right))
            case n.Either():
                return np.maximum(self.truth(node.left), self.truth(node.right))
            case n.Negation():
                return (YES - self.truth(node.of)).astype(np.int8)
            case n.IsYes():
                return _sure(self.truth(node.of) == YES)
            case n.IndicatorAnswer():
                return self._as_truth(node.name)
            case n.AnyPlusGroup():
                groups = [self._as_truth(name) for name in self.setting.plus_groups]
                joined: Truths = np.maximum.reduce([np.zeros(self.people, np.int8), *groups])
                return joined
        return self._leaf(node)

    def _leaf(self, node: Node) -> Truths:
        match node:
            case n.Always():
                return _sure(np.full(self.people, node.value))
            case n.ColumnValue():
                truths: Truths = self.fact(node.name)
                return truths
            case n.CodeIn():
                column = find_column(node.column.name)
                assert column is not None
                codes = self.fact(node.column.name)
                accepted = [column.values.index(code) for code in node.codes]
                return np.where(codes < 0, UNKNOWN, _sure(np.isin(codes, accepted))).astype(np.int8)
            case n.AtLeast():
                left, right = self.numbers(node.left), self.numbers(node.right)
                return np.where(np.isnan(left) | np.isnan(right), UNKNOWN, _sure(left >= right)).astype(np.int8)
            case n.Recorded():
                return self._recorded(node.value)
        return self._about_dates(node)

    def _recorded(self, node: Node) -> Truths:
        assert isinstance(node, n.ColumnValue)
        if node.type is Type.TRUTH:
            return _sure(self.truth(node) != UNKNOWN)
        if node.type is Type.CODE:
            return _sure(self.fact(node.name) >= 0)
        return _sure(~np.isnan(self.fact(node.name)))

    def _about_dates(self, node: Node) -> Truths:
        match node:
            case n.WithinMonths():
                return _sure(self.fact(node.date.name) > -_DAYS_A_MONTH * self.numbers(node.months))
            case n.InSeason():
                days = self.fact(node.date.name)
                first, last = self._season(node)
                return _sure((days >= first) & (days <= last))
            case n.OnRegister():
                diagnosed, resolved = self.fact(node.diagnosed.name), self.fact(node.resolved.name)
                return _sure(~np.isnan(diagnosed) & ~(diagnosed < resolved))
        raise AssertionError(f"nothing is imagined for {type(node).__name__}")

    def _as_truth(self, name: str) -> Truths:
        answers = self.answers[name]
        return np.where(answers == NOT_APPLICABLE, NO, answers).astype(np.int8)

    def _season(self, node: n.InSeason) -> tuple[float, float]:
        """First and last day of the latest season, in days from the reference date."""
        assert isinstance(node.start, n.Parameter)
        assert isinstance(node.end, n.Parameter)
        ref, parameters = self.setting.reference_date, self.setting.parameters
        start, end = (month_day(str(parameters[part.name])) for part in (node.start, node.end))
        first = max(day for year in (ref.year - 1, ref.year) if (day := date(year, *start)) <= ref)
        last = min(day for year in (first.year, first.year + 1) if (day := date(year, *end)) >= first)
        return (first - ref).days, (last - ref).days

    def numbers(self, node: Node) -> Numbers:
        """Numbers, or dates as days from the reference date; NaN is null."""
        match node:
            case n.Literal():
                return np.full(self.people, node.value)
            case n.Parameter():
                return np.full(self.people, float(self.setting.parameters[node.name]))
            case n.ReferenceDate():
                return np.zeros(self.people)
            case n.ColumnValue():
                return self.fact(node.name)
            case n.DaysBetween():
                return self.numbers(node.end) - self.numbers(node.start)
            case n.Sum():
                right = self.numbers(node.right)
                return self.numbers(node.left) + (-right if node.minus else right)
            case n.Choice():
                condition = self.truth(node.condition)
                chosen = np.where(condition == YES, self.numbers(node.if_yes), self.numbers(node.if_no))
                return np.where(condition == UNKNOWN, np.nan, chosen)
        raise AssertionError(f"nothing is imagined for {type(node).__name__}")

    def fact(self, name: str) -> npt.NDArray[Any]:
        """A column: truths as int8, codes as int64 with -1 for null, numbers and days from the reference date with NaN."""
        if name not in self._facts:
            self._facts[name] = self._imagine(name)
        return self._facts[name]

    def _imagine(self, name: str) -> npt.NDArray[Any]:
        column, random = find_column(name), self._random
        null = (random.random(self.people) < self._null_rate) | (name in self.setting.absent)
        if column is not None and column.kind is Kind.BOOL:
            yes = _sure(random.random(self.people) < self._yes_rate)
            return np.where(null, UNKNOWN, yes).astype(np.int8)
        if column is not None and column.kind is Kind.CODE:
            codes = self._choose(len(column.values))
            return np.where(null, column.values.index(column.otherwise) if column.otherwise else -1, codes)
        values = np.array(self._values(name), np.float64)
        if column is not None and column.kind is Kind.DATE:
            values = np.sort(-values[(values >= 0) & (values <= _LONG_AGO)])[::-1]
        return np.where(null, np.nan, values[self._choose(len(values))])

    def _choose(self, values: int) -> npt.NDArray[np.int64]:
        """A place in a list for everyone: some lean to its beginning, others to its end."""
        places: npt.NDArray[np.int64] = (self._random.random(self.people) ** self._lean * values).astype(np.int64)
        return places

    def _values(self, name: str) -> list[float]:
        """Values around everything that a column is compared with."""
        constants = self._constants.get(name, set())
        if name == "deprivation_decile":
            return [float(decile) for decile in range(1, 11)]
        if name == "age":
            return sorted([*map(float, range(101)), *(age for c in constants if 0 < c < 120 for age in 8 * (c - 1.0, c))])
        near = {c + step for c in constants for step in (-1.0, 0.0, 1.0)}
        column = find_column(name)
        if column is None or column.kind is not Kind.DATE:
            return sorted({a - b for a in near for b in (0.0, *constants) if b <= 10} | {0.0, 1_000.0})
        months = {_DAYS_A_MONTH * c + step for c in constants if c <= 240 for step in (-5.0, 5.0)}
        return sorted(near | months | {0.0, 1.0, 100.0, 400.0, 4_000.0, _LONG_AGO})

    def having(self, stratum: str, label: str) -> npt.NDArray[np.bool_] | None:
        """Who would be in a stratum, where that says something about the answers."""
        reader = _STRATA.get(stratum)
        if reader is not None:
            return reader(self, label)
        column = find_column(stratum)
        if column is None or stratum not in self._facts:
            return None
        if column.kind is Kind.BOOL:
            codes = {"false": NO, "unknown": UNKNOWN, "true": YES}
            return np.asarray(self.fact(stratum) == codes[label])
        if column.kind is Kind.CODE and column.read is not None:
            code = column.read(label.upper()) or column.otherwise
            return np.asarray(self.fact(stratum) == (column.values.index(code) if code else -1))
        return None


def _sure(yes: npt.NDArray[np.bool_]) -> Truths:
    return np.where(yes, YES, NO).astype(np.int8)


def _constants_by_column(setting: Setting) -> dict[str, set[float]]:
    """What each column is compared with, or with what it is added up, in any sentence."""
    found: dict[str, set[float]] = {}
    for indicator in setting.indicators:
        for node in (indicator.among, indicator.where, indicator.known):
            constants = set(_constants(node, setting.parameters))
            for name in columns_of(node):
                found.setdefault(name, set()).update(constants)
    seasons = {
        float(value) for spec in setting.parameters.values() if isinstance(spec, str) for value in _days_ago(spec, setting)
    }
    return {name: constants | seasons for name, constants in found.items()}


def _days_ago(text: str, setting: Setting) -> Iterator[int]:
    ref = setting.reference_date
    for year in (ref.year, ref.year - 1, ref.year - 2):
        yield (ref - date(year, *month_day(text))).days


def _constants(node: Node, parameters: Mapping[str, ParameterValue]) -> Iterator[float]:
    if isinstance(node, n.Literal):
        yield node.value
    if isinstance(node, n.Parameter) and not isinstance(parameters[node.name], str):
        yield float(parameters[node.name])
    for part in node.parts():
        yield from _constants(part, parameters)


def _by_age(people: ImaginedPeople, label: str) -> npt.NDArray[np.bool_]:
    age = people.fact("age")
    if label == "unknown":
        return np.asarray(np.isnan(age))
    low, _, high = label.rstrip("+").partition("-")
    return np.asarray((age >= int(low)) & (age <= int(high or 1_000)))


def _by_decile(people: ImaginedPeople, label: str, width: int) -> npt.NDArray[np.bool_]:
    decile = people.fact("deprivation_decile")
    return np.isnan(decile) if label == "unknown" else np.asarray(np.ceil(decile / width) == int(label))


def _by_ethnicity(people: ImaginedPeople, label: str, group: bool) -> npt.NDArray[np.bool_]:
    column = find_column("ethnic_category")
    assert column is not None
    codes = [place for place, code in enumerate(column.values) if (ETHNIC_GROUPS[code] if group else code) == label]
    return np.isin(people.fact("ethnic_category"), codes or [-1])


def _by_segment(people: ImaginedPeople, label: str) -> npt.NDArray[np.bool_] | None:
    if not {"core20", "plus_any"} <= set(people.answers):
        return None
    core20, plus = people.answers["core20"], people.answers["plus_any"]
    wanted = {"core20 only": (YES, NO), "plus only": (NO, YES), "both": (YES, YES), "neither": (NO, NO)}
    if label not in wanted:
        return np.asarray((core20 == UNKNOWN) | (plus == UNKNOWN))
    return np.asarray((core20 == wanted[label][0]) & (plus == wanted[label][1]))


_STRATA: Mapping[str, Callable[[ImaginedPeople, str], npt.NDArray[np.bool_] | None]] = {
    "imd_decile": lambda people, label: _by_decile(people, label, 1),
    "imd_quintile": lambda people, label: _by_decile(people, label, 2),
    "ethnic_category": lambda people, label: _by_ethnicity(people, label, False),
    "ethnic_group": lambda people, label: _by_ethnicity(people, label, True),
    "age_band_5y": _by_age,
    "age_band_10y": _by_age,
    "age_band_broad": _by_age,
    "core20plus_segment": _by_segment,
}
