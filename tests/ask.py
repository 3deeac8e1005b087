"""Short ways to ask the engine, for tests: one reference date, exact counts, everything else as the caller says."""

from datetime import date
from typing import Any

import pyarrow as pa

import core20plus5

REFERENCE_DATE = date(2026, 3, 31)


def count(data: Any, **arguments: Any) -> core20plus5.CohortResult:
    """Exact counts at the reference date of the tests, IMD 2025."""
    return core20plus5.count_cohorts(data, **_filled(arguments | {"disclosure": arguments.get("disclosure", "none")}))


def flags(data: Any, **arguments: Any) -> pa.Table:
    """All flags as one table."""
    stream = core20plus5.flag_patients(data, **_filled(arguments))
    return pa.Table.from_batches(list(stream), schema=stream.schema)


def cell(counts: pa.Table, **where: str) -> tuple[int | None, int | None, int | None]:
    """yes, no and unknown of the one row with these values; a row that is not there is 0, 0, 0."""
    where = {"cohort": "everyone", "cohort_answer": "yes"} | where
    rows = [row for row in counts.to_pylist() if all(row[key] == value for key, value in where.items())]
    assert len(rows) <= 1, rows
    return (rows[0]["yes"], rows[0]["no"], rows[0]["unknown"]) if rows else (0, 0, 0)


def _filled(arguments: dict[str, Any]) -> dict[str, Any]:
    return {"reference_date": REFERENCE_DATE, "imd_version": "2025"} | arguments
