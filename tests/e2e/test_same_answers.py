"""Served equals embedded, on records of two kinds and at three sizes."""

import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core20plus5_cli.population import sample_people, sample_schema
from core20plus5_client import Client
from tests import synthea
from tests.e2e.asking import ASK, assert_same_counts, assert_same_flags
from tests.e2e.process import ServerProcess

STRATA = ["icb_code", "imd_quintile", "sex"]


@pytest.mark.parametrize("disclosure", ["none", "hes"])
def test_patients_in_a_real_format(client: Client, imd: Path, disclosure: str) -> None:
    question: dict[str, Any] = {"reference_date": synthea.REFERENCE_DATE, "strata": ["imd_quintile"], "disclosure": disclosure}
    result = assert_same_counts(client, synthea.records(), imd, **question)
    assert result.provenance["imd_from"] == "lsoa_code"
    assert result.provenance["imd_table"] == imd.name
    assert result.provenance["rows_received"] == 1_000


def test_flags_of_patients_in_a_real_format(client: Client, imd: Path) -> None:
    flags = assert_same_flags(client, synthea.records(), imd, reference_date=synthea.REFERENCE_DATE)
    assert flags.column("person_id").to_pylist() == synthea.records().column("person_id").to_pylist()


@pytest.mark.parametrize("disclosure", ["none", "hes"])
def test_sample_people(client: Client, sample: pa.Table, disclosure: str) -> None:
    result = assert_same_counts(client, sample, strata=STRATA, plus_groups="all", disclosure=disclosure)
    assert result.provenance["rows_received"] == sample.num_rows
    assert result.counts.num_rows > 10_000


def test_counts_without_exact_ones_are_the_same_on_a_server_that_gives_no_others(
    careful_client: Client, sample: pa.Table
) -> None:
    assert_same_counts(careful_client, sample, strata=["sex"], plus_groups="all")


def test_flags_of_sample_people(client: Client, sample: pa.Table) -> None:
    assert_same_flags(client, sample, plus_groups="all")


@pytest.mark.parametrize(
    "columns",
    [
        ["birth_date"],
        ["sex"],
        ["imd_rank_2025", "autism"],
        ["birth_date", "bp_date", "bp_systolic", "bp_diastolic"],
        ["birth_date", "smi_dx_latest", "bmi_date"],
    ],
)
def test_absent_columns(client: Client, few: pa.Table, columns: list[str]) -> None:
    result = assert_same_counts(client, few.select(columns), disclosure="none", plus_groups="all")
    assert result.columns_absent
    assert_same_flags(client, few.select(columns))


def test_a_million_people(client: Client, server: ServerProcess, capsys: pytest.CaptureFixture[str]) -> None:
    people = pa.Table.from_batches(list(sample_people(1_000_000, 3)), sample_schema())
    before = server.metric("core20plus5_rows_received_total")
    start = time.perf_counter()
    result = client.count_cohorts(people, **ASK, strata=["icb_code", "imd_quintile"], plus_groups="all", disclosure="none")
    seconds = time.perf_counter() - start
    with capsys.disabled():
        print(f"\na million people counted by a server in {seconds:.2f} s")  # noqa: T201
    assert seconds < 60
    assert result.provenance["rows_received"] == people.num_rows
    assert server.metric("core20plus5_rows_received_total") - before == people.num_rows
    assert server.metric("core20plus5_ledger_imbalance_total") == 0
