"""People by stratum and by their answers to everything, as records that add up."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core20plus5.kernels.counting import tally_strata
from core20plus5.kernels.records import join_equal, order_rows, place_records

#: Records that wait, at least, before they are joined with those before: joining reads all of them.
_TOGETHER = 1 << 20


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
    """Collects records; equal ones are joined from time to time, so that memory follows the different ones."""

    def __init__(self, parts: int) -> None:
        self._joined = RecordTable(np.empty((0, parts), np.uint64), np.empty(0, np.int64), np.zeros(1, np.int64))
        self._waiting: list[RecordTable] = []

    @property
    def cells(self) -> int:
        """Numbers of 8 bytes held."""
        return sum(table.cells for table in (self._joined, *self._waiting))

    def add(self, starts: npt.NDArray[np.int64], rows: npt.NDArray[np.uint64]) -> None:
        """Add people sorted by stratum: stratum k has rows[starts[k] : starts[k + 1]], uint64 (n, parts)."""
        answers = rows[starts[0] : starts[-1]].copy()
        self._waiting.append(joined(answers, np.ones(len(answers), np.int64), starts - starts[0]))
        if sum(table.people.size for table in self._waiting) >= max(_TOGETHER, self._joined.people.size):
            self.finish(starts.size - 1)

    def finish(self, strata: int) -> RecordTable:
        """Everything added so far as one table of so many strata."""
        self._joined = merged([self._joined, *self._waiting], strata)
        self._waiting = []
        return self._joined


def merged(tables: list[RecordTable], strata: int) -> RecordTable:
    """The records of all tables, whose strata have the same numbers."""
    numbers = [table.numbers() for table in tables]
    starts = np.zeros(strata + 1, np.int64)
    for block in numbers:
        tally_strata(block, starts[1:])
    np.cumsum(starts, out=starts)
    places = starts[:-1].copy()
    answers = np.empty((int(starts[-1]), tables[0].answers.shape[1]), np.uint64)
    people = np.empty(len(answers), np.int64)
    for block, table in zip(numbers, tables, strict=True):
        place_records(block, table.answers, table.people, places, answers, people)
    return joined(answers, people, starts)


def joined(answers: npt.NDArray[np.uint64], people: npt.NDArray[np.int64], starts: npt.NDArray[np.int64]) -> RecordTable:
    """A table from records in the order of their strata, which are changed in place."""
    order_rows(answers, people, starts, 0, starts.size - 1)
    kept = join_equal(answers, people, starts)
    return RecordTable(answers[:kept].copy(), people[:kept].copy(), starts)
