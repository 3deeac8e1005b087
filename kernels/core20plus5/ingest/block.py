"""A block of people on its way through the engine: where its columns lie, and what was noticed of them."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core20plus5.ingest.columns import Codes, Ledger, Plane, Recorded
from core20plus5.kernels import columns as kernel
from core20plus5.kernels.steps import TYPES, run_steps

Places = npt.NDArray[np.int64]

#: Under what a column is known here: "dates", "numbers", "codes" or "truths", and its name.
Slot = tuple[str, str]

_NO_STEPS = (np.empty((0, 7), np.int64), np.empty((0, 2), np.float64), np.empty((0, 3), np.int64))
_NO_ROOM = (np.empty(0, np.uint64), np.empty(0, np.float64), np.empty(0, np.uint64))


class Wanted(NamedTuple):
    """The columns that kernels read, for every block of a question: see `kernels.columns`.

    slots: the row of each in `columns`, and of those worked out, which come after; dates: how many of the rows are of dates.
    """

    columns: npt.NDArray[np.int64]
    limits: npt.NDArray[np.float64]
    latest: np.int32
    names: tuple[str, ...]
    dates: int
    slots: dict[Slot, int]


@dataclass
class Block:
    """Columns of a block of people. Arrays have `words * 64` rows; those past `rows` are padding.

    Dates are int32 days since 1970-01-01; numbers int16, int32, int64 or float64, as they came; codes int8 places in the column's
    `values`, -1 where unknown; truths uint64 (2, words), yes and possible. Most are known by their addresses only, in `places`,
    and dates, numbers and truths are read when the first step needs them, or by `read_all`.
    batch: the records, which keep values in memory; no_decile_reason: int8, -1 where the decile is known.
    """

    rows: int
    words: int
    wanted: Wanted
    batch: pa.RecordBatch
    room: Plane
    places: Places
    found: Places
    odd: Places
    ledger: Ledger
    no_decile_reason: Codes = field(default_factory=lambda: np.empty(0, np.int8))
    _kept: dict[Slot, Any] = field(default_factory=dict)

    def put(self, kind: str, name: str, column: Any) -> None:
        """Take a column that was read, or worked out, elsewhere."""
        self._kept[kind, name] = column
        place = self.places[self.wanted.slots[kind, name]]
        if kind in ("truths", "codes"):
            place[kernel.VALUES] = _address(column)
        else:
            place[kernel.VALUES], place[kernel.KNOWN] = _address(column.values), _address(column.known)
            place[kernel.NUMBERS] = TYPES.index(column.values.dtype.type)
        place[kernel.STATE] = kernel.READ

    def put_later(self, name: str, later: Plane | None) -> None:
        """The plane of dates that are too late, of dates that were read elsewhere."""
        self._kept["later", name] = later
        self.places[self.wanted.slots["dates", name], kernel.LATER] = 0 if later is None else _address(later)

    def recorded(self, kind: str, name: str) -> Recorded | None:
        """Dates or numbers that were read, or worked out, elsewhere."""
        found: Recorded | None = self._kept.get((kind, name))
        return found

    def numbers(self, name: str) -> Recorded:
        """Numbers that were worked out: age and deprivation decile."""
        found = self.recorded("numbers", name)
        assert found is not None
        return found

    def codes(self, name: str) -> Codes:
        """Codes of a column: int8 (words * 64,)."""
        kept: Codes | None = self._kept.get(("codes", name))
        return self._own("codes", name, 1, 9).view(np.int8) if kept is None else kept

    def truth(self, name: str) -> Plane:
        """A truth, once it has been read: uint64 (2, words)."""
        kept: Plane | None = self._kept.get(("truths", name))
        return self._own("truths", name, 0, 2).reshape(2, self.words) if kept is None else kept

    def _own(self, kind: str, name: str, first: int, last: int) -> Plane:
        room = int(self.wanted.columns[self.wanted.slots[kind, name], kernel.ROOM])
        return self.room[(room + first) * self.words : (room + last) * self.words]

    def places_of(self, columns: tuple[Slot, ...]) -> Places:
        """Where some columns lie, as `run_steps` takes them: int64 (c, 3)."""
        slots = [self.wanted.slots[column] for column in columns]
        return self.places[slots, : kernel.NUMBERS + 1]

    def unread(self) -> tuple[Any, ...]:
        """The last arguments of `run_steps`."""
        wanted = self.wanted
        return self.rows, wanted.columns, wanted.limits, wanted.latest, self.places, self.found

    def read_all(self) -> None:
        """Read what no step has read."""
        nothing = np.empty((0, 2, self.words), np.uint64)
        run_steps(*_NO_STEPS, np.zeros(self.words, np.uint64), *_NO_ROOM, nothing, nothing[:, 0].copy(), *self.unread())
        self.tally()

    def tally(self) -> None:
        """Tell the ledger what was found by kernels, once everything has been read."""
        ledger, names = self.ledger, self.wanted.names
        there = self.found[: self.wanted.dates, kernel.THERE].tolist()
        for name, rows in zip(names, there, strict=False):
            if rows:
                ledger.dates[name] += rows
        for slot in np.flatnonzero(self.found[:, kernel.REFUSED]).tolist():
            reason = "after_reference_date" if slot < self.wanted.dates else "invalid"
            ledger.findings[names[slot], reason] += int(self.found[slot, kernel.REFUSED])


def _address(array: npt.NDArray[Any]) -> int:
    assert array.flags.c_contiguous
    place: int = array.__array_interface__["data"][0]
    return place
