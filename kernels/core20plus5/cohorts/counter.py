"""Add people into counts, a buffer at a time."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from core20plus5.cohorts.counts import CohortCounts, check_size, width_of
from core20plus5.cohorts.records import Records
from core20plus5.ingest import Ledger
from core20plus5.kernels.counting import count_strata, fill_cells, sort_rows, tally_strata
from core20plus5.strata import Labels, StratumIndex

#: People who wait before they are sorted: so many for each stratum, that they fill words of 64 and its counts seldom come from
#: memory. But no fewer than the first number, and no more than the second.
_OF_STRATUM, _FEWEST, _MOST = 1 << 10, 1 << 17, 1 << 21

#: Numbers of 8 bytes that a count may hold: those of its strata, each with all its cells or with its records.
MAX_CELLS = 1 << 26

#: Of these, how many are for strata that have all their cells. Further strata have records: people by their answers.
TABLE_CELLS = 1 << 24

#: The table is begun when people fill one part in so many of its room as records. Until then these take less time: a part of the
#: records of a large job seldom has many people for each stratum, and so does a small question.
_FEW = 4

#: What a stratum takes besides, for the numbers of its labels and two slots of a hash table; and what a label takes, as text.
_CELLS_OF_STRATUM, _CELLS_OF_LABEL = 4, 20

#: Bytes of the labels of one row that nobody need reckon with.
_USUAL_LABELS = 64

#: Answers of people, and the numbers of their strata.
Waiting = tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]


def _cells_of_label(labels: Labels) -> int:
    """What one label takes: as text, encoded, and in a table where each has the room of the longest."""
    return _CELLS_OF_LABEL + 3 * labels.longest // 8


class Counter:
    """The counts of a call. Not safe for several threads; it uses those of `pool` itself, by ranges of strata."""

    def __init__(
        self,
        strata: tuple[str, ...],
        labels: tuple[Labels, ...],
        indicators: tuple[str, ...],
        cohorts: tuple[str, ...],
        pool: Executor | None = None,
        threads: int = 1,
        max_cells: int = MAX_CELLS,
        whole: bool = True,
    ) -> None:
        """whole: False for a part of the records, which is to be merged with others: they would have tables of different strata
        where there are more strata than one table has room for, so that there is none before memory asks for it."""
        self.strata, self.indicators, self.cohorts = strata, indicators, cohorts
        self.ledger = Ledger()
        self._labels, self._pool, self._threads, self._max_cells = labels, pool, threads, max_cells
        self._index = StratumIndex(len(strata))
        self._cohort_places = np.array([indicators.index(name) for name in cohorts], np.int64)
        self._waiting: list[Waiting] = []
        self._rows = 0
        self._sorted = np.empty((0, (len(indicators) + 31) // 32), np.uint64)
        self._cells = (2 * len(cohorts) - 1) * width_of(indicators)
        self._most_in_table, self._whole = max(1, min(TABLE_CELLS, max_cells) // self._cells), whole
        #: How many strata the table has room for: none before it is begun.
        self._table_strata = 0
        #: Counts, of which the first are there; the others are room.
        self._strata_counted = 0
        self._counts = np.empty((0, 2 * len(cohorts) - 1, width_of(indicators)), np.int64)
        # To join records takes their room a second time.
        self._records = Records(self._sorted.shape[1], max_cells // 2, pool)
        self._under_way: list[Future[None]] = []

    def add(self, rows: npt.NDArray[np.uint64], codes: npt.NDArray[np.int32], ledger: Ledger) -> None:
        """Add people. rows: uint64 (n, parts), packed answers; codes: int32 (strata, n or more), their labels.

        Raises TooManyCellsError when the populated strata hold more than allowed.
        """
        self.ledger += ledger
        numbers = np.empty(len(rows), np.int32)
        self._index.numbers(codes, [len(labels) for labels in self._labels], numbers)
        self._waiting.append((rows, numbers))
        self._rows += len(rows)
        if self._rows >= min(max(_OF_STRATUM * len(self._index), _FEWEST), _MOST):
            self._flush()

    def _flush(self) -> None:
        """Sort the people who wait by stratum, and add them to the table, or to the records of strata that have none."""
        strata = len(self._index)
        starts = self._sort(strata)
        if not self._table_strata and self._is_worth_a_table(strata, int(starts[-1])):
            self._begin_table(strata)
        in_table = min(strata, self._table_strata)
        if strata > in_table:
            self._records.add(starts[in_table:], self._sorted)
        self._check_size(strata)
        self._count(starts[: in_table + 1])

    def _is_worth_a_table(self, strata: int, people: int) -> bool:
        """Whether there are many people for a table of these strata. people: those to be added."""
        held = self._records.cells + people * (self._sorted.shape[1] + 1)
        fits = self._whole or strata <= self._most_in_table
        return held > (min(strata, self._most_in_table) * self._cells if fits else self._max_cells) // _FEW

    def _begin_table(self, strata: int) -> None:
        """From now on the first strata have all their cells; what they have had as records is counted."""
        self._table_strata = self._most_in_table
        if not self._records.cells:
            return
        self._strata_counted = in_table = min(strata, self._table_strata)
        records = self._records.give_up_first(in_table, strata)
        nothing, self._counts = self._counts, np.empty((in_table, *self._counts.shape[1:]), np.int64)
        fill_cells(nothing, *records, np.arange(in_table), self._cohort_places, self._counts)

    def _sort(self, strata: int) -> npt.NDArray[np.int64]:
        """Sort the people who wait, each thread some of them; where those of each stratum start, and end: int64 (strata + 1,)."""
        shares = max(1, min(self._threads, self._rows // max(1, strata)))  # a tally for each: no more numbers than people
        parts = [part for first in range(shares) if (part := self._waiting[first::shares])]
        sizes = np.zeros((len(parts) + 1, strata), np.int64)
        for size, part in zip(sizes[1:], parts, strict=True):
            for _, numbers in part:
                tally_strata(numbers, size)
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes.sum(axis=0))])
        places = starts[:-1] + np.cumsum(sizes[:-1], axis=0)
        self._finish()  # the sorted rows of the last time have been counted now
        if self._rows > len(self._sorted):
            self._sorted = np.empty((self._rows, self._sorted.shape[1]), np.uint64)
        self._begin([partial(self._sort_some, part, own) for part, own in zip(parts, places, strict=True)])
        self._finish()
        self._waiting, self._rows = [], 0
        return starts

    def _sort_some(self, waiting: list[Waiting], places: npt.NDArray[np.int64]) -> None:
        for rows, numbers in waiting:
            sort_rows(numbers, rows, places, self._sorted)

    def _check_size(self, strata: int) -> None:
        if self._used(strata) > self._max_cells:
            self._records.join(strata - self._table_strata)
        check_size(strata, self._cells, self._used(strata), self._max_cells)

    def _used(self, strata: int) -> int:
        """Numbers of 8 bytes that are held, and those that the labels of the answer will take. The first strata are reckoned
        as in a table even before there is one: so refusals follow from strata, and not from how few people there are."""
        beyond = self._records.cells_after(self._most_in_table - self._table_strata)
        used = min(strata, self._most_in_table) * self._cells + beyond
        used += _CELLS_OF_STRATUM * strata + sum(len(labels) * _cells_of_label(labels) for labels in self._labels)
        # Every row of the answer has its labels; what they usually take is part of what a cell is reckoned at.
        text = max(0, sum(labels.longest for labels in self._labels) - _USUAL_LABELS)
        return used + strata * self._cells * text // 16

    def _count(self, starts: npt.NDArray[np.int64]) -> None:
        """Add the sorted people to the table, on all threads, while the next people are read."""
        strata, known = len(starts) - 1, self._strata_counted
        if strata > len(self._counts):
            # With a little room to spare: most strata have been met by the first time, and the few that come late would cost as
            # much as to count some millions of people does.
            room = min(self._table_strata, strata + strata // 4)
            grown = np.empty((room, *self._counts.shape[1:]), np.int64)
            grown[:known] = self._counts[:known]
            self._counts = grown
        self._begin([partial(self._count_some, starts, first, last, known) for first, last in self._ranges(starts)])
        self._strata_counted = strata

    def _count_some(self, starts: npt.NDArray[np.int64], first: int, last: int, known: int) -> None:
        """The strata from `known` on are met for the first time: to clear them all at once keeps the other threads waiting."""
        self._counts[max(first, known) : last] = 0
        count_strata(self._sorted, starts, first, last, self._cohort_places, self._counts)

    def _begin(self, tasks: list[Callable[[], None]]) -> None:
        """Tasks on the threads of the pool; here and now where there is none, or nothing to share."""
        if self._pool is None or len(tasks) <= 1:
            for task in tasks:
                task()
        else:
            self._under_way = [self._pool.submit(task) for task in tasks]

    def _finish(self) -> None:
        for future in self._under_way:
            future.result()
        self._under_way = []

    def _ranges(self, starts: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
        """Ranges of strata with about equally many people: threads that share no stratum need no lock."""
        wanted = np.linspace(0, starts[-1], 4 * self._threads + 1)
        edges = np.unique(np.searchsorted(starts, wanted))
        edges = np.unique(np.concatenate([[0], edges, [len(starts) - 1]]))
        return [(int(first), int(last)) for first, last in pairwise(edges)]

    def result(self) -> CohortCounts:
        """The counts of everyone added so far."""
        self._flush()
        self._finish()
        strata = len(self._index)
        in_table = min(strata, self._table_strata)
        return CohortCounts(
            self.strata,
            self.cohorts,
            self.indicators,
            tuple(labels.names for labels in self._labels),
            self._index.members.astype(np.int64),
            self._counts[:in_table],
            self._records.finish(strata - in_table),
            self.ledger,
        )
