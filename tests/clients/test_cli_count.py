"""`core20plus5 count`: what is printed, what is written, and that every format of the records gives the same."""

from __future__ import annotations

import json
from collections.abc import Callable
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
LEDGER = {"rows_received", "rows_counted", "rows_excluded"}


def count(file: Path, *options: str) -> Result:
    return CliRunner(env={"COLUMNS": "120"}).invoke(app, ["count", str(file), *ASKED, *options])


def counted(file: Path, *options: str) -> pa.Table:
    """The counts as the command writes them."""
    target = file.parent / "counted.parquet"
    result = count(file, *options, "--out", str(target))
    assert result.exit_code == 0, result.output
    return pq.read_table(target)


@pytest.fixture(scope="module")
def people() -> pa.Table:
    return pa.Table.from_batches(list(sample_people(3_000, 7)), sample_schema())


@pytest.fixture
def file(people: pa.Table, tmp_path: Path) -> Path:
    pq.write_table(people, tmp_path / "people.parquet")
    return tmp_path / "people.parquet"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """40 people: 23 in Core20, 3 of them autistic and 16 not, 4 unknown; 12 not in Core20, 5 unknown; 6 more have died."""
    deciles = [1] * 23 + [9] * 12 + [None] * 5 + [1] * 6
    autism = [True] * 3 + [False] * 16 + [None] * 4 + [False] * 23
    died = [None] * 40 + [date(2020, 1, 1)] * 6
    pq.write_table(pa.table({"imd_decile_2025": deciles, "autism": autism, "death_date": died}), tmp_path / "small.parquet")
    return tmp_path / "small.parquet"


def lines_of(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_the_header_says_what_the_counts_are_of(small: Path) -> None:
    result = count(small, "--plus", "autism", "--set", "core20_max_decile=1")
    assert result.exit_code == 0
    provenance = core20plus5.count_cohorts(pq.read_table(small), reference_date=date(2026, 3, 31), imd_version="2025").provenance
    protection = provenance["disclosure_protection"]
    assert len(protection) > 20
    text = " ".join(result.stdout.split())
    for words in (
        "As at 31 March 2026",
        "core20plus5-adults@2025.1, with core20_max_decile=1",
        "IMD 2025, from imd_decile_2025",
        "PLUS groups autism",
        "0 stays 0, 1 to 7 is hidden, other counts are rounded to the nearest 5",
        protection,
        "Not sent person_id, birth_date, age_years, sex",
        "more: core20plus5 check lists them",
    ):
        assert words in text


def test_records_that_say_nothing_are_counted_and_said_to_say_nothing(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    for columns, nothing in (("name,postcode", True), ("person_id,practice_code", True), ("person_id,sex", False)):
        file.write_text(f"{columns}\n1,2\n", encoding="utf-8")
        result = count(file)
        assert result.exit_code == 0
        assert ("NO FACT ABOUT ANYBODY" in result.stdout) is nothing


def test_exact_numbers_of_rows_go_to_stderr_only(small: Path) -> None:
    result = count(small)
    assert "46 rows received, 40 counted, 6 excluded (died 6)." in result.stderr
    assert "46" not in result.stdout
    assert "40 counted" not in result.stdout


def test_hidden_and_unanswered_are_words_and_never_a_number(small: Path) -> None:
    shown = lines_of(count(small, "--indicators", "core20,autism,homeless", "--cohorts", "everyone,core20").stdout)
    assert ["everyone", "core20", "25", "10", "hidden", "71.4%"] in shown
    assert ["core20:", "yes", "autism", "hidden", "15", "hidden"] in shown
    assert ["everyone", "homeless", "not", "answered"] in shown


def test_a_long_table_is_cut_and_says_so(file: Path) -> None:
    result = count(file, "--by", "imd_decile")
    table = result.stdout.split("rate\n")[1].splitlines()
    assert len(table) == 41
    total = counted(file, "--by", "imd_decile").num_rows
    assert f"The first 40 of {total:,} rows; --out FILE writes all" in table[-1]


def test_no_rows_are_no_table(people: pa.Table, tmp_path: Path) -> None:
    pq.write_table(people.slice(0, 0), tmp_path / "none.parquet")
    result = count(tmp_path / "none.parquet")
    assert result.exit_code == 0
    assert "No one was counted." in result.stdout


def test_options_reach_the_engine(file: Path, people: pa.Table) -> None:
    written = counted(
        file,
        *("--by", "sex, age_band_broad", "--plus", "autism,homeless", "--cohorts", "core20plus,everyone"),
        *("--indicators", "smi_bp,homeless,hypertension_to_target", "--null-means-no", "homeless", "--disclosure", "none"),
        *("--set", "bp_target_systolic=130", "--set", "flu_season_start=10-01", "--imd-from", "imd_rank"),
        *("--ruleset", "core20plus5-adults@2025.1", "--allow-later-facts"),
    )
    expected = core20plus5.count_cohorts(
        people,
        reference_date=date(2026, 3, 31),
        imd_version="2025",
        strata=["sex", "age_band_broad"],
        plus_groups=["autism", "homeless"],
        cohorts=["core20plus", "everyone"],
        indicators=["smi_bp", "homeless", "hypertension_to_target"],
        null_means_no=["homeless"],
        disclosure="none",
        parameters={"bp_target_systolic": 130, "flu_season_start": "10-01"},
        imd_from="imd_rank",
        allow_later_facts=True,
    )
    assert written.num_rows > 50
    assert written.replace_schema_metadata(None).equals(expected.counts)
    assert json.loads(written.schema.metadata[b"core20plus5"]) == expected.provenance


def test_plus_all(file: Path) -> None:
    groups = set(counted(file, "--plus", "all")["cohort"].to_pylist())
    assert {"plus_any", "core20plus", "plus_carer", "multimorbidity"} <= groups


def write_parquet(people: pa.Table, folder: Path) -> Path:
    pq.write_table(people, folder / "people.parquet", row_group_size=700)
    return folder / "people.parquet"


def write_ipc_file(people: pa.Table, folder: Path) -> Path:
    with pa.ipc.new_file(str(folder / "people.arrow"), people.schema) as writer:
        writer.write_table(people, max_chunksize=800)
    return folder / "people.arrow"


def write_ipc_stream(people: pa.Table, folder: Path) -> Path:
    with pa.ipc.new_stream(str(folder / "people.arrows"), people.schema) as writer:
        writer.write_table(people, max_chunksize=800)
    return folder / "people.arrows"


def write_csv(people: pa.Table, folder: Path) -> Path:
    pyarrow.csv.write_csv(decoded(people), folder / "people.csv")
    return folder / "people.csv"


def decoded(table: pa.Table) -> pa.Table:
    """Without dictionaries."""
    encoded = [pa.types.is_dictionary(field.type) for field in table.schema]
    fields = [field.with_type(pa.string()) if yes else field for field, yes in zip(table.schema, encoded, strict=True)]
    return table.cast(pa.schema(fields))


@pytest.mark.parametrize("write", [write_parquet, write_ipc_file, write_ipc_stream, write_csv])
def test_every_format_of_the_records_gives_the_same(
    people: pa.Table, tmp_path: Path, write: Callable[[pa.Table, Path], Path]
) -> None:
    expected = core20plus5.count_cohorts(
        people, reference_date=date(2026, 3, 31), imd_version="2025", strata=["practice_code", "autism"], disclosure="none"
    )
    written = counted(write(people, tmp_path), "--by", "practice_code,autism", "--disclosure", "none")
    assert written.replace_schema_metadata(None).equals(expected.counts)
    assert json.loads(written.schema.metadata[b"core20plus5"]) == expected.provenance


def test_a_folder_is_one_table(people: pa.Table, tmp_path: Path) -> None:
    """With parts that have another order, plain text for codes, no value in a column, and what Spark leaves lying about."""
    folder = tmp_path / "people"
    (folder / "b").mkdir(parents=True)
    place = people.schema.get_field_index("ldl_mmol")
    empty = pa.nulls(1_000, people.schema.field(place).type)
    first, rest = people.slice(0, 1_000), people.slice(1_000)
    pq.write_table(first.set_column(place, "ldl_mmol", pa.nulls(1_000)), folder / "a.parquet")
    pq.write_table(decoded(rest).select(people.column_names[::-1]), folder / "b" / "c.parquet")
    (folder / "_SUCCESS").touch()
    (folder / ".hidden.parquet").write_bytes(b"not Parquet")
    whole = pa.concat_tables([first.set_column(place, "ldl_mmol", empty), rest])
    expected = core20plus5.count_cohorts(whole, reference_date=date(2026, 3, 31), imd_version="2025", disclosure="none")
    assert counted(folder, "--disclosure", "none").replace_schema_metadata(None).equals(expected.counts)


def test_folders_named_by_a_value_are_a_stratum(people: pa.Table, tmp_path: Path) -> None:
    for system, rows in (("QMJ", people.slice(0, 1_200)), ("QWE", people.slice(1_200))):
        folder = tmp_path / "year=2026" / "people" / f"system={system}"
        folder.mkdir(parents=True)
        pq.write_table(rows, folder / "part-0.parquet")
    options = ("--by", "system", "--indicators", "everyone", "--cohorts", "everyone", "--disclosure", "none")
    systems = counted(tmp_path / "year=2026" / "people", *options)
    assert systems["system"].to_pylist() == ["QMJ", "QWE"]
    expected = core20plus5.count_cohorts(
        people.slice(0, 1_200), reference_date=date(2026, 3, 31), imd_version="2025", indicators=["everyone"], disclosure="none"
    )
    assert systems["yes"].to_pylist()[0] == expected.counts["yes"].to_pylist()[0]


@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".csv"])
def test_a_written_table_is_the_whole_one(file: Path, people: pa.Table, tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"counts{suffix}"
    result = count(file, "--by", "imd_quintile", "--out", str(target))
    expected = core20plus5.count_cohorts(
        people, reference_date=date(2026, 3, 31), imd_version="2025", strata=["imd_quintile"]
    ).counts
    assert f"Wrote {expected.num_rows:,} rows to {target}" in result.stdout
    if suffix == ".parquet":
        table = pq.read_table(target)
    elif suffix == ".arrow":
        table = pa.ipc.open_file(target).read_all()
    else:
        options = pyarrow.csv.ConvertOptions(column_types=expected.schema)
        table = pyarrow.csv.read_csv(target, convert_options=options)
        kept = json.loads((tmp_path / "counts.provenance.json").read_text(encoding="utf-8"))
    if suffix != ".csv":
        kept = json.loads(table.schema.metadata[b"core20plus5"])
    assert table.replace_schema_metadata(None).equals(expected)
    assert expected["yes"].null_count > 0
    assert kept["strata"] == ["imd_quintile"]
    assert not LEDGER & set(kept)


def test_exact_counts_keep_the_exact_ledger(file: Path) -> None:
    written = counted(file, "--disclosure", "none")
    kept = json.loads(written.schema.metadata[b"core20plus5"])
    assert kept["rows_received"] == 3_000
    assert set(kept) >= LEDGER


def test_a_file_that_was_there_is_replaced_and_nothing_else_is_left(file: Path, tmp_path: Path) -> None:
    (tmp_path / "counts.csv").write_text("old")
    assert count(file, "--out", str(tmp_path / "counts.csv")).exit_code == 0
    assert (tmp_path / "counts.csv").read_text().startswith('"cohort"')
    assert {path.name for path in tmp_path.iterdir()} == {"people.parquet", "counts.csv", "counts.provenance.json"}
