"""CSV as people have it: what a field may look like, and what is said of one that cannot be read."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

import core20plus5
from core20plus5_cli.app import app
from core20plus5_cli.reading import open_records

ASKED = ["--reference-date", "2026-03-31", "--imd-version", "2025"]
SECRET = "943-476-5919"


def write(path: Path, header: str, *lines: str) -> Path:
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def read(path: Path, *columns: str) -> pa.Table:
    with open_records(path, "Reading") as records:
        return pa.Table.from_batches(list(records.to_batches(list(columns) or None)))


def run(*arguments: str | Path) -> Result:
    return CliRunner(env={"COLUMNS": "120"}).invoke(app, [str(argument) for argument in arguments])


@pytest.mark.parametrize(
    ("name", "texts", "values"),
    [
        ("birth_date", ["1970-03-31", "", "9999-12-31"], [datetime(1970, 3, 31), None, datetime(9999, 12, 31)]),
        ("birth_date", ["1970-03-31", "1970-03-31T23:59:00", "1970-03-31 10:00:00.123"], None),
        ("autism", ["true", "FALSE", "True"], [True, False, True]),
        ("autism", ["1", "0", ""], [1, 0, None]),
        ("autism", ["1.0", "0.0", "NA"], [True, False, None]),
        ("autism", ["1", "9", "0"], [1, 9, 0]),
        ("ltc_count", ["3", "NULL", "0"], [3, None, 0]),
        ("ltc_count", ["3.0", "NaN", "0.0"], [3.0, None, 0.0]),
        ("ldl_mmol", ["2", "1", ""], [2.0, 1.0, None]),
        ("ldl_mmol", ["1.0", "0.0", "1.0"], [1.0, 0.0, 1.0]),
        ("sex", ["1", "2", ""], ["1", "2", None]),
        ("person_id", ["007", '""', "7"], ["007", None, "7"]),
        ("borough", ["1", "two", "NA"], ["1", "two", None]),
        ("borough", ['"a, b"', '"line\nbreak"', "é"], ["a, b", "line\nbreak", "é"]),
    ],
)
def test_fields(tmp_path: Path, name: str, texts: list[str], values: list[object] | None) -> None:
    table = read(write(tmp_path / "some.csv", f"x,{name}", *(f"1,{text}" for text in texts)), name)
    days = [datetime(1970, 3, 31, *time) for time in ((), (23, 59), (10, 0, 0, 123_000))]
    assert table[name].to_pylist() == (days if values is None else values)


@pytest.mark.parametrize("name", ["death_date", "autism", "ltc_count", "ldl_mmol", "sex", "borough"])
def test_a_column_whose_first_value_comes_late(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core20plus5_cli.csv_source.FIRST_LOOK", 1_000)
    late = {"death_date": "2026-01-31T10:00:00", "autism": "1.0", "ltc_count": "4.0", "ldl_mmol": "1", "sex": "2", "borough": "é"}
    path = write(tmp_path / "late.csv", f"x,{name}", *["1,"] * 2_000, f"1,{late[name]}")
    values = read(path, name)[name]
    assert values.null_count == 2_000
    assert values[2_000].as_py() is not None


def test_a_time_with_a_zone_is_the_day_in_london(tmp_path: Path) -> None:
    """In summer time, half past eleven by Greenwich is the next day."""
    path = write(tmp_path / "zoned.csv", "x,death_date", "1,2026-03-30T22:30:00Z", "2,2026-03-30T23:30:00+00:00", "3,")
    with open_records(path, "Reading") as records:
        counted = core20plus5.count_cohorts(records, reference_date=date(2026, 3, 30), imd_version="2025")
    assert counted.provenance["rows_excluded"]["died"] == 1
    assert counted.provenance["rows_counted"] == 2


def test_only_the_columns_asked_for_are_read_and_rows_are_counted_without_any(tmp_path: Path) -> None:
    path = write(tmp_path / "some.csv", "sex,autism,borough", "1,true,a", "2,false,b")
    assert read(path, "borough", "sex").column_names == ["borough", "sex"]
    with open_records(path, "Reading") as records:
        assert sum(batch.num_rows for batch in records.to_batches([])) == 2


def test_a_mark_at_the_beginning_and_blank_lines_are_no_data(tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    path.write_bytes("﻿sex,ltc_count\r\n1,2\r\n\r\n2,3\r\n".encode())
    assert read(path).to_pydict() == {"sex": ["1", "2"], "ltc_count": [2, 3]}


def test_a_file_with_a_header_only_has_no_rows(tmp_path: Path) -> None:
    result = run("count", write(tmp_path / "header.csv", "sex,imd_decile,birth_date"), *ASKED)
    assert result.exit_code == 0
    assert "0 rows received" in result.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "some.csv is empty"),
        (b"sex;imd_decile\n1;2\n", "some.csv: the fields are not separated by commas"),
        (f"sex,imd_decile\n1,2\n{SECRET}\n".encode(), "some.csv: a row has 1 fields where the first line names 2"),
        (b"\xff\xfes\0e\0x\0", "some.csv cannot be read as CSV"),
        (b"sex,borough\n1,caf\xe9 943-476-5919\n", "column 'borough' holds text that is not UTF-8"),
        (f"sex,bp_date,ltc_count\n1,31/03/2026,{SECRET}\n".encode(), "column 'bp_date': expected date, got string"),
    ],
)
def test_a_file_that_must_change(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "some.csv").write_bytes(content)
    result = run("count", tmp_path / "some.csv", *ASKED, "--by", "borough" if b"borough" in content else "sex")
    assert result.exit_code == 2
    assert words in result.stderr
    assert SECRET not in result.output


@pytest.mark.parametrize(
    ("name", "good", "kind"),
    [
        ("bp_date", "2026-01-31", "a date such as 2026-03-31"),
        ("autism", "true", "true, false, 1 or 0"),
        ("imd_decile", "3", "a whole number"),
        ("ldl_mmol", "1.5", "a number"),
    ],
)
def test_a_late_value_of_another_kind_is_named_by_column_and_nothing_is_written(
    tmp_path: Path, name: str, good: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core20plus5_cli.csv_source.FIRST_LOOK", 1_000)
    path = write(tmp_path / "late.csv", f"sex,{name}", *[f"1,{good}"] * 5_000, f"1,{SECRET}")
    for command in (["flag", path, *ASKED, "--out", tmp_path / "out.csv"], ["check", path]):
        result = run(*command)
        assert result.exit_code == 2
        assert result.stderr == f"core20plus5: late.csv: column '{name}' holds a value that is not {kind}\n"
        assert result.stdout == ""
    assert [found.name for found in tmp_path.iterdir()] == ["late.csv"]


def test_flags_of_csv_are_those_of_parquet(tmp_path: Path) -> None:
    table = pa.table({"person_id": ["a", "b", "c"], "imd_decile": [1, 9, None], "autism": [True, False, None]})
    pq.write_table(table, tmp_path / "people.parquet")
    write(tmp_path / "people.csv", "person_id,imd_decile,autism", "a,1,true", "b,9,false", "c,,")
    flags = []
    for suffix in ("csv", "parquet"):
        target = tmp_path / f"{suffix}.flags.parquet"
        assert run("flag", tmp_path / f"people.{suffix}", *ASKED, "--out", target).exit_code == 0
        flags.append(pq.read_table(target))
    assert flags[0].equals(flags[1])
    assert flags[0]["core20"].to_pylist() == ["yes", "no", "unknown"]
