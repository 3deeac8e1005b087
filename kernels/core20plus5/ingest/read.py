"""Read one block: every column that the plan needs, decoded, cleaned and tallied."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from core20plus5.arrow import ArrowArray
from core20plus5.deprivation import ImdTable
from core20plus5.ingest.age import AgeTable
from core20plus5.ingest.arrays import (
    Plane,
    as_days,
    as_dictionary,
    as_numbers,
    bool_planes,
    decoded,
    valid_plane,
    words_for,
)
from core20plus5.ingest.columns import Codes, Columns, Dates, Numbers, Truth
from core20plus5.ingest.deprivation import read_deprivation
from core20plus5.kernels.clean import blank_codes, blank_numbers, clean_codes, clean_dates, clean_numbers, clean_truths
from core20plus5.kernels.compare import NULL_DATE
from core20plus5.kernels.dates import age_on
from core20plus5.kernels.planes import to_bits
from core20plus5.records import Column, Kind, find_column

_FAR = 1e300  # beyond any real value, and below infinity, which is refused
_LAST_DAY = np.int32(2**31 - 1)


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
    _age(columns, reading)
    read_deprivation(arrays, columns, reading)
    return columns


def _value(array: ArrowArray | None, column: Column, columns: Columns, reading: Reading, later: Plane | None) -> None:
    if column.kind in (Kind.INTEGER, Kind.NUMBER):
        numbers = _numbers(array, column, columns)
        if later is not None:
            blank_numbers(later, numbers)
        columns.numbers[column.name] = numbers
    elif column.kind is Kind.CODE:
        codes = _codes(array, column, columns)
        if later is not None:
            blank_codes(later, np.int8(_null_code(column)), codes)
        columns.codes[column.name] = codes
    elif column.kind is Kind.BOOL:
        columns.truths[column.name] = _truth(array, column, columns, reading)


def _dates(array: ArrowArray | None, column: Column, columns: Columns, reading: Reading) -> tuple[Dates, Plane | None]:
    dates = np.empty(columns.words * 64, np.int32)
    if array is None:
        dates[:] = NULL_DATE
        return dates, None
    marks = np.empty(columns.words, np.uint64)
    latest = _LAST_DAY if column.as_it_stands else np.int32(reading.reference_day)
    array = decoded(array)
    later = clean_dates(as_days(array), valid_plane(array), latest, NULL_DATE, dates, marks)
    columns.ledger.dates[column.name] += len(array) - array.null_count
    _found(columns, column.name, "after_reference_date", later)
    return dates, marks if later else None


def _numbers(array: ArrowArray | None, column: Column, columns: Columns) -> Numbers:
    numbers = np.empty(columns.words * 64, np.float64)
    if array is None:
        numbers[:] = np.nan
        return numbers
    low = -_FAR if column.minimum is None else float(column.minimum)
    high = _FAR if column.maximum is None else float(column.maximum)
    array = decoded(array)
    refused = clean_numbers(as_numbers(array), valid_plane(array), low, high, column.kind is Kind.INTEGER, numbers)
    _found(columns, column.name, "invalid", refused)
    return numbers


def _null_code(column: Column) -> int:
    return column.values.index(column.otherwise) if column.otherwise else -1


def _codes(array: ArrowArray | None, column: Column, columns: Columns) -> Codes:
    codes = np.full(columns.words * 64, _null_code(column), np.int8)
    if array is None or len(array) == 0:
        return codes
    places, valid, texts = as_dictionary(array)
    null = np.int8(_null_code(column))
    table = np.full(len(texts) + 1, null, np.int8)  # one more, so that there always is a place
    refused = np.zeros(len(texts) + 1, np.bool_)
    for place, text in enumerate(texts):
        code = _code(text, column)
        refused[place] = code is None
        if code is not None:
            table[place] = code
    _found(columns, column.name, "invalid", clean_codes(places, valid, table, refused, null, codes))
    return codes


def _code(text: str | None, column: Column) -> int | None:
    """The number of a code; None for an unknown code."""
    trimmed = (text or "").strip().upper()
    assert column.read is not None
    normal = column.read(trimmed) if trimmed else ""
    if normal is None:
        return None
    return column.values.index(normal) if normal else _null_code(column)


def _truth(array: ArrowArray | None, column: Column, columns: Columns, reading: Reading) -> Truth:
    no_nulls = column.name in reading.null_means_no
    if array is None:
        truth = np.zeros((2, columns.words), np.uint64)
        truth[1] = 0 if no_nulls else np.uint64(2**64 - 1)
        return truth
    array = decoded(array)
    if pa.types.is_boolean(array.type):
        truth = bool_planes(array)
        if no_nulls:
            truth[1] = truth[0]
        return truth
    truth = np.empty((2, columns.words), np.uint64)
    raw, valid = as_numbers(array), valid_plane(array)
    refused = clean_truths(raw, valid, truth)
    _found(columns, column.name, "invalid", refused)
    if no_nulls:
        recorded = np.empty(columns.words, np.uint64)
        to_bits(~np.isnan(raw), recorded)
        truth[1] &= truth[0] | (recorded & valid)  # a number that is neither 0 nor 1 stays unknown
    return truth


def _age(columns: Columns, reading: Reading) -> None:
    """Age from the birth date, else from the number of years."""
    age = columns.numbers.get("age_years")
    age = np.full(columns.words * 64, np.nan) if age is None else age.copy()
    if "birth_date" in columns.dates:
        age_on(columns.dates["birth_date"], np.int32(reading.reference_day), reading.ages, NULL_DATE, age)
    columns.numbers["age"] = age


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
