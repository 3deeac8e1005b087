"""What a Polars user and a DuckDB user would write, against a real server. The scripts are run as they stand."""

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from core20plus5_cli.population import sample_people
from tests.clients.client_server import real_server

POLARS = """
from datetime import date

import polars as pl
from core20plus5_client import Client

people = pl.read_parquet("people.parquet").with_columns(
    pl.col("sex", "icb_code").cast(pl.Categorical),
    pl.col("ltc_count").fill_null(0),
)
with Client(server) as service:
    result = service.count_cohorts(
        people, reference_date=date(2026, 3, 31), imd_version="2025", strata=["imd_quintile"], plus_groups=["autism"]
    )
    flags = service.flag_patients(
        people.head(1_000), reference_date=date(2026, 3, 31), imd_version="2025", indicators=["core20", "hypertension"]
    )
    flagged = pl.concat(pl.from_arrow(batch) for batch in flags)

counts = pl.from_arrow(result.counts)
rates = (
    counts.filter(pl.col("cohort") == "everyone", pl.col("indicator") == "hypertension_controlled")
    .with_columns(rate=pl.col("yes") / (pl.col("yes") + pl.col("no")))
    .select("imd_quintile", "rate")
)
in_core20 = flagged.filter(pl.col("core20") == "yes").select("person_id")
"""

DUCKDB = """
from datetime import date

import duckdb
from core20plus5_client import Client
from pyarrow import parquet

database = duckdb.connect()
database.sql("create view people as select * replace (upper(practice_code) as practice_code) from 'people.parquet'")
with Client(server) as service:
    result = service.count_cohorts(
        database.sql("select * from people where age(date '2026-03-31', birth_date) >= interval 18 years"),
        reference_date=date(2026, 3, 31), imd_version="2025", strata=["practice_code"], indicators=["hypertension"],
    )
    flags = service.flag_patients(
        database.sql("from people").to_arrow_reader(5_000), reference_date=date(2026, 3, 31), imd_version="2025",
    )
    with parquet.ParquetWriter("flags.parquet", flags.schema) as file:
        for batch in flags:
            file.write_batch(batch)

counts = result.counts
largest = database.sql("select practice_code, yes from counts where cohort = 'everyone' order by yes desc nulls last")
core20 = database.sql("select core20, count(*) as people from 'flags.parquet' group by all order by all").fetchall()
"""


@pytest.fixture(scope="module", name="server")
def _server() -> Iterator[str]:
    with real_server() as target:
        yield target


@pytest.fixture(name="people", autouse=True)
def _people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pa.Table:
    table = pa.Table.from_batches(sample_people(20_000, 1))
    pyarrow.parquet.write_table(table, tmp_path / "people.parquet")
    monkeypatch.chdir(tmp_path)
    return table


def run(script: str, needs: str, server: str) -> dict[str, Any]:
    """The names that a script leaves behind. Skipped where what it needs is not installed."""
    if importlib.util.find_spec(needs) is None and os.environ.get("CORE20PLUS5_REQUIRE_ALL") != "1":
        pytest.skip(f"needs {needs}")
    names: dict[str, Any] = {"server": server}
    exec(compile(script, f"a {needs} user's script", "exec"), names)  # noqa: S102
    return names


def test_a_polars_user(server: str) -> None:
    names = run(POLARS, "polars", server)
    rates, in_core20 = names["rates"], names["in_core20"]
    assert rates.get_column("imd_quintile").to_list() == ["1", "2", "3", "4", "5", "unknown"]
    assert 0 < in_core20.height < 1_000


def test_a_duckdb_user(server: str, people: pa.Table) -> None:
    names = run(DUCKDB, "duckdb", server)
    assert len(names["largest"].fetchall()) > 10
    assert sum(rows for _, rows in names["core20"]) == people.num_rows
