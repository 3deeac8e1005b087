"""The engine, asked like the twin: records in, answers, counts and findings out."""

import csv
import tempfile
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from core20plus5 import count_cohorts, flag_patients
from core20plus5.deprivation import ImdTable, read_imd_table
from tests.reference.reading import DATES, DATES_AS_THEY_STAND, NUMBERS, Record
from tests.reference.request import Request
from tests.spec.page import imaginary_imd_table, is_bool

Flags = list[dict[str, str | None]]
Counts = list[dict[str, Any]]
Findings = dict[tuple[str, str], int]


def to_table(records: Sequence[Record], columns: Sequence[str]) -> pa.Table:
    """Records as a platform would send them: dates as dates or timestamps, numbers as narrow as they go, text as text."""
    arrays = {name: [record.get(name) for record in records] for name in columns}
    return pa.table({name: pa.array(values, arrow_type(name, values)) for name, values in arrays.items()})


def arrow_type(name: str, values: Sequence[Any]) -> pa.DataType:
    kinds = {type(value) for value in values if value is not None}
    if name in DATES or name in DATES_AS_THEY_STAND:
        zoned = any(isinstance(value, datetime) and value.tzinfo for value in values)
        return pa.timestamp("us", "UTC" if zoned else None) if datetime in kinds else pa.date32()
    if name in NUMBERS or name.startswith("imd_"):
        return pa.float64() if float in kinds else pa.int32()
    if is_bool(name) or kinds & {bool, int, float}:
        return pa.float64() if float in kinds else pa.int32() if int in kinds else pa.bool_()
    return pa.string()


def arguments(request: Request) -> dict[str, Any]:
    given = {name: list(value) if isinstance(value, tuple) else value for name, value in vars(request).items()}
    if request.imd_table is not None:
        given["imd_table"] = imd_table(request.imd_version)
    return given


@cache
def imd_table(version: str) -> ImdTable:
    """The imaginary IMD table, by way of a file, once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"imd{version}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(["lsoa_code", "imd_rank"])
            rows.writerows(imaginary_imd_table(version).items())
        return read_imd_table(path, version)


def engine_flags(table: pa.Table, request: Request) -> tuple[Flags, Findings]:
    flags, findings = flags_table(table, request)
    return flags.to_pylist(), findings


def flags_table(table: pa.Table, request: Request) -> tuple[pa.Table, Findings]:
    given = arguments(request)
    for only_for_counts in ("strata", "cohorts", "disclosure"):
        del given[only_for_counts]
    stream = flag_patients(table, **given)
    return pa.Table.from_batches(list(stream), stream.schema), _findings(stream.quality)


def engine_counts(table: pa.Table, request: Request) -> tuple[Counts, Findings]:
    result = count_cohorts(table, **arguments(request))
    return result.counts.to_pylist(), _findings(result.quality)


def _findings(quality: pa.Table) -> Findings:
    return {(row["column"], row["reason"]): row["rows"] for row in quality.to_pylist()}
