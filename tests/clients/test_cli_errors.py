"""What a user can put right is one line on stderr, exit code 2, no traceback, no value of a record, no file left behind."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from core20plus5_cli.app import app
from core20plus5_cli.errors import explain, with_options
from core20plus5_cli.population import sample_people, sample_schema

DATE, VERSION = ("--reference-date", "2026-03-31"), ("--imd-version", "2025")
ASKED = [*DATE, *VERSION]
SECRET = "943-476-5919"


def run(*arguments: str | Path) -> Result:
    return CliRunner(env={"COLUMNS": "120"}).invoke(app, [str(argument) for argument in arguments])


def refused(result: Result, *words: str) -> None:
    """One line, or one for each column, that holds the words and never a value."""
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert SECRET not in result.stderr
    assert all(line.startswith("core20plus5: ") for line in result.stderr.splitlines())
    for text in words:
        assert text in result.stderr


@pytest.fixture(scope="module")
def people() -> pa.Table:
    return pa.Table.from_batches(list(sample_people(2_000, 7)), sample_schema())


@pytest.fixture
def file(people: pa.Table, tmp_path: Path) -> Path:
    pq.write_table(people, tmp_path / "people.parquet")
    return tmp_path / "people.parquet"


@pytest.mark.parametrize("command", ["count", "flag"])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([*VERSION], ["--reference-date is missing", "no default", "as at this date"]),
        ([*DATE], ["--imd-version is missing", "no default", "2025 for LSOA 2021 codes"]),
        ([], ["--reference-date is missing"]),
        (["--reference-date", "31/03/2026", *VERSION], ["--reference-date must be a date such as 2026-03-31"]),
        (["--reference-date", "0026-03-31", *VERSION], ["--reference-date must be between 1900 and 2200"]),
        ([*DATE, "--imd-version", "2015"], ["--imd-version must be one of 2019, 2025"]),
        ([*ASKED, "--plus", "nobody"], ["--plus: 'nobody'"]),
        ([*ASKED, "--plus", "plus_nobody"], ["plus_nobody"]),
        ([*ASKED, "--indicators", "nonesuch"], ["--indicators: there is no indicator 'nonesuch'"]),
        ([*ASKED, "--indicators", ""], ["--indicators is an empty list"]),
        ([*ASKED, "--set", "nonesuch=1"], ["--set: there is no parameter 'nonesuch'"]),
        ([*ASKED, "--set", "ldl_target=low"], ["--set: ldl_target is given in mmol/L"]),
        ([*ASKED, "--set", "ldl_target"], ["--set takes NAME=VALUE"]),
        ([*ASKED, "--set", "ldl_target=1", "--set", "ldl_target=2"], ["--set names ldl_target more than once"]),
        ([*ASKED, "--ruleset", "nonesuch"], ["there is no ruleset 'nonesuch'", "core20plus5-adults@"]),
        ([*ASKED, "--ruleset", "nonesuch.toml"], ["nonesuch.toml: cannot be read"]),
        ([*ASKED, "--imd-from", "postcode"], ["--imd-from must be one of"]),
        ([*ASKED, "--imd-from", "lsoa_code"], ["lsoa_code"]),
        ([*ASKED, "--imd-table", "nonesuch.csv"], ["nonesuch.csv"]),
        ([*ASKED, "--null-means-no", "sex"], ["--null-means-no: 'sex'"]),
        (["--reference-date", "2020-01-01", *VERSION], ["extract_later_than_reference_date", "--allow-later-facts"]),
    ],
)
def test_a_request_that_must_change(file: Path, command: str, options: list[str], words: list[str]) -> None:
    target = file.parent / "out.parquet"
    refused(run(command, file, *options, "--out", target), *words)
    assert [path.name for path in file.parent.iterdir()] == ["people.parquet"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--by", "nonesuch"], ["--by: there is no column 'nonesuch'", "imd_quintile"]),
        (["--by", "person_id"], ["--by: 'person_id' cannot be one"]),
        (["--by", "bp_date"], ["--by: 'bp_date' cannot be one"]),
        (["--by", "sex,sex"], ["--by names sex more than once"]),
        (["--cohorts", "smi"], ["--cohorts: 'smi' is no cohort"]),
        (["--disclosure", "some"], ["--disclosure must be one of hes, opensafely, midpoint6, threshold10, none"]),
    ],
)
def test_a_request_for_counts_that_must_change(file: Path, options: list[str], words: list[str]) -> None:
    refused(run("count", file, *ASKED, *options), *words)


@pytest.mark.parametrize("command", ["count", "flag"])
@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("counts.xlsx", "--out must end in .csv, .parquet, .arrow"),
        ("counts", "--out must end in"),
        ("nowhere/counts.csv", "there is no folder"),
        ("people.parquet", "would become part of the records"),
        ("folder.csv", "is a folder"),
    ],
)
def test_a_target_that_cannot_be_written_is_refused_before_any_work(
    file: Path, command: str, target: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"core20plus5_cli.{command}.open_records", lambda *arguments: pytest.fail("it has begun"))
    (file.parent / "folder.csv").mkdir()
    before = file.read_bytes()
    refused(run(command, file, *ASKED, "--out", file.parent / target), words)
    assert file.read_bytes() == before


def test_a_target_inside_the_folder_of_the_records(file: Path) -> None:
    refused(run("count", file.parent, *ASKED, "--out", file.parent / "counts.parquet"), "would become part of the records")


def test_a_name_that_the_system_refuses(file: Path) -> None:
    target = file.parent / f"{'n' * 250}.csv"
    result = run("count", file, *ASKED, "--out", target)
    assert result.exit_code == 2
    assert "cannot be written: File name too long" in result.stderr
    assert [path.name for path in file.parent.iterdir()] == ["people.parquet"]


def test_flags_need_a_file(file: Path) -> None:
    refused(run("flag", file, *ASKED), "--out is missing")


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def scratched(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[2_000:12_000] = b"\x55" * 10_000
    path.write_bytes(content)


def stream_half(path: Path) -> None:
    table = pq.read_table(path)
    with pa.ipc.new_stream(str(path), table.schema) as writer:
        writer.write_table(table, max_chunksize=100)
    half(path)


def ipc_half(path: Path) -> None:
    table = pq.read_table(path)
    with pa.ipc.new_file(str(path), table.schema) as writer:
        writer.write_table(table)
    half(path)


@pytest.mark.parametrize("command", ["count", "flag", "check"])
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (half, "people.parquet cannot be read: it is corrupt or truncated"),
        (scratched, "people.parquet cannot be read: it is corrupt or truncated"),
        (stream_half, "people.parquet cannot be read: it is corrupt or truncated"),
        (ipc_half, "people.parquet cannot be read: it is corrupt or truncated"),
        (lambda path: path.write_bytes(b""), "people.parquet is empty"),
        (lambda path: path.write_text(f"name {SECRET}"), "neither Parquet nor Arrow IPC"),
        (lambda path: path.unlink(), "there is no file"),
    ],
)
def test_a_file_that_cannot_be_read(file: Path, command: str, spoil: object, words: str) -> None:
    assert callable(spoil)
    spoil(file)
    options = {"count": [*ASKED], "flag": [*ASKED, "--out", file.parent / "flags.parquet"], "check": []}
    refused(run(command, file, *options[command]), words)
    assert {path.name for path in file.parent.iterdir()} <= {"people.parquet"}


def test_a_column_twice(tmp_path: Path) -> None:
    table = pa.table([pa.array([1]), pa.array([2])], names=["imd_decile", "imd_decile"])
    pq.write_table(table, tmp_path / "twice.parquet")
    refused(run("count", tmp_path / "twice.parquet", *ASKED), "more than one column imd_decile")


def test_folders_that_are_not_simply_the_table(file: Path, people: pa.Table) -> None:
    folder = file.parent
    pq.write_table(people.drop_columns(["autism"]), folder / "z.parquet")
    refused(run("count", folder, *ASKED), "people.parquet and z.parquet have different columns: only one has autism")
    pq.write_table(
        people.set_column(people.schema.get_field_index("autism"), "autism", pa.array([SECRET] * 2_000)), folder / "z.parquet"
    )
    refused(run("count", folder, *ASKED), "the files of the folder have different types in autism")
    (folder / "_delta_log").mkdir()
    refused(run("count", folder, *ASKED), "is a Delta table")
    (folder / "empty").mkdir()
    refused(run("count", folder / "empty", *ASKED), "holds no .parquet file")


@pytest.mark.parametrize("command", ["count", "flag"])
def test_every_column_of_a_wrong_type_is_named(people: pa.Table, tmp_path: Path, command: str) -> None:
    table = people
    for name in ("birth_date", "autism"):
        table = table.set_column(table.schema.get_field_index(name), name, pa.array([SECRET] * table.num_rows))
    pq.write_table(table, tmp_path / "wrong.parquet")
    result = run(command, tmp_path / "wrong.parquet", *ASKED, "--out", tmp_path / "out.csv")
    refused(result, "'birth_date': expected date, got string", "'autism': expected bool, got string", "like 2026-03-31")
    assert len(result.stderr.splitlines()) == 3


def nhs_number(stem: int) -> str:
    digits = f"{stem:09d}"
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)) % 11
    return digits + str(check % 11) if check != 10 else nhs_number(stem + 1)


@pytest.mark.parametrize("command", ["count", "flag", "check"])
@pytest.mark.parametrize("name", ["person_id", "nhs_number"])
@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".arrow"])
def test_nhs_numbers_are_refused_in_every_column(people: pa.Table, tmp_path: Path, command: str, name: str, suffix: str) -> None:
    """Whether the answer needs the column or not."""
    numbers = pa.array([nhs_number(943_000_000 + 2 * row) for row in range(500)])
    table = pa.table({"imd_decile": [1] * 500, name: numbers})
    path = tmp_path / f"people{suffix}"
    if suffix == ".parquet":
        pq.write_table(table, path)
    elif suffix == ".csv":
        path.write_text("\n".join([f"imd_decile,{name}", *(f"1,{number}" for number in numbers.to_pylist())]))
    else:
        with pa.ipc.new_file(str(path), table.schema) as writer:
            writer.write_table(table)
    options = {"count": [*ASKED], "flag": [*ASKED, "--out", tmp_path / "flags.csv"], "check": []}
    result = run(command, path, *options[command])
    refused(result, f"column '{name}' looks like NHS numbers")
    assert not any(number in result.stderr for number in numbers.to_pylist())
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


def test_flags_that_fail_late_leave_the_old_file_as_it_was(people: pa.Table, tmp_path: Path) -> None:
    pq.write_table(people, tmp_path / "people.parquet")
    (tmp_path / "flags.csv").write_text("old")
    options = ["--reference-date", "2020-01-01", *VERSION, "--out", tmp_path / "flags.csv"]
    refused(run("flag", tmp_path / "people.parquet", *options), "extract_later_than_reference_date")
    assert (tmp_path / "flags.csv").read_text() == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"people.parquet", "flags.csv"}


def test_a_bug_keeps_its_traceback(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object, **more: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("core20plus5_cli.backend.count", broken)
    result = run("count", file, *ASKED)
    assert result.exit_code == 1
    assert isinstance(result.exception, ZeroDivisionError)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("strata: there is no column 'strata'", "--by: there is no column 'strata'"),
        ("imd_table is of 2019, imd_version is 2025", "--imd-table is of 2019, --imd-version is 2025"),
        ("the records have no 'imd_table' or imd_tables", "the records have no 'imd_table' or imd_tables"),
        ("2 cohorts are too many", "2 cohorts are too many"),
        ("", ""),
    ],
)
def test_arguments_are_named_as_options(message: str, words: str) -> None:
    assert with_options(message) == words


def test_only_expected_errors_are_explained() -> None:
    assert explain(ValueError(SECRET)) is None
    assert explain(ModuleNotFoundError("no", name="something_else")) is None
