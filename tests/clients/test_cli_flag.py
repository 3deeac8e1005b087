"""`core20plus5 flag`: one row back for each row in, in every format."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

import core20plus5
from core20plus5_cli.app import app
from core20plus5_cli.population import sample_people, sample_schema

ASKED = ["--reference-date", "2026-03-31", "--imd-version", "2025"]
PEOPLE = 70_000


def flag(file: Path, target: Path, *options: str) -> Result:
    return CliRunner(env={"COLUMNS": "120"}).invoke(app, ["flag", str(file), *ASKED, "--out", str(target), *options])


@pytest.fixture(scope="module")
def people() -> pa.Table:
    return pa.Table.from_batches(list(sample_people(PEOPLE, 7)), sample_schema())


@pytest.fixture(scope="module")
def file(people: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("records") / "people.parquet"
    pq.write_table(people, path)
    return path


@pytest.fixture(scope="module")
def expected(people: pa.Table) -> pa.Table:
    flags = core20plus5.flag_patients(
        people, reference_date=date(2026, 3, 31), imd_version="2025", indicators=["core20", "smi_bp"]
    )
    return plain(pa.Table.from_batches(list(flags), flags.schema))


def plain(table: pa.Table) -> pa.Table:
    """Text without dictionaries, and no metadata."""
    encoded = [pa.types.is_dictionary(field.type) for field in table.schema]
    fields = [field.with_type(pa.string()) if yes else field for field, yes in zip(table.schema, encoded, strict=True)]
    return table.cast(pa.schema([field.remove_metadata() for field in fields])).combine_chunks()


@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".csv"])
def test_every_row_comes_back_in_its_place(file: Path, expected: pa.Table, tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"flags{suffix}"
    result = flag(file, target, "--indicators", "core20,smi_bp")
    assert result.exit_code == 0
    if suffix == ".csv":
        table = pyarrow.csv.read_csv(
            target, convert_options=pyarrow.csv.ConvertOptions(column_types=expected.schema, strings_can_be_null=True)
        )
        kept = json.loads((tmp_path / "flags.provenance.json").read_text(encoding="utf-8"))
    else:
        table = pq.read_table(target) if suffix == ".parquet" else pa.ipc.open_file(target).read_all()
        kept = json.loads(table.schema.metadata[b"core20plus5"])
    assert plain(table).equals(expected)
    assert kept["indicators"] == ["core20", "smi_bp"]
    assert "rows_received" not in kept


def test_the_summary_is_one_line(file: Path, expected: pa.Table, tmp_path: Path) -> None:
    result = flag(file, tmp_path / "flags.parquet")
    excluded = PEOPLE - expected["excluded"].null_count
    assert len(result.stdout.splitlines()) == 1
    assert result.stdout.startswith(f"Wrote {PEOPLE:,} rows to {tmp_path / 'flags.parquet'}: {PEOPLE:,} rows received, ")
    assert f"{PEOPLE - excluded:,} flagged, {excluded:,} excluded (died " in result.stdout
    assert result.stdout.endswith("These are personal data.\n")
    assert result.stderr == ""


def test_identifiers_by_dictionary_can_be_written_to_arrow(tmp_path: Path) -> None:
    """The IPC file format holds one dictionary for a column, and these batches have two."""
    schema = pa.schema({"person_id": pa.dictionary(pa.int8(), pa.string()), "imd_decile": pa.int8()})
    with pa.ipc.new_stream(str(tmp_path / "people.arrows"), schema) as writer:
        for names in (["a", "b"] * 20_000, ["c", "d"] * 20_000):
            writer.write_batch(
                pa.record_batch(
                    [pa.array(names).dictionary_encode().cast(schema[0].type), pa.array([1] * 40_000, pa.int8())], schema=schema
                )
            )
    assert flag(tmp_path / "people.arrows", tmp_path / "flags.arrow").exit_code == 0
    flags = pa.ipc.open_file(tmp_path / "flags.arrow").read_all()
    assert flags["person_id"].to_pylist()[39_999:40_002] == ["b", "c", "d"]


def test_options_reach_the_engine(tmp_path: Path) -> None:
    pq.write_table(pa.table({"imd_decile": [1, 3], "imd_rank": [9_000, 1], "homeless": [None, True]}), tmp_path / "two.parquet")
    options = ["--imd-from", "imd_decile", "--plus", "homeless", "--null-means-no", "homeless", "--set", "core20_max_decile=3"]
    assert flag(tmp_path / "two.parquet", tmp_path / "flags.parquet", *options).exit_code == 0
    flags = pq.read_table(tmp_path / "flags.parquet")
    assert flags["core20"].to_pylist() == ["yes", "yes"]
    assert flags["plus_any"].to_pylist() == ["no", "yes"]
