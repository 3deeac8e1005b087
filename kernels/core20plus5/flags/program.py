"""From sentences to steps: each distinct part of the ruleset is worked out once per block."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from core20plus5.expressions import Node, Type
from core20plus5.expressions import nodes as n
from core20plus5.flags.calendar import day_number, months_before, season
from core20plus5.kernels import steps as kernel
from core20plus5.records import find_column
from core20plus5.rulesets import ParameterValue

Place = int


class Operand(NamedTuple):
    """Where a column is read (its place among the columns), or numbers that were worked out (theirs among the numbers)."""

    is_column: bool
    place: Place


@dataclass(frozen=True)
class Step:
    """One row of `run_steps`: what to do, where its result goes, its operands and limits."""

    code: int
    out: Place
    operands: tuple[int, ...] = ()
    limits: tuple[float, ...] = ()


class Steps:
    """Steps in working order; `truth` and `numbers` add what a sentence needs and return the place of its result.

    columns: what is read, as ("dates", "numbers", "codes" or "truths", name); truths, values: how many results of each there are.
    """

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
        self.columns: dict[tuple[str, str], Place] = {}
        self.answers: dict[str, Place] = {}
        self.truths = self.values = 0
        self._known: dict[Node, Place] = {}
        self._operands: dict[Node, Operand] = {}
        self._floats: dict[Node, Place] = {}

    def add(self, code: int, *operands: int, limits: tuple[float, ...] = ()) -> Place:
        """Append a step whose result is a truth, and return its place."""
        self.steps.append(Step(code, self.truths, operands, limits))
        self.truths += 1
        return self.truths - 1

    def truth(self, node: Node) -> Place:
        """Place of a truth."""
        if node not in self._known:
            self._known[node] = self._truth(node)
        return self._known[node]

    def _column(self, kind: str, name: str) -> Place:
        return self.columns.setdefault((kind, name), len(self.columns))

    def _numbers_step(self, code: int, *operands: int, limits: tuple[float, ...] = ()) -> Place:
        self.steps.append(Step(code, self.values, operands, limits))
        self.values += 1
        return self.values - 1

    def _truth(self, node: Node) -> Place:
        match node:
            case n.Both() | n.Either():
                code = kernel.BOTH if isinstance(node, n.Both) else kernel.EITHER
                return self.add(code, self.truth(node.left), self.truth(node.right))
            case n.Negation() | n.IsYes():
                return self.add(kernel.NEGATE if isinstance(node, n.Negation) else kernel.IS_YES, self.truth(node.of))
            case n.AtLeast():
                return self._at_least(node)
            case n.Recorded():
                return self._recorded(node.value)
            case n.WithinMonths() | n.InSeason() | n.OnRegister():
                return self._about_dates(node)
            case n.IndicatorAnswer():
                return self.add(kernel.ANSWER_AS_TRUTH, self.answers[node.name])
            case n.AnyPlusGroup():
                return self._any_plus_group()
        return self._leaf(node)

    def _leaf(self, node: Node) -> Place:
        """A truth that depends on no other: a constant, a bool column or a code column."""
        match node:
            case n.Always(value=value):
                return self.add(kernel.CONSTANT, int(value))
            case n.ColumnValue(name=name):
                return self.add(kernel.TRUTH_OF, self._column("truths", name))
            case n.CodeIn():
                column = find_column(node.column.name)
                assert column is not None
                accepted = sum(1 << column.values.index(code) for code in set(node.codes))
                return self.add(kernel.CODE_IN, self._column("codes", node.column.name), accepted)
        raise AssertionError(f"no step for {type(node).__name__}")

    def _at_least(self, node: n.AtLeast) -> Place:
        left, right = self._constant(node.left), self._constant(node.right)
        if right is not None and left is None:
            return self._limit(kernel.AT_LEAST, kernel.NUMBERS_AT_LEAST, node.left, right)
        if left is not None and right is None:
            return self._limit(kernel.AT_MOST, kernel.NUMBERS_AT_MOST, node.right, left)
        return self.add(kernel.NUMBERS_AT_LEAST_EACH, self._float(node.left), self._float(node.right))

    def _limit(self, of_column: int, of_numbers: int, node: Node, limit: float) -> Place:
        operand = self._operand(node)
        return self.add(of_column if operand.is_column else of_numbers, operand.place, limits=(limit,))

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
        if value.type is Type.TRUTH:
            return self.add(kernel.IS_KNOWN, self.truth(value))
        if value.type is Type.CODE:
            column = find_column(value.name)
            assert column is not None
            return self.add(kernel.IS_KNOWN, self.truth(n.CodeIn(value, column.values)))
        return self.add(kernel.RECORDED, self._operand(value).place)

    def _about_dates(self, node: n.WithinMonths | n.InSeason | n.OnRegister) -> Place:
        today = day_number(self.reference_date)
        if isinstance(node, n.WithinMonths):
            months = self._constant(node.months)
            assert months is not None
            return self._dated(node.date.name, months_before(self.reference_date, int(months)), today)
        if isinstance(node, n.InSeason):
            assert isinstance(node.start, n.Parameter)
            assert isinstance(node.end, n.Parameter)
            start, end = str(self.parameters[node.start.name]), str(self.parameters[node.end.name])
            first, last = season(self.reference_date, start, end)
            return self._dated(node.date.name, first - 1, min(last, today))
        diagnosed, resolved = (self._column("dates", column.name) for column in (node.diagnosed, node.resolved))
        return self.add(kernel.ON_REGISTER, diagnosed, resolved)

    def _dated(self, name: str, after: int, until: int) -> Place:
        return self.add(kernel.DATED_BETWEEN, self._column("dates", name), limits=(after, until))

    def _any_plus_group(self) -> Place:
        place = self.truth(n.Always(False))
        for name in self.plus_groups:
            place = self.add(kernel.EITHER, place, self.truth(n.IndicatorAnswer(name)))
        return place

    def _operand(self, node: Node) -> Operand:
        """Numbers, or dates as numbers of days, wherever they are."""
        if isinstance(node, n.ColumnValue):
            return Operand(True, self._column("numbers" if node.type is Type.NUMBER else "dates", node.name))
        if node not in self._operands:
            self._operands[node] = Operand(False, self._numbers(node))
        return self._operands[node]

    def _float(self, node: Node) -> Place:
        """Place of numbers as float64, whatever they came as."""
        operand = self._operand(node)
        if not operand.is_column:
            return operand.place
        if node not in self._floats:
            self._floats[node] = self._numbers_step(kernel.LOAD, operand.place)
        return self._floats[node]

    def _numbers(self, node: Node) -> Place:
        constant = self._constant(node)
        if constant is not None:
            return self._numbers_step(kernel.FILL, limits=(constant,))
        match node:
            case n.DaysBetween():
                return self._sum(node.end, node.start, -1.0)
            case n.Sum():
                return self._sum(node.left, node.right, -1.0 if node.minus else 1.0)
            case n.Choice():
                condition = self.truth(node.condition)
                return self._numbers_step(kernel.SELECT, condition, self._float(node.if_yes), self._float(node.if_no))
        raise AssertionError(f"no step for {type(node).__name__}")

    def _sum(self, left: Node, right: Node, sign: float) -> Place:
        return self._numbers_step(kernel.ADD, self._float(left), self._float(right), limits=(sign,))
