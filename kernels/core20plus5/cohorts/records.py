"""People by stratum and by their answers to everything, as records that add up."""

from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core20plus5.kernels.records import join_equal, order_rows, place_records


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

    def numbers(self) -> npt.NDArray[np.int32]:
        """The stratum of each record: int32 (n,)."""
        return np.repeat(np.arange(self.starts.size - 1, dtype=np.int32), np.diff(self.starts))


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

    def finish(self, strata: int) -> RecordTable:
        """Everything added so far as one table of so many strata."""
        return merged([self._joined, *self._waiting], strata, self._pool)


def merged(tables: list[RecordTable], strata: int, pool: Executor | None = None) -> RecordTable:
    """The records of all tables, whose strata have the same numbers, one table after the other within each stratum."""
    sizes = np.zeros((len(tables) + 1, strata), np.int64)
    for size, table in zip(sizes[1:], tables, strict=True):
        size[: table.starts.size - 1] = np.diff(table.starts)
    starts = np.concatenate([[0], np.cumsum(sizes.sum(axis=0))])
    places = starts[:-1] + np.cumsum(sizes[:-1], axis=0)
    answers = np.empty((int(starts[-1]), tables[0].answers.shape[1]), np.uint64)
    people = np.empty(len(answers), np.int64)

    def place(number: int) -> None:
        table = tables[number]
        place_records(table.answers, table.people, table.starts, places[number], answers, people)

    list((pool.map if pool else map)(place, range(len(tables))))
    return RecordTable(answers, people, starts)


def joined(table: RecordTable) -> RecordTable:
    """The same people with equal records of a stratum as one. The table given is changed on the way."""
    answers, people, starts = table
    order_rows(answers, people, starts, 0, starts.size - 1)
    kept = join_equal(answers, people, starts)
    return RecordTable(answers[:kept].copy(), people[:kept].copy(), starts)
