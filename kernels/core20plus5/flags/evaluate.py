"""Run the plan over a block: one answer per indicator and person."""

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core20plus5.flags.plan import Plan
from core20plus5.flags.program import Step, Steps
from core20plus5.flags.room import in_less_room
from core20plus5.ingest import Block, Ledger
from core20plus5.ingest.arrays import every_row
from core20plus5.kernels import steps as kernel
from core20plus5.kernels.planes import pack, sort_out

Plane = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Program:
    """A compiled plan: its steps as `run_steps` takes them, the columns that they read, and what the kept planes are.

    exclusions: the reason of each of the first kept planes; checks: column and reason of each of the others.
    """

    plan: Plan
    steps: npt.NDArray[np.int64]
    limits: npt.NDArray[np.float64]
    columns: tuple[tuple[str, str], ...]
    truths: int
    values: int
    exclusions: tuple[str, ...]
    checks: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, plan: Plan) -> "Program":
        """Compile a plan: exclusions first, then each indicator in working order, then the checks."""
        request = plan.request
        steps = Steps(request.reference_date, request.parameters, plan.plus_groups)
        excluded = [steps.truth(rule.where) for rule in request.ruleset.exclusions]
        counted = steps.add(kernel.REAL_ROWS)
        for place in excluded:
            counted = steps.add(kernel.EXCEPT, counted, place)
        for number, indicator in enumerate(plan.indicators):
            nodes = (indicator.among, indicator.where, indicator.known)
            places = [steps.truth(node) for node in nodes]
            steps.answers[indicator.name] = steps.add(kernel.ANSWER, counted, *places, 2 * number + indicator.strict)
        for number, place in enumerate([*excluded, *(steps.truth(rule.where) for rule in plan.checks)]):
            steps.steps.append(Step(kernel.KEEP, number, (place,)))
        ordered, truths, values = in_less_room(steps.steps)
        return cls(
            plan,
            _table([(step.code, step.out, *step.operands) for step in ordered], 7, np.int64),
            _table([step.limits for step in ordered], 2, np.float64),
            tuple(steps.columns),
            truths,
            values,
            tuple(rule.reason for rule in request.ruleset.exclusions),
            tuple((str(rule.column), rule.reason) for rule in plan.checks),
        )


def _table(rows: list[tuple[Any, ...]], width: int, dtype: Any) -> npt.NDArray[Any]:
    return np.array([(*row, *[0] * (width - len(row))) for row in rows], dtype).reshape(len(rows), width)


@dataclass(frozen=True)
class Flags:
    """Answers of one block.

    answers: uint64 (indicators, 2, words), in the order of the plan; excluded: for each reason, in the order in which they are
    tried, the plane of the people it applies to and no earlier one does; gone: these planes, uint64 (reasons, words).
    """

    rows: int
    answers: Plane
    excluded: tuple[tuple[str, Plane], ...]
    gone: Plane

    def row_words(self) -> Plane:
        """The answers by person: uint64 (rows, ceil(indicators / 32))."""
        rows = np.empty((self.rows, (self.answers.shape[0] + 31) // 32), np.uint64)
        pack(self.answers, rows)
        return rows


class _Room(threading.local):
    """Where the steps of a piece put their results: a thread's own, kept, because new memory takes longer than the steps do."""

    truths = np.empty(0, np.uint64)
    numbers = np.empty(0, np.float64)
    known = np.empty(0, np.uint64)

    def for_program(self, program: Program) -> tuple[Plane, npt.NDArray[np.float64], Plane]:
        truths, words = program.truths * 2 * kernel.PIECE_WORDS, program.values * kernel.PIECE_WORDS
        if self.truths.size < truths:
            self.truths = np.empty(truths, np.uint64)
        if self.known.size < words:
            self.numbers, self.known = np.empty(words * 64, np.float64), np.empty(words, np.uint64)
        return self.truths[:truths], self.numbers[: words * 64], self.known[:words]


_room = _Room()


def evaluate(program: Program, block: Block) -> Flags:
    """Answer every indicator for every person of a block, and complete its ledger."""
    real = every_row(block.rows)
    answers = np.empty((len(program.plan.indicators), 2, block.words), np.uint64)
    kept = np.empty((len(program.exclusions) + len(program.checks), block.words), np.uint64)
    columns, room = block.places_of(program.columns), _room.for_program(program)
    kernel.run_steps(program.steps, program.limits, columns, real, *room, answers, kept, *block.unread())
    block.tally()
    rows = np.zeros(len(kept) + 1, np.int64)
    sort_out(kept, len(program.exclusions), real, rows)
    _tally(program, rows.tolist(), block.ledger)
    return Flags(block.rows, answers, tuple(zip(program.exclusions, kept, strict=False)), kept[: len(program.exclusions)])


def _tally(program: Program, rows: list[int], ledger: Ledger) -> None:
    for reason, excluded in zip(program.exclusions, rows, strict=False):
        if excluded:
            ledger.excluded[reason] += excluded
    ledger.counted += rows[-1]
    for check, found in zip(program.checks, rows[len(program.exclusions) : -1], strict=True):
        if found:
            ledger.findings[check] += found
