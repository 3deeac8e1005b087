"""Add people into the count table, a buffer at a time."""

from collections.abc import Callable
from concurrent.futures import Executor
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from core20plus5.cohorts.counts import CohortCounts
from core20plus5.errors import TooManyCellsError
from core20plus5.ingest import Ledger
from core20plus5.kernels.counting import count_strata, sort_by_stratum
from core20plus5.strata import Coded, StratumIndex

#: People who wait before they are sorted by stratum: the more, the more of a word of 64 each stratum fills.
BUFFER_ROWS = 1 << 20

#: Cells of the count table (populated strata x cohort answers x indicator answers) that a request may have: 8 bytes each.
MAX_CELLS = 1 << 25


class Counter:
    """The count table of a call. Not safe for several threads; it uses them itself, by ranges of strata."""

    def __init__(
        self,
        strata: tuple[str, ...],
        indicators: tuple[str, ...],
        cohorts: tuple[str, ...],
        pool: Executor | None = None,
        threads: int = 1,
        max_cells: int = MAX_CELLS,
    ) -> None:
        self.strata, self.indicators, self.cohorts = strata, indicators, cohorts
        self.ledger = Ledger()
        self._pool, self._threads, self._max_cells = pool, threads, max_cells
        self._index = StratumIndex(len(strata))
        self._cohort_places = np.array([indicators.index(name) for name in cohorts], np.int64)
        parts = (len(indicators) + 31) // 32
        self._rows = np.empty((0, parts), np.uint64)
        self._numbers = np.empty(0, np.int32)
        self._filled = 0
        self._counts = np.zeros((0, 2 * len(cohorts) - 1, 3 * len(indicators)), np.int64)

    def add(self, rows: npt.NDArray[np.uint64], coded: list[Coded], ledger: Ledger) -> None:
        """Add people. rows: uint64 (n, parts), packed answers; coded: their values in each stratum column.

        Raises TooManyCellsError when the populated strata hold more cells than allowed.
        """
        self.ledger = self.ledger + ledger
        if self._filled + len(rows) > len(self._rows):
            self._make_room(len(rows))
        end = self._filled + len(rows)
        self._rows[self._filled : end] = rows
        self._numbers[self._filled : end] = self._index.numbers(coded, len(rows))
        self._filled = end
        self._check_cells()

    def _make_room(self, rows: int) -> None:
        """Grow the buffer up to its full size; then empty it instead."""
        if len(self._rows) < BUFFER_ROWS:
            size = min(BUFFER_ROWS, max(2 * len(self._rows), self._filled + rows))
            self._rows = np.concatenate([self._rows, np.empty((size - len(self._rows), self._rows.shape[1]), np.uint64)])
            self._numbers = np.concatenate([self._numbers, np.empty(size - len(self._numbers), np.int32)])
        if self._filled + rows > len(self._rows):
            self._flush()
        if rows > len(self._rows):
            self._rows = np.empty((rows, self._rows.shape[1]), np.uint64)
            self._numbers = np.empty(rows, np.int32)

    def _check_cells(self) -> None:
        cells = len(self._index) * self._counts.shape[1] * self._counts.shape[2]
        if cells > self._max_cells:
            raise TooManyCellsError(
                f"strata: {len(self._index)} populated strata x {self._counts.shape[1]} cohort answers x"
                f" {self._counts.shape[2]} indicator answers are more than {self._max_cells} cells:"
                " leave out a stratum, or name fewer cohorts or indicators"
            )

    def _flush(self) -> None:
        """Sort the buffered people by stratum and add them to the counts."""
        strata = len(self._index)
        if strata > len(self._counts):
            grown = np.zeros((max(strata, 2 * len(self._counts)), *self._counts.shape[1:]), np.int64)
            grown[: len(self._counts)] = self._counts
            self._counts = grown
        rows, numbers = self._rows[: self._filled], self._numbers[: self._filled]
        starts, ordered = np.empty(strata + 1, np.int64), np.empty_like(rows)
        sort_by_stratum(numbers, rows, starts, ordered)
        tasks = [self._task(ordered, starts, first, last) for first, last in self._ranges(starts)]
        if self._pool is None or len(tasks) == 1:
            for task in tasks:
                task()
        else:
            for done in [self._pool.submit(task) for task in tasks]:
                done.result()
        self._filled = 0

    def _task(self, rows: npt.NDArray[np.uint64], starts: npt.NDArray[np.int64], first: int, last: int) -> Callable[[], None]:
        return lambda: count_strata(rows, starts, first, last, self._cohort_places, self._counts)

    def _ranges(self, starts: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
        """Ranges of strata with about equally many people: threads that share no stratum need no lock."""
        wanted = np.linspace(0, starts[-1], 4 * self._threads + 1)
        edges = np.unique(np.searchsorted(starts, wanted))
        edges = np.unique(np.concatenate([[0], edges, [len(starts) - 1]]))
        return [(int(first), int(last)) for first, last in pairwise(edges)]

    def result(self) -> CohortCounts:
        """The counts of everyone added so far."""
        self._flush()
        labels = tuple(tuple(column) for column in self._index.labels)
        counts = self._counts[: len(self._index)]
        ledger = self.ledger
        return CohortCounts(self.strata, self.cohorts, self.indicators, labels, self._index.members(), counts, ledger)
