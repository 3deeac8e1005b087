"""What comes out of the door: typed values of people, and what was noticed on the way."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.int8]
Truth = npt.NDArray[np.uint64]


class Recorded(NamedTuple):
    """Dates or numbers with those that count. values: (words * 64,), read-only; known: uint64 (words,), 0 past the last row."""

    values: npt.NDArray[Any]
    known: Plane

    @classmethod
    def of(cls, values: npt.NDArray[Any], known: Plane) -> "Recorded":
        """Arrow's buffers are read-only, which is another type to Numba: everything else is made so, for one signature."""
        values.flags.writeable = False
        return cls(values, known)


#: Why a person has no deprivation decile; the number in `Block.no_decile_reason` is the place in this list.
NO_DECILE_REASONS = ("outside_england", "no_fixed_abode", "not_in_table", "invalid", "missing", "column_absent")


@dataclass
class Ledger:
    """Tallies of one or more blocks; adding two gives the tallies of both.

    findings: rows by column and reason. dates: values present and later than the reference date, by column.
    excluded: rows by reason. completeness: people by column, state and organisations, where asked for.
    english, unmatched: LSOA codes of England, and those of them that are not in the table.
    """

    received: int = 0
    counted: int = 0
    excluded: Counter[str] = field(default_factory=Counter)
    findings: Counter[tuple[str, str]] = field(default_factory=Counter)
    dates: Counter[str] = field(default_factory=Counter)
    completeness: Counter[tuple[str, str, tuple[str, ...]]] = field(default_factory=Counter)
    english: int = 0
    unmatched: int = 0

    def __add__(self, other: "Ledger") -> "Ledger":
        both = Ledger()
        both += self
        both += other
        return both

    def __iadd__(self, other: "Ledger") -> "Ledger":
        """In place: what many blocks have found is not written out again for each."""
        self.received += other.received
        self.counted += other.counted
        self.excluded.update(other.excluded)
        self.findings.update(other.findings)
        self.dates.update(other.dates)
        self.completeness.update(other.completeness)
        self.english += other.english
        self.unmatched += other.unmatched
        return self
