"""What comes out of the door: typed columns of one block of people, and what was noticed on the way."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core20plus5.kernels.steps import TYPES

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


#: Why a person has no deprivation decile; the number in `Columns.no_decile_reason` is the place in this list.
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
        return Ledger(
            self.received + other.received,
            self.counted + other.counted,
            self.excluded + other.excluded,
            self.findings + other.findings,
            self.dates + other.dates,
            self.completeness + other.completeness,
            self.english + other.english,
            self.unmatched + other.unmatched,
        )


@dataclass
class Columns:
    """Clean columns of one block. Arrays have `words * 64` rows; those past `rows` are padding.

    dates: int32 days since 1970-01-01; numbers: int16, int32, int64 or float64, as they came;
    codes: int8 places in the column's `values`, -1 where unknown; truths: uint64 (2, words), yes and possible.
    no_decile_reason: int8, -1 where the decile is known.
    """

    rows: int
    words: int
    dates: dict[str, Recorded] = field(default_factory=dict)
    numbers: dict[str, Recorded] = field(default_factory=dict)
    codes: dict[str, Codes] = field(default_factory=dict)
    truths: dict[str, Truth] = field(default_factory=dict)
    no_decile_reason: Codes = field(default_factory=lambda: np.empty(0, np.int8))
    ledger: Ledger = field(default_factory=Ledger)

    def addresses(self, columns: tuple[tuple[str, str], ...]) -> npt.NDArray[np.int64]:
        """Where columns lie, as `run_steps` takes them: int64 (c, 3). columns: under what each is kept here, and its name."""
        return np.array([self._addresses(*column) for column in columns], np.int64).reshape(-1, 3)

    def _addresses(self, kind: str, name: str) -> tuple[int, int, int]:
        column: Any = getattr(self, kind)[name]
        if kind in ("truths", "codes"):
            return _address(column), 0, 0
        return _address(column.values), _address(column.known), TYPES.index(column.values.dtype.type)


def _address(array: npt.NDArray[Any]) -> int:
    assert array.flags.c_contiguous
    place: int = array.__array_interface__["data"][0]
    return place
