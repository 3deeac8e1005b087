"""Run the plan over a block: one answer per indicator and person."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core20plus5.flags.plan import Plan
from core20plus5.flags.program import Array, Place, Slots, Step, Steps
from core20plus5.ingest import Columns
from core20plus5.ingest.arrays import every_row
from core20plus5.kernels import logic
from core20plus5.kernels.planes import pack
from core20plus5.rulesets import Indicator

Plane = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Program:
    """A compiled plan: its steps, and the places of what is wanted from them."""

    plan: Plan
    steps: tuple[Step, ...]
    answers: Place
    exclusions: tuple[tuple[str, Place], ...]
    checks: tuple[tuple[str, str, Place], ...]

    @classmethod
    def of(cls, plan: Plan) -> "Program":
        """Compile a plan: exclusions first, then each indicator in working order, then the checks."""
        request = plan.request
        steps = Steps(request.reference_date, request.parameters, plan.plus_groups)
        exclusions = tuple((rule.reason, steps.truth(rule.where)) for rule in request.ruleset.exclusions)
        counted = steps.add(_counted([place for _, place in exclusions]))
        indicators = len(plan.indicators)
        answers = steps.add(lambda columns, slots: np.empty((indicators, 2, columns.words), np.uint64))
        for number, indicator in enumerate(plan.indicators):
            _add_answer(steps, indicator, number, counted, answers)
        checks = tuple((str(rule.column), rule.reason, steps.truth(rule.where)) for rule in plan.checks)
        return cls(plan, tuple(steps.steps), answers, exclusions, checks)


def _add_answer(steps: Steps, indicator: Indicator, number: int, counted: Place, answers: Place) -> None:
    among, where, known = (steps.truth(node) for node in (indicator.among, indicator.where, indicator.known))
    strict = indicator.strict

    def step(columns: Columns, slots: Slots) -> Array:
        out: Array = slots[answers][number]
        logic.answer(slots[counted], slots[among], slots[where], slots[known], strict, out)
        return out

    steps.answers[indicator.name] = steps.add(step)


def _counted(exclusions: list[Place]) -> Step:
    def step(columns: Columns, slots: Slots) -> Plane:
        counted = every_row(columns.rows)
        for place in exclusions:
            counted &= ~slots[place][0]
        return counted

    return step


@dataclass(frozen=True)
class Flags:
    """Answers of one block.

    answers: uint64 (indicators, 2, words), in the order of the plan; excluded: for each reason, in the order in which they are
    tried, the plane of the people it applies to and no earlier one does.
    """

    rows: int
    answers: Plane
    excluded: tuple[tuple[str, Plane], ...]

    def row_words(self) -> Plane:
        """The answers by person: uint64 (rows, ceil(indicators / 32))."""
        rows = np.empty((self.rows, (self.answers.shape[0] + 31) // 32), np.uint64)
        pack(self.answers, rows)
        return rows


def evaluate(program: Program, columns: Columns) -> Flags:
    """Answer every indicator for every person of a block, and complete its ledger."""
    slots: Slots = []
    for step in program.steps:
        slots.append(step(columns, slots))
    remaining = every_row(columns.rows)
    real, excluded = remaining.copy(), []
    for reason, place in program.exclusions:
        found = slots[place][0] & remaining
        remaining &= ~found
        excluded.append((reason, found))
        columns.ledger.excluded[reason] += _bits(found)
    columns.ledger.counted += _bits(remaining)
    for column, reason, place in program.checks:
        rows = _bits(slots[place][0] & real)
        if rows:
            columns.ledger.findings[column, reason] += rows
    answers: Plane = slots[program.answers]
    return Flags(columns.rows, answers, tuple(excluded))


def _bits(plane: Plane) -> int:
    return int(np.bitwise_count(plane).sum())
