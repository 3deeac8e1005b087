"""People by stratum and by their answers to everything, as records that add up."""

from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core20plus5.kernels.records import join_equal, order_rows, place_records

#: Integers, one for each stratum.
Numbers = npt.NDArray[np.integer[Any]]


class RecordTable(NamedTuple):
    """Records in the order of their strata: answers uint64 (n, parts), people int64 (n,) who have them, and where those of each
    stratum start: int64 (strata + 1,)."""

    answers: npt.NDArray[np.uint64]
    people: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]

    @property
    def cells(self) -> int:
        """Numbers of 8 bytes held."""
        return self.answers.size + self.people.size

    def cells_after(self, strata: int) -> int:
        """Those of all strata but the first ones."""
        records = int(self.starts[-1]) - int(self.starts[min(strata, self.starts.size - 1)])
        return records * (int(self.answers.shape[1]) + 1)

    def after(self, strata: int) -> "RecordTable":
        """Those of all strata but the first ones, in memory of their own."""
        first = self.starts[strata]
        return RecordTable(self.answers[first:].copy(), self.people[first:].copy(), self.starts[strata:] - first)


class Records:
    """Collects records. Equal ones are joined only when there are many, so that memory follows the different ones: to sort them
    takes longer than to count them all.

    most: numbers of 8 bytes to hold before they are joined.
    """

    def __init__(self, parts: int, most: int, pool: Executor | None) -> None:
        self._joined = RecordTable(np.empty((0, parts), np.uint64), np.empty(0, np.int64), np.zeros(1, np.int64))
        self._waiting: list[RecordTable] = []
        self._most, self._pool = most, pool

    @property
    def cells(self) -> int:
        """Numbers of 8 bytes held."""
        return self._joined.cells + self._cells_waiting

    def cells_after(self, strata: int) -> int:
        """Those of all strata but the first ones."""
        return sum(table.cells_after(strata) for table in (self._joined, *self._waiting))

    @property
    def _cells_waiting(self) -> int:
        return sum(table.cells for table in self._waiting)

    def add(self, starts: npt.NDArray[np.int64], rows: npt.NDArray[np.uint64]) -> None:
        """Add people sorted by stratum: stratum k has rows[starts[k] : starts[k + 1]], uint64 (n, parts)."""
        answers = rows[starts[0] : starts[-1]].copy()
        self._waiting.append(RecordTable(answers, np.ones(len(answers), np.int64), starts - starts[0]))
        if self._cells_waiting >= max(self._most, self._joined.cells):
            self.join(starts.size - 1)

    def join(self, strata: int) -> None:
        """Join what is equal, of so many strata."""
        if self._waiting:
            self._joined, self._waiting = joined(self.finish(strata)), []

    def give_up_first(self, some: int, strata: int) -> RecordTable:
        """Everything added so far, as `finish` gives it; from here on without the first strata."""
        table = self.finish(strata)
        self._joined, self._waiting = table.after(some), []
        return table

    def finish(self, strata: int) -> RecordTable:
        """Everything added so far as one table of so many strata."""
        return merged([self._joined, *self._waiting], strata, self._pool)


def merged(
    tables: list[RecordTable], strata: int, pool: Executor | None = None, numbers: Sequence[Numbers] | None = None
) -> RecordTable:
    """The records of all tables, one table after the other within each stratum.

    numbers: for each table, the number that each of its strata has in the new one, negative for one that is left out; without
    them strata keep theirs.
    """
    given = [np.arange(table.starts.size - 1) for table in tables] if numbers is None else numbers
    sizes = np.zeros((len(tables) + 1, strata), np.int64)
    for size, table, number in zip(sizes[1:], tables, given, strict=True):
        size[number[number >= 0]] = np.diff(table.starts)[number >= 0]
    starts = np.concatenate([[0], np.cumsum(sizes.sum(axis=0))])
    places = starts[:-1] + np.cumsum(sizes[:-1], axis=0)
    answers = np.empty((int(starts[-1]), tables[0].answers.shape[1]), np.uint64)
    people = np.empty(len(answers), np.int64)

    def place(part: int) -> None:
        table, number = tables[part], given[part]
        where = np.full(number.size, -1)
        where[number >= 0] = places[part][number[number >= 0]]
        place_records(table.answers, table.people, table.starts, where, answers, people)

    list((pool.map if pool else map)(place, range(len(tables))))
    return RecordTable(answers, people, starts)


def joined(table: RecordTable) -> RecordTable:
    """The same people with equal records of a stratum as one. The table given is changed on the way."""
    answers, people, starts = table
    order_rows(answers, people, starts, 0, starts.size - 1)
    kept = join_equal(answers, people, starts)
    return RecordTable(answers[:kept].copy(), people[:kept].copy(), starts)
