"""Read a block of a few people, all columns at once: what `read_block` does, where time goes into calls more than into values."""

import ctypes
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core20plus5.ingest.age import read_age
from core20plus5.ingest.codes import accepted_range, null_code, usual_spellings
from core20plus5.ingest.columns import Columns, Ledger, Recorded
from core20plus5.ingest.deprivation import read_deprivation
from core20plus5.kernels import few as kernel
from core20plus5.kernels.steps import TYPES
from core20plus5.kernels.texts import LONGEST
from core20plus5.records import Column, Kind

if TYPE_CHECKING:
    from core20plus5.ingest.read import Reading

Room = npt.NDArray[np.uint64]

_BYTES = kernel.WORDS * 8

#: Types of Arrow by name, as the kernel knows them.
_TYPES = {
    "date32[day]": kernel.DATE32,
    "bool": kernel.BOOL,
    "int16": kernel.INT16,
    "int32": kernel.INT32,
    "int64": kernel.INT64,
    "double": kernel.FLOAT64,
    "string": kernel.STRING,
    "large_string": kernel.LARGE_STRING,
}
_NUMBERS = frozenset({kernel.INT16, kernel.INT32, kernel.INT64, kernel.FLOAT64})
_TEXTS = frozenset({kernel.STRING, kernel.LARGE_STRING})

#: Of each kind of column, what becomes of it, the types that are read here, and what `Columns` has it under.
_KINDS = {
    Kind.DATE: (kernel.DATE, frozenset({kernel.DATE32}), "dates"),
    Kind.INTEGER: (kernel.NUMBER, _NUMBERS, "numbers"),
    Kind.NUMBER: (kernel.NUMBER, _NUMBERS, "numbers"),
    Kind.CODE: (kernel.CODE, _TEXTS, "codes"),
    Kind.BOOL: (kernel.TRUTH, frozenset({kernel.BOOL}), "truths"),
}

#: What is needed for age and deprivation, which are worked out as for a large block.
_READ_AS_MANY = {("numbers", "age_years"), ("dates", "birth_date"), ("codes", "no_imd_reason")}

_address_in = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(("PyCapsule_GetPointer", ctypes.pythonapi))


@dataclass
class FewColumns(Columns):
    """Columns of a few people, which lie in one array. They are told by their addresses only."""

    room: Room = field(default_factory=lambda: np.empty((0, kernel.WORDS), np.uint64))
    layout: "FewReader | None" = None

    def addresses(self, columns: tuple[tuple[str, str], ...]) -> npt.NDArray[np.int64]:
        """As of any block."""
        assert self.layout is not None
        return self.layout.places(columns) + self.room.ctypes.data * _ADDRESSES


#: Which of values, plane and type are addresses.
_ADDRESSES = np.array([1, 1, 0], np.int64)


class FewReader:
    """Reads batches of one schema for one question. It holds nothing of a batch.

    sent: the names of the columns of such a batch, with the names of their types. See `few_reader`.
    """

    def __init__(self, reading: "Reading", sent: Mapping[str, str]) -> None:
        self._null_means_no = reading.null_means_no
        order = {name: place for place, name in enumerate(sent)}
        there = [column for column in reading.needed if sent.get(column.name, "null") != "null"]
        there.sort(key=lambda column: column.kind is not Kind.DATE)
        self._columns = tuple(there)
        self._dates = tuple(column.name for column in there if column.kind is Kind.DATE)
        gone = [column for column in reading.needed if column not in there]
        self._slots = {(_KINDS[column.kind][2], column.name): slot for slot, column in enumerate([*there, *gone])}
        self._age = self._slots["numbers", "age"] = len(self._slots)
        self._deciles = self._slots["numbers", "deprivation_decile"] = self._age + 1
        self._template = np.zeros((len(self._slots), kernel.WORDS), np.uint64)
        for column in gone:
            self._read_as_null(column)
        self._spellings, rows = _spellings_of(self._columns)
        self._wanted = np.array([self._row(column, order, sent, rows) for column in there], np.int64).reshape(len(there), 8)
        self._limits = np.array([accepted_range(column) for column in there], np.float64).reshape(len(there), 2)
        self._asked: tuple[tuple[tuple[str, str], ...], npt.NDArray[np.int64]] = ((), np.empty((0, 3), np.int64))

    def _row(self, column: Column, order: Mapping[str, int], sent: Mapping[str, str], rows: Mapping[str, tuple[int, int]]) -> Any:
        """A row of `wanted` of `read_few`."""
        pair = self._slots.get(("dates", column.paired_with or ""), -1)
        option = {
            Kind.DATE: column.as_it_stands,
            Kind.INTEGER: True,
            Kind.BOOL: column.name in self._null_means_no,
        }.get(column.kind, False)
        kind, null = _KINDS[column.kind][0], null_code(column) if column.values else -1
        kept = pair if pair < len(self._dates) else -1
        return (order[column.name], kind, _TYPES[sent[column.name]], kept, option, null, *rows.get(column.name, (0, 0)))

    def _read_as_null(self, column: Column) -> None:
        room = self._template[self._slots[_KINDS[column.kind][2], column.name]]
        if column.kind is Kind.CODE:
            room.view(np.int8)[:] = null_code(column)
        elif column.kind is Kind.BOOL and column.name not in self._null_means_no:
            room[1] = np.uint64(2**64 - 1)

    def places(self, columns: tuple[tuple[str, str], ...]) -> npt.NDArray[np.int64]:
        """Where the columns lie in a room, and the places of their types: int64 (c, 3), see `run_steps`."""
        if self._asked[0] is not columns:
            rows = [(slot * _BYTES, *_plane(slot, kind, name)) for kind, name in columns for slot in [self._slots[kind, name]]]
            self._asked = columns, np.array(rows, np.int64).reshape(-1, 3)
        return self._asked[1]

    def read(self, batch: pa.RecordBatch, reading: "Reading") -> FewColumns | None:
        """The columns of a block of up to `ROWS` people, validated in full; None where there is something not foreseen here."""
        exported: Any = batch
        capsules = exported.__arrow_c_array__()  # they keep what they point to
        array, rows = _address_in(capsules[1], b"arrow_array"), batch.num_rows
        room, found = self._template.copy(), np.zeros((len(self._columns), 2), np.int64)
        latest = np.int32(reading.reference_day)
        if not kernel.read_few(array, rows, self._wanted, self._limits, self._spellings, latest, room.ctypes.data, found):
            return None
        columns = FewColumns(rows, 1, ledger=Ledger(received=rows), room=room, layout=self)
        self._tally(found, columns.ledger)
        for kind, name in self._slots.keys() & _READ_AS_MANY:
            getattr(columns, kind)[name] = self._column(kind, name, room)
        read_age(columns, reading)
        read_deprivation({name: batch.column(name) for name in (reading.imd_column,) if name}, columns, reading)
        for name, slot in (("age", self._age), ("deprivation_decile", self._deciles)):
            room[slot].view(np.int16)[: kernel.ROWS] = columns.numbers[name].values
            room[slot, kernel.KNOWN] = columns.numbers[name].known[0]
        return columns

    def _column(self, kind: str, name: str, room: Room) -> Any:
        """A column as one of any block."""
        words = room[self._slots[kind, name]]
        if kind == "codes":
            return words.view(np.int8)[: kernel.ROWS]
        values = words.view(np.int32 if kind == "dates" else np.float64)[: kernel.ROWS]
        return Recorded.of(values, words[kernel.KNOWN : kernel.KNOWN + 1])

    def _tally(self, found: npt.NDArray[np.int64], ledger: Ledger) -> None:
        ledger.dates = Counter(dict(zip(self._dates, found[:, kernel.THERE].tolist(), strict=False)))
        for place in np.flatnonzero(found[:, kernel.REFUSED]):
            reason = "after_reference_date" if place < len(self._dates) else "invalid"
            ledger.findings[self._columns[place].name, reason] += int(found[place, kernel.REFUSED])


def few_reader(reading: "Reading", names: Sequence[str], types: Sequence[str]) -> FewReader | None:
    """The reader of batches with these columns; None where a column comes in a type that is read the other way."""
    sent = dict(zip(names, types, strict=True))
    for column in reading.needed:
        kind = sent.get(column.name, "null")
        if kind != "null" and _TYPES.get(kind) not in _KINDS[column.kind][1]:
            return None
    return FewReader(reading, sent)


def _plane(slot: int, kind: str, name: str) -> tuple[int, int]:
    number = np.int32 if kind == "dates" else np.int16 if name in ("age", "deprivation_decile") else np.float64
    return slot * _BYTES + kernel.KNOWN * 8, TYPES.index(number)


@lru_cache(maxsize=64)
def _spellings_of(columns: tuple[Column, ...]) -> tuple[Room, dict[str, tuple[int, int]]]:
    """The `spellings` of `read_few`, and which of them are a column's: the first, and the one after the last."""
    rows: list[tuple[int, int, int]] = []
    places: dict[str, tuple[int, int]] = {}
    for column in columns:
        if column.kind is Kind.CODE:
            first = len(rows)
            rows += [_spelling(text.encode(), code) for text, code in usual_spellings(column).items() if len(text) <= LONGEST]
            places[column.name] = first, len(rows)
    return np.array(rows, np.uint64).reshape(-1, 3), places


def _spelling(text: bytes, code: int) -> tuple[int, int, int]:
    key = text.ljust(LONGEST, b"\0") + bytes((len(text),))
    return int.from_bytes(key[:8], "little"), int.from_bytes(key[8:], "little"), code % 256
