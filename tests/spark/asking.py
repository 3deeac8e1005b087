"""Short ways to ask Spark and the embedded engine the same. Only what is asked of Spark imports it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

import core20plus5
from core20plus5_cli.population import sample_people
from tests.ask import REFERENCE_DATE

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from core20plus5_spark import FlaggedPatients

ASKED: dict[str, Any] = {"reference_date": REFERENCE_DATE, "imd_version": "2025"}
EVERYTHING: dict[str, Any] = ASKED | {"strata": ["imd_quintile", "ethnic_group", "icb_code"], "plus_groups": "all"}


def sample(people: int, seed: int = 1) -> pa.Table:
    """Made-up people, with all columns and some oddities."""
    return pa.Table.from_batches(list(sample_people(people, seed)))


def written(table: pa.Table, folder: Path) -> str:
    """The records as a Parquet file, as Spark reads it."""
    path = folder / "people.parquet"
    # Spark reads no timestamps of nanoseconds, and writes none.
    pq.write_table(table, path, coerce_timestamps="us", row_group_size=max(1, len(table) // 3))
    return str(path)


def count(df: "DataFrame", **arguments: Any) -> core20plus5.CohortResult:
    from core20plus5_spark import count_cohorts

    return count_cohorts(df, **ASKED | arguments)


def flag(df: "DataFrame", **arguments: Any) -> "FlaggedPatients":
    from core20plus5_spark import flag_patients

    return flag_patients(df, **ASKED | arguments)


def assert_same(df: "DataFrame", records: Any, **arguments: Any) -> core20plus5.CohortResult:
    """Spark and the embedded engine give one result, to the last field; every row is counted or excluded."""
    found, expected = count(df, **arguments), core20plus5.count_cohorts(records, **ASKED | arguments)
    assert found.provenance == expected.provenance
    assert found.counts.equals(expected.counts)
    assert found.indicators.equals(expected.indicators)
    assert found.quality.equals(expected.quality)
    ledger = found.provenance
    assert ledger["rows_received"] == ledger["rows_counted"] + sum(ledger["rows_excluded"].values())
    return found
