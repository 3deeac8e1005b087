"""Read columns one by one, in any type and with any texts: what `kernels.columns` does not foresee."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core20plus5.arrow import ArrowArray
from core20plus5.deprivation import ImdTable
from core20plus5.ingest.age import AgeTable
from core20plus5.ingest.arrays import (
    as_days,
    as_numbers,
    as_texts,
    bool_planes,
    decoded,
    text_bytes,
)
from core20plus5.ingest.block import Block
from core20plus5.ingest.codes import accepted_range, code_of, null_code
from core20plus5.ingest.columns import Codes, Plane, Recorded, Truth
from core20plus5.ingest.dictionaries import DictionaryMemory
from core20plus5.kernels.clean import clean_codes, clean_dates, clean_numbers, clean_truths
from core20plus5.records import Column, Kind, find_column

Marks = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Reading:
    """What to read and how; the same for every block of a call.

    needed: columns that the plan reads, whether present or not; reference_day: days since 1970-01-01.
    imd_column: the one column that deprivation comes from, if any.
    """

    needed: tuple[Column, ...]
    reference_day: int
    ages: AgeTable
    imd_version: str
    imd_column: str | None = None
    imd_table: ImdTable | None = None
    null_means_no: frozenset[str] = frozenset()
    dictionaries: DictionaryMemory = field(default_factory=DictionaryMemory)


def read_column(array: ArrowArray, column: Column, block: Block, reading: Reading) -> None:
    """Decode and clean a column by itself, whatever type and texts it has."""
    if column.kind is Kind.DATE:
        dates, later = _dates(array, column, block, reading)
        block.put("dates", column.name, dates)
        block.put_later(column.name, later)
    elif column.kind is Kind.CODE:
        block.put("codes", column.name, _codes(array, column, block, reading.dictionaries))
    elif column.kind is Kind.BOOL:
        block.put("truths", column.name, _truth(array, column, block, reading))
    else:
        block.put("numbers", column.name, _numbers(array, column, block))


def _dates(array: ArrowArray, column: Column, block: Block, reading: Reading) -> tuple[Recorded, Plane | None]:
    array = decoded(array)
    dates = as_days(array)
    block.ledger.dates[column.name] += len(array) - array.null_count
    if column.as_it_stands:
        return dates, None
    marks = np.empty(block.words, np.uint64)
    later = clean_dates(*dates, np.int32(reading.reference_day), marks)
    _found(block, column.name, "after_reference_date", later)
    return dates, marks if later else None


def _numbers(array: ArrowArray, column: Column, block: Block) -> Recorded:
    numbers = as_numbers(array)
    _found(block, column.name, "invalid", clean_numbers(*numbers, *accepted_range(column), column.kind is Kind.INTEGER))
    return numbers


def _codes(array: ArrowArray, column: Column, block: Block, dictionaries: DictionaryMemory) -> Codes:
    places, dictionary = dictionaries.encoded(column.name, array)
    table, refused = dictionaries.of(column.name, dictionary, lambda values: _code_table(values, column))
    codes = np.empty(block.words * 64, np.int8)
    _found(block, column.name, "invalid", clean_codes(*places, table, refused, codes))
    return codes


def read_codes_of(rows: npt.NDArray[np.int64], array: ArrowArray, column: Column, block: Block) -> None:
    """Decode some rows of a column of plain text: those with texts that are none of the usual. By `take` a few cost more."""
    offsets, content = text_bytes(array)
    ends = zip(offsets[rows].tolist(), offsets[rows + 1].tolist(), strict=True)
    texts = [content[start:end].tobytes() for start, end in ends]
    codes = {text: code_of(text.decode(), column) for text in set(texts)}
    found, null = [codes[text] for text in texts], null_code(column)
    block.codes(column.name)[rows] = [null if code is None else code for code in found]
    _found(block, column.name, "invalid", found.count(None))


def _code_table(dictionary: ArrowArray, column: Column) -> tuple[Codes, Marks]:
    """The code of each distinct value, and last that of no value; and which of them are refused."""
    codes = [code_of(text, column) for text in as_texts(dictionary)]
    null = null_code(column)
    table = np.array([*(null if code is None else code for code in codes), null], np.int8)
    return table, np.array([*(code is None for code in codes), False], np.uint8)


def _truth(array: ArrowArray, column: Column, block: Block, reading: Reading) -> Truth:
    null_is_no = column.name in reading.null_means_no
    array = decoded(array)
    if pa.types.is_boolean(array.type):
        truth = bool_planes(array)
        if null_is_no:
            truth[1] = truth[0]
        return truth
    truth = np.empty((2, block.words), np.uint64)
    _found(block, column.name, "invalid", clean_truths(*as_numbers(array), null_is_no, truth))
    return truth


def _found(block: Block, column: str, reason: str, rows: int) -> None:
    if rows:
        block.ledger.findings[column, reason] += int(rows)


def needed_columns(names: set[str], present: set[str]) -> tuple[Column, ...]:
    """Schema entries of the columns to read: those named, and the dates that their values are paired with."""
    found = [find_column(name) for name in sorted(names)]
    columns = {column.name: column for column in found if column}
    for column in list(columns.values()):
        pair = find_column(column.paired_with) if column.paired_with in present else None
        if pair:
            columns[pair.name] = pair
    return tuple(columns.values())
