"""Run the plan over a block: one answer per indicator and person."""

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core20plus5.flags.plan import Plan
from core20plus5.flags.program import Place, Step, Steps
from core20plus5.ingest import Columns
from core20plus5.ingest.arrays import every_row
from core20plus5.kernels import steps as kernel
from core20plus5.kernels.planes import pack

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
        return cls(
            plan,
            _table([(step.code, step.out, *step.operands) for step in steps.steps], 7, np.int64),
            _table([step.limits for step in steps.steps], 2, np.float64),
            tuple(steps.columns),
            steps.truths,
            steps.values,
            tuple(rule.reason for rule in request.ruleset.exclusions),
            tuple((str(rule.column), rule.reason) for rule in plan.checks),
        )


def _table(rows: list[tuple[Any, ...]], width: int, dtype: Any) -> npt.NDArray[Any]:
    return np.array([(*row, *[0] * (width - len(row))) for row in rows], dtype).reshape(len(rows), width)


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


def evaluate(program: Program, columns: Columns) -> Flags:
    """Answer every indicator for every person of a block, and complete its ledger."""
    real = every_row(columns.rows)
    answers = np.empty((len(program.plan.indicators), 2, columns.words), np.uint64)
    kept = np.empty((len(program.exclusions) + len(program.checks), columns.words), np.uint64)
    addresses = np.array([_addresses(columns, *column) for column in program.columns], np.int64).reshape(-1, 3)
    kernel.run_steps(program.steps, program.limits, addresses, real, *_room.for_program(program), answers, kept)
    remaining, excluded = real.copy(), []
    for reason, plane in zip(program.exclusions, kept, strict=False):
        found = plane & remaining
        remaining ^= found
        excluded.append((reason, found))
        columns.ledger.excluded[reason] += _bits(found)
    columns.ledger.counted += _bits(remaining)
    for check, plane in zip(program.checks, kept[len(program.exclusions) :], strict=True):
        rows = _bits(plane & real)
        if rows:
            columns.ledger.findings[check] += rows
    return Flags(columns.rows, answers, tuple(excluded))


def _addresses(columns: Columns, kind: str, name: str) -> tuple[int, int, Place]:
    """Where a column's values and their plane lie, and the place of its type among those of `run_steps`."""
    column: Any = getattr(columns, kind)[name]
    if kind in ("truths", "codes"):
        return _address(column), 0, 0
    return _address(column.values), _address(column.known), kernel.TYPES.index(column.values.dtype.type)


def _address(array: npt.NDArray[Any]) -> int:
    assert array.flags.c_contiguous
    place: int = array.__array_interface__["data"][0]
    return place


def _bits(plane: Plane) -> int:
    return int(np.bitwise_count(plane).sum())
