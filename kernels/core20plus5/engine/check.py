"""A look at the records before a request: which columns are recognised, which are absent, what is wrong."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pyarrow as pa

from core20plus5.deprivation import LSOA_COUNT
from core20plus5.flags.calendar import day_number
from core20plus5.ingest import BlockReader, Ledger, Reading, SchemaReport, open_source
from core20plus5.ingest.age import age_table
from core20plus5.ingest.read import needed_columns
from core20plus5.ingest.schema import inspect_schema, shape_of
from core20plus5.ingest.validate import validation
from core20plus5.nhs_numbers import NhsNumberCheck
from core20plus5.records import Column
from core20plus5.result import quality_table

#: Without a reference date no date is taken to be later than it.
_FAR_FUTURE = date(2200, 12, 31)


def _within_bounds(column: Column) -> Column:
    """A deprivation column with the range that its name gives; a rank of no named version may be of either."""
    if column.name.startswith("imd_decile"):
        return replace(column, minimum=1, maximum=10)
    if column.name.startswith("imd_rank"):
        version = column.name.removeprefix("imd_rank").strip("_")
        return replace(column, minimum=1, maximum=LSOA_COUNT.get(version, max(LSOA_COUNT.values())))
    return column


@dataclass(frozen=True)
class RecordsCheck:
    """What a look at records found. quality: column, reason, rows; rows is 0 where the schema has problems and none was read."""

    schema: SchemaReport
    quality: pa.Table
    rows: int


def check_records(batches: Any, *, reference_date: date | None = None) -> RecordsCheck:
    """Compare records with the record schema and read every recognised column once.

    Raises DataError where the data cannot be read, NhsNumberError for a column that looks like NHS numbers.
    """
    source = open_source(batches)
    schema = source.schema if source.schema is not None else pa.schema([])
    report = inspect_schema(schema)
    ledger = Ledger()
    if not report.problems:
        needed = needed_columns(set(report.present), set(report.present))
        reading = Reading(
            needed=tuple(map(_within_bounds, needed)),
            reference_day=day_number(reference_date or _FAR_FUTURE),
            ages=age_table(reference_date or _FAR_FUTURE),
            imd_version="2025",
        )
        tripwire = NhsNumberCheck()
        for batch in source.blocks(list(report.present), tripwire.look, validation()):
            block = BlockReader(reading, shape_of(batch.schema)).read(batch, reading)
            block.read_all()
            ledger += block.ledger
        tripwire.check()
    return RecordsCheck(report, quality_table(ledger), ledger.received)
