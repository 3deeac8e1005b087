"""Counts that add up, whatever the order and the size of their parts."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core20plus5.cohorts.records import RecordTable, joined, merged
from core20plus5.errors import TooManyCellsError
from core20plus5.ingest import Ledger
from core20plus5.kernels.counting import count_records, fill_cells
from core20plus5.strata import StratumIndex

#: Numbers of 8 bytes from which on the records of a sum are joined: to sort them takes longer than to add them.
_JOIN_FROM = 1 << 24

Counts = npt.NDArray[np.int64]


def width_of(indicators: tuple[str, ...]) -> int:
    """Places of a line of cells: yes, no and unknown of each indicator, and room up to a multiple of 8, as kernels want it."""
    return -(-3 * len(indicators) // 8) * 8


def check_size(strata: int, cells: int, held: int, most: int) -> None:
    """Raises TooManyCellsError where counts hold more numbers than they may. cells: of one stratum; held: of all of them."""
    if held > most:
        raise TooManyCellsError(
            f"strata: {strata} populated strata x {cells} cells of cohort and indicator answers take more than {most} cells of"
            " memory: leave out a stratum, or name fewer cohorts or indicators"
        )


@dataclass(frozen=True)
class CohortCounts:
    """Exact counts of one request, or of a part of its people. Not for publication: see `disclosure`.

    labels: of each stratum column, the labels that its codes stand for; members: int64 (strata, columns), the codes of each
    populated stratum; cohorts, indicators: names. The first strata have their cells in a table: int64 (strata, 2c - 1, w), see
    `cells`; the others have records.
    """

    strata: tuple[str, ...]
    cohorts: tuple[str, ...]
    indicators: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    members: npt.NDArray[np.int64]
    table: Counts
    records: RecordTable
    ledger: Ledger

    def cells(self, strata: npt.NDArray[np.int64]) -> Counts:
        """The counts of some strata: int64 (n, 2c - 1, w).

        The second axis is: everyone yes, then yes and unknown of each further cohort; the third is yes, no and unknown of each
        indicator, and zeros.
        """
        out = self.room_for(len(strata))
        fill_cells(self.table, *self.records, strata, self.cohort_places, out)
        return out

    def room_for(self, strata: int) -> Counts:
        """Room for the cells of so many strata."""
        return np.empty((strata, *self.table.shape[1:]), np.int64)

    @cached_property
    def cohort_places(self) -> npt.NDArray[np.int64]:
        """The indicator of each cohort."""
        return np.array([self.indicators.index(name) for name in self.cohorts], np.int64)

    def everyone(self) -> Counts:
        """The answers of everyone in each stratum, whatever their cohorts: int64 (strata, w)."""
        out = np.zeros((len(self.members), 1, self.table.shape[2]), np.int64)
        in_table = len(self.table)
        out[:in_table, 0] = self.table[:, 0]
        everyone = np.array([self.indicators.index("everyone")], np.int64)
        count_records(*self.records, np.arange(len(out)) - in_table, everyone, out)
        return out[:, 0]

    def joined(self) -> "CohortCounts":
        """The same counts with their records in the least room. The records of these are changed on the way."""
        return replace(self, records=joined(self.records))

    def fitting(self, most: int) -> "CohortCounts":
        """The same counts in so many numbers of 8 bytes, joined if need be. Raises TooManyCellsError where that is not enough."""
        counts = self if self.table.size + self.records.cells <= most else self.joined()
        cells = self.table.shape[1] * self.table.shape[2]
        check_size(len(self.members), cells, counts.table.size + counts.records.cells, most)
        return counts

    def __add__(self, other: "CohortCounts") -> "CohortCounts":
        """The counts of both. Raises ValueError where the two do not answer the same question."""
        mine, theirs = (self.strata, self.cohorts, self.indicators), (other.strata, other.cohorts, other.indicators)
        if mine != theirs:
            raise ValueError("only counts of the same strata, cohorts and indicators can be merged")
        parts = (self, other)
        labels, members, numbers = _numbered(parts)
        first = _in_table(parts, numbers, len(members))
        order = np.argsort(~first, kind="stable")
        places = [np.argsort(order)[own] for own in numbers]
        table = np.zeros((int(first.sum()), *self.table.shape[1:]), np.int64)
        for part, own in zip(parts, places, strict=True):
            inside = np.flatnonzero(own < len(table))
            for some in np.array_split(inside, len(inside) // 256 + 1):
                table[own[some]] += part.cells(some)
        others = [own[len(part.table) :] - len(table) for part, own in zip(parts, places, strict=True)]
        records = merged([part.records for part in parts], len(members) - len(table), numbers=others)
        counts = CohortCounts(*mine, labels, members[order], table, records, self.ledger + other.ledger)
        return counts if records.cells <= _JOIN_FROM else counts.joined()


def _numbered(parts: tuple[CohortCounts, ...]) -> tuple[tuple[tuple[str, ...], ...], Counts, list[npt.NDArray[np.int32]]]:
    """The labels and the strata of all parts, and the number that each of its strata has among these, part by part."""
    labels = tuple(tuple(sorted(set().union(*columns))) for columns in zip(*(part.labels for part in parts), strict=True))
    codes = [{label: code for code, label in enumerate(column)} for column in labels]
    index = StratumIndex(len(labels))
    numbers = []
    for part in parts:
        own = np.empty(part.members.shape[::-1], np.int32)
        for column, known in enumerate(part.labels):
            own[column] = np.array([codes[column][label] for label in known], np.int32)[part.members[:, column]]
        numbers.append(np.empty(len(part.members), np.int32))
        index.numbers(own, list(map(len, labels)), numbers[-1])
    return labels, index.members.astype(np.int64), numbers


def _in_table(parts: tuple[CohortCounts, ...], numbers: list[npt.NDArray[np.int32]], strata: int) -> npt.NDArray[np.bool_]:
    """Which strata of a sum have all their cells: those that have them in a part, since what has been added up cannot become
    records again, and those for which that is less room."""
    first, records = np.zeros(strata, np.bool_), np.zeros(strata, np.int64)
    for part, own in zip(parts, numbers, strict=True):
        first[own[: len(part.table)]] = True
        records[own[len(part.table) :]] += np.diff(part.records.starts)
    _, lines, width = parts[0].table.shape
    return np.asarray(first | (records * (parts[0].records.answers.shape[1] + 1) > lines * width))
