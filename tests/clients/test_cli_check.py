"""`core20plus5 check`: columns recognised, absent and ignored, problems, and what was wrong with values."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from core20plus5_cli.app import app


def check(file: Path, *options: str) -> Result:
    return CliRunner(env={"COLUMNS": "120"}).invoke(app, ["check", str(file), *options])


def sections(text: str) -> dict[str, str]:
    """What stands under each heading, in one line each."""
    parts = [part.splitlines() for part in text.split("\n\n")[1:]]
    return {lines[0].split(":")[0]: " ".join(" ".join(lines[1:]).split()) for lines in parts}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    table = pa.table(
        {
            "person_id": [1, 2, 3, 4],
            "birth_date": [date(1980, 1, 31)] * 4,
            "imd_decile_2025": [1, 9, 9, None],
            "ltc_count": [-1, 2, -3, None],
            "sex": ["1", "F", "?", None],
            "bp_date": [date(2026, 3, 31), date(2026, 4, 1), None, None],
            "etnic_category": ["A"] * 4,
            "borough": ["Bury"] * 4,
        }
    )
    pq.write_table(table, tmp_path / "people.parquet")
    return tmp_path / "people.parquet"


def test_columns_are_told_apart(file: Path) -> None:
    result = check(file)
    found = sections(result.stdout)
    assert result.exit_code == 0
    assert result.stdout.startswith("people.parquet: 6 recognised columns, 4 rows: it can be counted.")
    assert found["Recognised"] == "person_id, birth_date, imd_decile_2025, ltc_count, sex, bp_date"
    assert found["Ignored"] == "etnic_category (is it ethnic_category?), borough"
    needed, null, spare = (found[name] for name in ("Absent", "Absent, and read as null in every row", "Absent, and not needed"))
    assert "bp_systolic its systolic pressure in mmHg" in needed
    assert "bp_setting clinic" in null
    assert "practice_code stratum unknown" in null
    assert spare == "age_years, lsoa_code, imd_rank, imd_decile"
    assert not {"birth_date", "bp_setting", "age_years", "practice_code"} & set(needed.split())


def test_values_are_found_by_column_and_reason(file: Path) -> None:
    values = sections(check(file).stdout)["Values"]
    assert "ltc_count invalid 2 sex invalid 1" in values
    assert "bp_date" not in values
    assert "with --reference-date" in values
    dated = sections(check(file, "--reference-date", "2026-03-31").stdout)["Values"]
    assert "bp_date after reference date 1" in dated
    assert "--reference-date" not in dated


def test_nothing_wrong(tmp_path: Path) -> None:
    pq.write_table(pa.table({"age_years": [40], "lsoa_code": ["E01000001"]}), tmp_path / "good.parquet")
    found = sections(check(tmp_path / "good.parquet").stdout)
    assert found["Values"].startswith("nothing wrong was found")
    assert "Ignored" not in found
    assert found["Absent, and not needed"] == "person_id, birth_date, imd_rank, imd_decile"


def test_problems_come_first_and_are_exit_code_2(tmp_path: Path) -> None:
    table = pa.table({"birth_date": ["a secret"], "autism": ["another"], "plus_any": [True], "sex": ["1"]})
    pq.write_table(table, tmp_path / "wrong.parquet")
    result = check(tmp_path / "wrong.parquet")
    assert result.exit_code == 2
    assert result.stdout.startswith("wrong.parquet: 3 recognised columns: 3 problems to solve.")
    problems = sections(result.stdout)["Problems"]
    for words in ("'birth_date': expected date, got string", "'autism': expected bool, got string", "'plus_any'"):
        assert words in problems
    assert "Values" not in sections(result.stdout)
    assert "secret" not in result.output
    assert "another" not in result.stdout.replace("needs another", "")


def test_a_wrong_date_is_said_plainly(file: Path) -> None:
    result = check(file, "--reference-date", "tomorrow")
    assert result.exit_code == 2
    assert result.stderr == "core20plus5: --reference-date must be a date such as 2026-03-31, not 'tomorrow'\n"
