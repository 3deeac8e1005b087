"""From sentences to steps: each distinct part of the ruleset is worked out once per block, by one kernel."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from core20plus5.expressions import Node, Type
from core20plus5.expressions import nodes as n
from core20plus5.flags.calendar import day_number, months_before, season
from core20plus5.ingest import Columns
from core20plus5.ingest.columns import Recorded
from core20plus5.kernels import arithmetic, compare, dates, logic
from core20plus5.records import find_column
from core20plus5.rulesets import ParameterValue

Array = npt.NDArray[Any]
Slots = list[Any]  # truths and answers are arrays, numbers are Recorded
Step = Callable[[Columns, Slots], Any]
Place = int

_EVERY_BIT = np.uint64(2**64 - 1)


class Steps:
    """Steps in working order; `truth` and `number` add what a sentence needs and return the place of its result."""

    def __init__(
        self,
        reference_date: date,
        parameters: Mapping[str, ParameterValue],
        plus_groups: tuple[str, ...],
    ) -> None:
        self.reference_date = reference_date
        self.parameters = parameters
        self.plus_groups = plus_groups
        self.steps: list[Step] = []
        self.answers: dict[str, Place] = {}
        self._known: dict[Node, Place] = {}
        self._floats: dict[Node, Place] = {}

    def add(self, step: Step) -> Place:
        """Append a step; its result has the returned place."""
        self.steps.append(step)
        return len(self.steps) - 1

    def truth(self, node: Node) -> Place:
        """Place of a truth: uint64 (2, words)."""
        if node not in self._known:
            self._known[node] = self._truth(node)
        return self._known[node]

    def numbers(self, node: Node) -> Place:
        """Place of the numbers, or of the dates as numbers of days: Recorded."""
        if node not in self._known:
            self._known[node] = self._numbers(node)
        return self._known[node]

    def floats(self, node: Node) -> Place:
        """As `numbers`, but float64 whatever they came as."""
        if node not in self._floats:
            place = self.numbers(node)
            self._floats[node] = self.add(lambda columns, slots: _as_floats(slots[place]))
        return self._floats[node]

    def _truth(self, node: Node) -> Place:
        match node:
            case n.Both() | n.Either():
                return self._join(logic.both if isinstance(node, n.Both) else logic.either, node.left, node.right)
            case n.Negation() | n.IsYes():
                return self._apply(logic.negate if isinstance(node, n.Negation) else logic.is_yes, self.truth(node.of))
            case n.AtLeast():
                return self._at_least(node)
            case n.Recorded():
                return self._recorded(node.value)
            case n.WithinMonths() | n.InSeason() | n.OnRegister():
                return self._about_dates(node)
            case n.IndicatorAnswer():
                return self._apply(logic.answer_as_truth, self.answers[node.name])
            case n.AnyPlusGroup():
                return self._any_plus_group()
        return self.add(_leaf(node))

    def _join(self, kernel: Callable[..., None], left: Node, right: Node) -> Place:
        one, two = self.truth(left), self.truth(right)

        def step(columns: Columns, slots: Slots) -> Array:
            out = _empty_truth(columns)
            kernel(slots[one], slots[two], out)
            return out

        return self.add(step)

    def _apply(self, kernel: Callable[..., None], place: Place) -> Place:
        def step(columns: Columns, slots: Slots) -> Array:
            out = _empty_truth(columns)
            kernel(slots[place], out)
            return out

        return self.add(step)

    def _at_least(self, node: n.AtLeast) -> Place:
        left, right = self._constant(node.left), self._constant(node.right)
        if right is not None and left is None:
            return self._limit(compare.at_least, self.numbers(node.left), right)
        if left is not None and right is None:
            return self._limit(compare.at_most, self.numbers(node.right), left)
        one, two = self.floats(node.left), self.floats(node.right)

        def step(columns: Columns, slots: Slots) -> Array:
            out = _empty_truth(columns)
            compare.at_least_each(*slots[one], *slots[two], out)
            return out

        return self.add(step)

    def _limit(self, kernel: Callable[..., None], place: Place, limit: float) -> Place:
        def step(columns: Columns, slots: Slots) -> Array:
            out = _empty_truth(columns)
            kernel(*slots[place], limit, out)
            return out

        return self.add(step)

    def _constant(self, node: Node) -> float | None:
        """The value of a node that is the same for everyone."""
        if isinstance(node, n.Literal):
            return node.value
        if isinstance(node, n.Parameter):
            return float(self.parameters[node.name])
        if isinstance(node, n.ReferenceDate):
            return float(day_number(self.reference_date))
        return None

    def _recorded(self, value: Node) -> Place:
        assert isinstance(value, n.ColumnValue)
        name = value.name
        if value.type is Type.TRUTH:
            return self._apply(logic.is_known, self.truth(value))
        if value.type is Type.CODE:
            column = find_column(name)
            assert column is not None
            return self._apply(logic.is_known, self.truth(n.CodeIn(value, column.values)))
        is_date = value.type is Type.DATE

        def step(columns: Columns, slots: Slots) -> Array:
            out = _empty_truth(columns)
            compare.plane_as_truth((columns.dates if is_date else columns.numbers)[name].known, out)
            return out

        return self.add(step)

    def _about_dates(self, node: n.WithinMonths | n.InSeason | n.OnRegister) -> Place:
        today = np.int32(day_number(self.reference_date))
        if isinstance(node, n.WithinMonths):
            months = self._constant(node.months)
            assert months is not None
            return self._dated(node.date.name, np.int32(months_before(self.reference_date, int(months))), today)
        if isinstance(node, n.InSeason):
            assert isinstance(node.start, n.Parameter)
            assert isinstance(node.end, n.Parameter)
            start, end = str(self.parameters[node.start.name]), str(self.parameters[node.end.name])
            first, last = season(self.reference_date, start, end)
            return self._dated(node.date.name, np.int32(first - 1), min(np.int32(last), today))
        diagnosed, resolved = node.diagnosed.name, node.resolved.name

        def step(columns: Columns, slots: Slots) -> Array:
            out = _empty_truth(columns)
            dates.on_register(*columns.dates[diagnosed], *columns.dates[resolved], out)
            return out

        return self.add(step)

    def _dated(self, name: str, after: np.int32, until: np.int32) -> Place:
        def step(columns: Columns, slots: Slots) -> Array:
            out = _empty_truth(columns)
            dates.dated_between(*columns.dates[name], after, until, out)
            return out

        return self.add(step)

    def _any_plus_group(self) -> Place:
        place = self.truth(n.Always(False))
        for name in self.plus_groups:
            group = n.IndicatorAnswer(name)
            one, two = place, self.truth(group)

            def step(columns: Columns, slots: Slots, one: int = one, two: int = two) -> Array:
                out = _empty_truth(columns)
                logic.either(slots[one], slots[two], out)
                return out

            place = self.add(step)
        return place

    def _numbers(self, node: Node) -> Place:
        constant = self._constant(node)
        if constant is not None:
            return self.add(lambda columns, slots: _filled(columns.words, constant))
        match node:
            case n.ColumnValue() if node.type is Type.NUMBER:
                name = node.name
                return self.add(lambda columns, slots: columns.numbers[name])
            case n.ColumnValue():
                date = node.name
                return self.add(lambda columns, slots: columns.dates[date])
            case n.DaysBetween():
                return self._sum(node.end, node.start, -1.0)
            case n.Sum():
                return self._sum(node.left, node.right, -1.0 if node.minus else 1.0)
            case n.Choice():
                return self._choice(node)
        raise AssertionError(f"no step for {type(node).__name__}")

    def _sum(self, left: Node, right: Node, sign: float) -> Place:
        one, two = self.floats(left), self.floats(right)

        def step(columns: Columns, slots: Slots) -> Recorded:
            out, known = _empty_numbers(columns)
            arithmetic.add(*slots[one], *slots[two], sign, out, known)
            return Recorded.of(out, known)

        return self.add(step)

    def _choice(self, node: n.Choice) -> Place:
        condition = self.truth(node.condition)
        if_yes, if_no = self.floats(node.if_yes), self.floats(node.if_no)

        def step(columns: Columns, slots: Slots) -> Recorded:
            out, known = _empty_numbers(columns)
            arithmetic.select(slots[condition], *slots[if_yes], *slots[if_no], out, known)
            return Recorded.of(out, known)

        return self.add(step)


def _empty_truth(columns: Columns) -> npt.NDArray[np.uint64]:
    return np.empty((2, columns.words), np.uint64)


def _empty_numbers(columns: Columns) -> tuple[Array, Array]:
    return np.empty(columns.words * 64, np.float64), np.empty(columns.words, np.uint64)


def _as_floats(numbers: Recorded) -> Recorded:
    """Numbers or dates as float64."""
    if numbers.values.dtype == np.float64:
        return numbers
    out = np.empty(numbers.values.size, np.float64)
    arithmetic.as_numbers(*numbers, out)
    return Recorded.of(out, numbers.known)


@lru_cache(maxsize=64)
def _filled(words: int, value: float) -> Recorded:
    """The same number for everyone; kept from block to block, since nothing writes into the result of a step."""
    return Recorded.of(np.full(words * 64, value), np.full(words, _EVERY_BIT))


def _leaf(node: Node) -> Step:
    """A truth that depends on no other: a constant, a bool column or a code column."""
    match node:
        case n.Always(value=value):
            word = _EVERY_BIT if value else np.uint64(0)
            return lambda columns, slots: np.full((2, columns.words), word)
        case n.ColumnValue(name=name):
            return lambda columns, slots: columns.truths[name]
        case n.CodeIn():
            return _code_in(node)
    raise AssertionError(f"no step for {type(node).__name__}")


def _code_in(node: n.CodeIn) -> Step:
    name = node.column.name
    column = find_column(name)
    assert column is not None
    accepted = np.uint64(sum(1 << column.values.index(code) for code in set(node.codes)))

    def step(columns: Columns, slots: Slots) -> Array:
        out = _empty_truth(columns)
        compare.code_in(columns.codes[name], accepted, out)
        return out

    return step
