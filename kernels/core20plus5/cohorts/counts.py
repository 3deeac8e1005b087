"""Counts that add up, whatever the order and the size of their parts."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core20plus5.cohorts.records import RecordTable, joined, merged
from core20plus5.errors import TooManyCellsError
from core20plus5.ingest import Ledger
from core20plus5.kernels.counting import count_records, fill_cells

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

    def check_size(self, most: int) -> None:
        """Raises TooManyCellsError where more numbers of 8 bytes are held."""
        cells = self.table.shape[1] * self.table.shape[2]
        check_size(len(self.members), cells, self.table.size + self.records.cells, most)

    def tuples(self) -> list[tuple[str, ...]]:
        """The labels of each stratum."""
        return [tuple(self.labels[column][code] for column, code in enumerate(codes)) for codes in self.members.tolist()]

    def __add__(self, other: "CohortCounts") -> "CohortCounts":
        """The counts of both. Raises ValueError where the two do not answer the same question."""
        mine, theirs = (self.strata, self.cohorts, self.indicators), (other.strata, other.cohorts, other.indicators)
        if mine != theirs:
            raise ValueError("only counts of the same strata, cohorts and indicators can be merged")
        parts = [(part, part.tuples()) for part in (self, other)]
        # What has been added up in a table cannot become records again: those strata stay in it.
        in_table = sorted({stratum for part, strata in parts for stratum in strata[: len(part.table)]})
        strata = [*in_table, *sorted({stratum for _, strata in parts for stratum in strata} - set(in_table))]
        numbers = {stratum: number for number, stratum in enumerate(strata)}
        table = np.zeros((len(in_table), *self.table.shape[1:]), np.int64)
        records = []
        for part, tuples in parts:
            places = np.array([numbers[stratum] for stratum in tuples], np.int64)
            inside = np.flatnonzero(places < len(in_table))
            for some in np.array_split(inside, len(inside) // 256 + 1):
                table[places[some]] += part.cells(some)
            records.append(_moved(part, places - len(in_table), len(strata) - len(in_table)))
        labels = [tuple(sorted({stratum[column] for stratum in strata})) for column in range(len(self.strata))]
        codes = [{label: code for code, label in enumerate(column)} for column in labels]
        members = np.array(
            [[codes[column][label] for column, label in enumerate(stratum)] for stratum in strata], np.int64
        ).reshape(len(strata), len(self.strata))
        joint = joined(merged(records, len(strata) - len(in_table)))
        return CohortCounts(*mine, tuple(labels), members, table, joint, self.ledger + other.ledger)


def _moved(part: CohortCounts, numbers: npt.NDArray[np.int64], strata: int) -> RecordTable:
    """The records of a part under new numbers of their strata; those with a negative one are left out."""
    table = part.records
    new = numbers[len(part.table) :][table.numbers()]
    order = np.flatnonzero(new >= 0)
    order = order[np.argsort(new[order], kind="stable")]
    starts = np.searchsorted(new[order], np.arange(strata + 1))
    return RecordTable(table.answers[order], table.people[order], starts.astype(np.int64))
