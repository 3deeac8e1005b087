"""Read one block: every column that the plan needs, decoded, cleaned and tallied."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core20plus5.arrow import ArrowArray
from core20plus5.deprivation import ImdTable
from core20plus5.ingest.age import AgeTable, read_age
from core20plus5.ingest.arrays import (
    as_days,
    as_numbers,
    as_texts,
    bool_planes,
    decoded,
    nothing_recorded,
    words_for,
)
from core20plus5.ingest.codes import accepted_range, code_of, null_code
from core20plus5.ingest.columns import Codes, Columns, Plane, Recorded, Truth
from core20plus5.ingest.deprivation import read_deprivation
from core20plus5.ingest.dictionaries import DictionaryMemory
from core20plus5.kernels.clean import blank_codes, clean_codes, clean_dates, clean_numbers, clean_truths
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


def read_block(batch: pa.RecordBatch, reading: Reading) -> Columns:
    """Decode and clean the needed columns of one block. Absent ones read as all-null."""
    columns = Columns(batch.num_rows, words_for(batch.num_rows))
    columns.ledger.received = batch.num_rows
    arrays: Mapping[str, ArrowArray] = dict(zip(batch.schema.names, batch.columns, strict=True))
    later: dict[str, Plane] = {}
    for column in reading.needed:  # dates come first: values paired with a later date are null
        if column.kind is Kind.DATE:
            columns.dates[column.name], marks = _dates(arrays.get(column.name), column, columns, reading)
            if marks is not None:
                later[column.name] = marks
    for column in reading.needed:
        _value(arrays.get(column.name), column, columns, reading, later.get(column.paired_with or ""))
    read_age(columns, reading)
    read_deprivation(arrays, columns, reading)
    return columns


def _value(array: ArrowArray | None, column: Column, columns: Columns, reading: Reading, later: Plane | None) -> None:
    if column.kind in (Kind.INTEGER, Kind.NUMBER):
        numbers = _numbers(array, column, columns)
        if later is not None:
            np.bitwise_and(numbers.known, ~later, out=numbers.known)
        columns.numbers[column.name] = numbers
    elif column.kind is Kind.CODE:
        codes = _codes(array, column, columns, reading.dictionaries)
        if later is not None:
            blank_codes(later, np.int8(null_code(column)), codes)
        columns.codes[column.name] = codes
    elif column.kind is Kind.BOOL:
        columns.truths[column.name] = _truth(array, column, columns, reading)


def _dates(array: ArrowArray | None, column: Column, columns: Columns, reading: Reading) -> tuple[Recorded, Plane | None]:
    if array is None:
        return nothing_recorded(columns.rows, np.int32), None
    array = decoded(array)
    dates = as_days(array)
    columns.ledger.dates[column.name] += len(array) - array.null_count
    if column.as_it_stands:
        return dates, None
    marks = np.empty(columns.words, np.uint64)
    later = clean_dates(*dates, np.int32(reading.reference_day), marks)
    _found(columns, column.name, "after_reference_date", later)
    return dates, marks if later else None


def _numbers(array: ArrowArray | None, column: Column, columns: Columns) -> Recorded:
    if array is None:
        return nothing_recorded(columns.rows, np.float64)
    numbers = as_numbers(array)
    _found(columns, column.name, "invalid", clean_numbers(*numbers, *accepted_range(column), column.kind is Kind.INTEGER))
    return numbers


def _codes(array: ArrowArray | None, column: Column, columns: Columns, dictionaries: DictionaryMemory) -> Codes:
    if array is None or len(array) == 0:
        return np.full(columns.words * 64, null_code(column), np.int8)
    places, dictionary = dictionaries.encoded(column.name, array)
    table, refused = dictionaries.of(column.name, dictionary, lambda values: _code_table(values, column))
    codes = np.empty(columns.words * 64, np.int8)
    _found(columns, column.name, "invalid", clean_codes(*places, table, refused, codes))
    return codes


def _code_table(dictionary: ArrowArray, column: Column) -> tuple[Codes, Marks]:
    """The code of each distinct value, and last that of no value; and which of them are refused."""
    codes = [code_of(text, column) for text in as_texts(dictionary)]
    null = null_code(column)
    table = np.array([*(null if code is None else code for code in codes), null], np.int8)
    return table, np.array([*(code is None for code in codes), False], np.uint8)


def _truth(array: ArrowArray | None, column: Column, columns: Columns, reading: Reading) -> Truth:
    null_is_no = column.name in reading.null_means_no
    if array is None:
        truth = np.zeros((2, columns.words), np.uint64)
        truth[1] = 0 if null_is_no else np.uint64(2**64 - 1)
        return truth
    array = decoded(array)
    if pa.types.is_boolean(array.type):
        truth = bool_planes(array)
        if null_is_no:
            truth[1] = truth[0]
        return truth
    truth = np.empty((2, columns.words), np.uint64)
    _found(columns, column.name, "invalid", clean_truths(*as_numbers(array), null_is_no, truth))
    return truth


def _found(columns: Columns, column: str, reason: str, rows: int) -> None:
    if rows:
        columns.ledger.findings[column, reason] += int(rows)


def needed_columns(names: set[str], present: set[str]) -> tuple[Column, ...]:
    """Schema entries of the columns to read: those named, and the dates that their values are paired with."""
    found = [find_column(name) for name in sorted(names)]
    columns = {column.name: column for column in found if column}
    for column in list(columns.values()):
        pair = find_column(column.paired_with) if column.paired_with in present else None
        if pair:
            columns[pair.name] = pair
    return tuple(columns.values())
