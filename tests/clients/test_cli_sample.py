"""`core20plus5 sample`: made-up people in a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from core20plus5.deprivation import read_imd_table
from core20plus5_cli.app import app
from core20plus5_cli.population import sample_people, sample_schema
from tests.shared_data import shared_file


def sample(*arguments: str | Path) -> Result:
    return CliRunner(env={"COLUMNS": "120"}).invoke(app, ["sample", *(str(argument) for argument in arguments)])


def test_the_people_are_those_of_the_seed(tmp_path: Path) -> None:
    target = tmp_path / "people.parquet"
    result = sample("--people", 1_000, "--seed", 3, target)
    assert result.exit_code == 0
    assert result.stdout == f"Wrote 1,000 made-up people to {target}: homes are in imd_rank_2025.\n"
    assert pq.read_table(target).equals(pa.Table.from_batches(list(sample_people(1_000, 3)), sample_schema()))


def test_the_reference_date(tmp_path: Path) -> None:
    assert sample("--people", 500, "--reference-date", "2020-06-30", tmp_path / "a.parquet").exit_code == 0
    expected = pa.Table.from_batches(list(sample_people(500, 1, reference_date=date(2020, 6, 30))))
    assert pq.read_table(tmp_path / "a.parquet").equals(expected)


@pytest.mark.parametrize("as_published", [True, False])
def test_homes_in_lsoas_of_a_table(tmp_path: Path, as_published: bool) -> None:
    path = shared_file("imd2019_lsoa11.csv")
    given = ["--imd-table", f"2019={path}"] if as_published else ["--imd-table", path, "--imd-version", "2019"]
    result = sample("--people", 500, *given, tmp_path / "people.parquet")
    assert "homes are in lsoa_code" in result.stdout
    homes = pq.read_table(tmp_path / "people.parquet")["lsoa_code"].cast(pa.string()).drop_null().to_pylist()
    ranks = read_imd_table(path, "2019").ranks
    english = [int(home[3:]) for home in homes if home.startswith("E01") and home[3:].isdigit()]
    known = [number for number in english if number < len(ranks) and ranks[number] > 0]
    assert len(known) > 450


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["people.xlsx"], "must end in .parquet, .arrow, .csv"),
        (["nowhere/people.parquet"], "nowhere/people.parquet cannot be written: No such file or directory"),
        (["--people", "-1", "people.parquet"], "people must be at least 0"),
        (["--seed", "-1", "people.parquet"], "seed must be at least 0"),
        (["--reference-date", "x", "people.parquet"], "--reference-date must be a date"),
        (["--imd-table", "imd.csv", "people.parquet"], "--imd-table needs its version"),
        (["--imd-version", "2025", "people.parquet"], "--imd-table, which is missing"),
        (["--imd-table", "2019=imd.csv", "--imd-version", "2025", "people.parquet"], "says 2019, --imd-version says 2025"),
        (["--imd-table", "2025=imd.csv", "people.parquet"], "imd.csv: expected a file that can be read"),
        (["--imd-table", "2015=imd.csv", "--imd-version", "2025", "people.parquet"], "2015=imd.csv: expected a file"),
    ],
)
def test_what_must_change(tmp_path: Path, arguments: list[str], words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = sample(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
