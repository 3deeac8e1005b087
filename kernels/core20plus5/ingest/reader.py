"""Read blocks of one shape for one question: what follows from these is worked out once, and a block takes few calls."""

import ctypes
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core20plus5.ingest.age import read_age
from core20plus5.ingest.arrays import words_for
from core20plus5.ingest.block import Block, Slot, Wanted
from core20plus5.ingest.codes import accepted_range, null_code, usual_spellings
from core20plus5.ingest.columns import Ledger, Plane
from core20plus5.ingest.deprivation import read_deprivation
from core20plus5.ingest.read import Reading, read_codes_of, read_column
from core20plus5.ingest.schema import Shape
from core20plus5.ingest.sources import BLOCK_ROWS
from core20plus5.kernels import columns as kernel
from core20plus5.kernels.texts import LONGEST, place_texts
from core20plus5.records import Column, Kind

#: Types of Arrow by name, as the kernel knows them.
_TYPES = {
    "null": kernel.NOTHING,
    "date32[day]": kernel.DATE32,
    "bool": kernel.BOOL,
    "int16": kernel.INT16,
    "int32": kernel.INT32,
    "int64": kernel.INT64,
    "double": kernel.FLOAT64,
    "string": kernel.STRING,
    "large_string": kernel.LARGE_STRING,
}
_NUMBERS = frozenset({kernel.INT16, kernel.INT32, kernel.INT64, kernel.FLOAT64, kernel.NOTHING})
_TEXTS = frozenset({kernel.STRING, kernel.LARGE_STRING, kernel.NOTHING})

#: Of each kind of column, what becomes of it, the types that the kernel reads, and what a block has it under.
_KINDS = {
    Kind.DATE: (kernel.DATE, frozenset({kernel.DATE32, kernel.NOTHING}), "dates"),
    Kind.INTEGER: (kernel.NUMBER, _NUMBERS, "numbers"),
    Kind.NUMBER: (kernel.NUMBER, _NUMBERS, "numbers"),
    Kind.CODE: (kernel.CODE, _TEXTS, "codes"),
    Kind.BOOL: (kernel.TRUTH, frozenset({kernel.BOOL, kernel.NOTHING}), "truths"),
}

#: What ages are worked out from, by other kernels, before the first step.
_READ_EARLY = ("birth_date", "age_years")

#: Words that a copy of 64 values takes.
_WIDTHS = {kernel.INT16: 16, kernel.INT32: 32, kernel.DATE32: 32, kernel.INT64: 64, kernel.FLOAT64: 64}

#: Texts of a block that are none of the usual; a column for whose odd ones there is no room is read by its distinct values.
_MOST_ODD = 1 << 13

#: Spellings of a column that are likely, and slots that they may have.
_LIKELY, _MOST_SLOTS = 64, 1 << 13

#: What stands under nulls.
_NOTHING = np.zeros(BLOCK_ROWS, np.int64)

_address_in = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(("PyCapsule_GetPointer", ctypes.pythonapi))


class BlockReader:
    """Reads batches of one shape for one question. It holds nothing of a batch.

    shape: of these batches.
    """

    def __init__(self, reading: Reading, shape: Shape) -> None:
        self.shape, sent = shape, dict(zip(*shape, strict=True))
        self.columns = tuple(
            sorted((each for each in reading.needed if each.kind in _KINDS), key=lambda each: each.kind is not Kind.DATE)
        )
        names = [column.name for column in self.columns]
        slots: dict[Slot, int] = {(_KINDS[each.kind][2], each.name): slot for slot, each in enumerate(self.columns)}
        slots["numbers", "age"] = len(slots)
        slots["numbers", "deprivation_decile"] = len(slots)
        self._keys, self._slots, spelled = _spellings_of(self.columns)
        order = {name: place for place, name in enumerate(sent)}
        rows = np.zeros((len(names), 10), np.int64)
        for row, column in zip(rows, self.columns, strict=True):
            kind, types, _ = _KINDS[column.kind]
            sent_as = _TYPES.get(sent.get(column.name, "null"), kernel.OTHER)
            row[kernel.COLUMN], row[kernel.KIND] = order.get(column.name, -1), kind
            is_early = column.name in _READ_EARLY and sent_as != kernel.NOTHING
            row[kernel.TYPE] = sent_as if sent_as in types and not is_early else kernel.OTHER
            row[kernel.PAIR] = names.index(column.paired_with) if column.paired_with in names else -1
            row[kernel.OPTION] = _option(column, reading)
            row[kernel.NULL] = null_code(column) if column.values else -1
            row[kernel.SLOTS], row[kernel.MASK] = spelled.get(column.name, (0, 0))
        rooms = np.array(kernel.ROOMS, np.int64)[rows[:, kernel.KIND]]
        copies = np.array([_WIDTHS.get(kind, 0) for kind in rows[:, kernel.TYPE].tolist()], np.int64)
        rows[:, kernel.ROOM], self._room = np.cumsum(rooms) - rooms, int(rooms.sum())
        rows[:, kernel.COPY], self._copies = self._room + np.cumsum(copies) - copies, int(copies.sum())
        limits = np.array([accepted_range(column) for column in self.columns], np.float64).reshape(len(names), 2)
        dates = sum(column.kind is Kind.DATE for column in self.columns)
        self._wanted = Wanted(rows, limits, np.int32(reading.reference_day), tuple(names), dates, slots)

    def open(self, batch: pa.RecordBatch) -> Block:
        """A block of up to BLOCK_ROWS people, validated in full, with its usual texts read and all else found."""
        rows, wanted = batch.num_rows, self._wanted
        words = words_for(rows)
        room = np.empty((self._room + (self._copies if rows % 64 else 0)) * words, np.uint64)
        places, odd = np.zeros((len(wanted.slots), 10), np.int64), np.empty(_MOST_ODD, np.int64)
        exported: Any = batch
        capsules = exported.__arrow_c_array__()  # they keep what they point to
        array, nothing = _address_in(capsules[1], b"arrow_array"), _NOTHING.ctypes.data
        kernel.open_block(array, rows, wanted.columns, self._keys, self._slots, room.ctypes.data, nothing, places, odd)
        found = np.zeros((len(self.columns), 2), np.int64)
        return Block(rows, words, wanted, batch, room, places, found, odd, Ledger(received=rows))

    def read(self, batch: pa.RecordBatch, reading: Reading) -> Block:
        """A block whose age and deprivation are known too. reading: that of the question, or one with another memory."""
        block = self.open(batch)
        done = block.places[: len(self.columns)]
        for slot in np.flatnonzero(done[:, kernel.STATE] == kernel.NOT_FORESEEN).tolist():
            read_column(batch.column(self.columns[slot].name), self.columns[slot], block, reading)
        for slot in np.flatnonzero(done[:, kernel.ODD_END] > done[:, kernel.ODD]).tolist():
            rows = block.odd[done[slot, kernel.ODD] : done[slot, kernel.ODD_END]]
            read_codes_of(rows, batch.column(self.columns[slot].name), self.columns[slot], block)
        read_age(block, reading)
        read_deprivation(batch, block, reading)
        return block


def _option(column: Column, reading: Reading) -> bool:
    if column.kind is Kind.BOOL:
        return column.name in reading.null_means_no
    return column.as_it_stands if column.kind is Kind.DATE else column.kind is Kind.INTEGER


@lru_cache(maxsize=64)
def _spellings_of(columns: tuple[Column, ...]) -> tuple[Plane, npt.NDArray[np.int16], dict[str, tuple[int, int]]]:
    """The keys and slots of `open_block`, and which slots are a column's: the first, and one less than how many there are."""
    keys: list[npt.NDArray[np.uint64]] = [np.empty((0, 3), np.uint64)]
    slots, places, met = [np.empty(0, np.int16)], {}, 0
    for column in columns:
        if column.kind is Kind.CODE:
            usual = [_spelling(text.encode(), code) for text, code in usual_spellings(column).items() if len(text) <= LONGEST]
            own = np.array(usual, np.uint64)
            table = _hash_table(own[:, :2].copy())
            places[column.name] = sum(map(len, slots)), len(table) - 1
            keys.append(own)
            slots.append(np.where(table < 0, -1, table + met).astype(np.int16))
            met += len(own)
    return np.concatenate(keys), np.concatenate(slots), places


def _hash_table(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.int32]:
    """The numbers of keys by hash, -1 where free, so large that the first keys, which are the most likely, are where they are
    looked for first: a quarter of the texts one place on is a misprediction each, which takes longer than all else."""
    size, words = 1 << (4 * len(keys)).bit_length(), min(len(keys), _LIKELY)
    while size < _MOST_SLOTS and place_texts(keys, words, np.full(size, -1, np.int32)):
        size *= 2
    table = np.full(size, -1, np.int32)
    place_texts(keys, len(keys), table)
    return table


def _spelling(text: bytes, code: int) -> tuple[int, int, int]:
    key = text.ljust(LONGEST, b"\0") + bytes((len(text),))
    return int.from_bytes(key[:8], "little"), int.from_bytes(key[8:], "little"), code % 256
