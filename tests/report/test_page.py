"""What the page says, and what it is made from."""

import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from core20plus5_cli.app import app
from core20plus5_cli.errors import CliError
from core20plus5_cli.local_server import local_server
from core20plus5_cli.population import write_sample
from core20plus5_cli.report.page import make_page
from core20plus5_cli.report.releases import Picture, Release, read_release
from tests.ask import count
from tests.report.conftest import ASK, core20plus5
from tests.tables import people as table_of_people


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<(style|svg).*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL))


def test_the_page_of_100000_people(page: Path) -> None:
    content = page.read_text(encoding="utf-8")
    assert len(content.encode()) < 3_000_000
    assert not re.search(r"<script|@import|url\(|(?:src|href)=[\"'](?!#|data:)", content)
    assert 'lang="en-GB"' in content
    text = text_of(content)
    for words in (
        *("people alive and registered 98,230", "Core20 does worse than others", "31 March 2026", "Hypertension and lipids"),
        *("By deprivation", "By ethnic group", "What is not known", "How to read this page", "Where the numbers come from"),
        *("SHA-256", "0 stays 0, 1 to 7 is hidden", "Target 75%", "If both had the same ages", "each protected by itself"),
    ):
        assert words in text, words


def test_ids_are_unique(page: Path) -> None:
    ids = re.findall(r'\sid="([^"]+)"', page.read_text(encoding="utf-8"))
    assert len(ids) == len(set(ids))
    for target in re.findall(r'href="#([^"]+)"', page.read_text(encoding="utf-8")):
        assert target in ids


def test_saved_counts_make_the_same_numbers(people: Path, page: Path, tmp_path: Path) -> None:
    """Three files of three counts, in both formats that keep what the numbers mean."""
    core20plus5("count", people, *ASK, "--out", tmp_path / "all.arrow", "--completeness", tmp_path / "known.csv")
    core20plus5("count", people, *ASK, "--by", "imd_quintile", "--out", tmp_path / "fifths.parquet")
    core20plus5("count", people, *ASK, "--by", "ethnic_group", "--out", tmp_path / "groups.arrow")
    compared = ("--cohorts", "everyone,core20")
    core20plus5("count", people, *ASK, "--by", "age_band_5y", *compared, "--out", tmp_path / "ages.arrow")
    files = [tmp_path / name for name in ("all.arrow", "fifths.parquet", "groups.arrow", "ages.arrow")]
    said = core20plus5("report", *files, "-o", tmp_path / "again.html")
    assert "it opens without a network" in said
    again = (tmp_path / "again.html").read_text(encoding="utf-8")
    assert text_of(again) == text_of(page.read_text(encoding="utf-8"))
    assert again.count("<svg") == 16


def test_a_server_makes_the_same_page(tmp_path: Path) -> None:
    write_sample(tmp_path / "few.parquet", 5_000, 2)
    core20plus5("count", tmp_path / "few.parquet", *ASK, "--report", tmp_path / "here.html")
    with local_server() as address:
        core20plus5("count", tmp_path / "few.parquet", *ASK, "--report", tmp_path / "there.html", "--server", address)
    here, there = ((tmp_path / name).read_text(encoding="utf-8") for name in ("here.html", "there.html"))
    assert here == there


def test_what_is_saved_has_no_exact_number_of_people(people: Path, tmp_path: Path) -> None:
    core20plus5("count", people, *ASK, "--out", tmp_path / "all.arrow", "--completeness", tmp_path / "known.arrow")
    kept = read_release(tmp_path / "all.arrow")
    assert not {"rows_received", "rows_counted", "rows_excluded"} & set(kept.provenance)
    assert kept.completeness is not None
    assert {(row["people"] or 0) % 5 for row in kept.completeness.to_pylist()} == {0}


def test_one_table_by_deprivation_is_added_up(people: Path, tmp_path: Path) -> None:
    core20plus5("count", people, *ASK, "--by", "imd_quintile", "--out", tmp_path / "fifths.arrow")
    release = read_release(tmp_path / "fifths.arrow")
    whole = Picture([release]).by()
    assert whole is not None
    rows = [row for row in release.counts.to_pylist() if (row["cohort"], row["indicator"]) == ("everyone", "hypertension")]
    found = [row for row in whole.counts.to_pylist() if (row["cohort"], row["indicator"]) == ("everyone", "hypertension")]
    assert found[0]["yes"] == sum(row["yes"] for row in rows)
    text = text_of(make_page(Picture([release])))
    assert "By deprivation" in text
    assert "By ethnic group" not in text
    assert "each protected by itself" not in text


def few(hidden: int, **more: Any) -> Release:
    """100 people on the register, of whom some have had all checks; a rate of few is hidden."""
    data = table_of_people(
        200,
        imd_decile_2025=[1] * 100 + [9] * 100,
        hypertension_dx_latest=pa.array([0] * 200, pa.date32()),
        bp_date=pa.array([20500] * hidden + [None] * (200 - hidden), pa.date32()),
        bp_systolic=[120.0] * 200,
        bp_diastolic=[80.0] * 200,
    )
    result = count(data, disclosure="hes", **more)
    return Release(result.counts, result.indicators, result.provenance)


def test_hidden_is_said_to_be_hidden_and_is_no_zero() -> None:
    page = make_page(Picture([few(3)]))
    section = text_of(page[page.index('<section id="hypertension"') : page.index('<section id="reading"')])
    row = section[section.index("Aged 45") if "Aged 45" in section else 0 :]
    assert "hidden" in row
    chart = re.findall(r"<text[^>]*>([^<]*)</text>", page)
    assert "hidden" in chart


def test_hidden_parts_make_a_hidden_whole() -> None:
    whole = Picture([few(3, strata=["imd_quintile"])]).by()
    assert whole is not None
    rows = {(row["cohort"], row["cohort_answer"], row["indicator"]): row for row in whole.counts.to_pylist()}
    assert rows["everyone", "yes", "hypertension_bp_recorded"]["yes"] is None
    assert rows["everyone", "yes", "hypertension_bp_recorded"]["suppressed"]
    assert rows["everyone", "yes", "hypertension"]["yes"] == 200


def test_exact_counts_are_marked() -> None:
    result = count(table_of_people(50, imd_decile_2025=[1, 9] * 25), disclosure="none")
    page = make_page(Picture([Release(result.counts, result.indicators, result.provenance)]))
    assert "Not for publication" in text_of(page)


def test_text_of_the_data_is_escaped() -> None:
    result = count(table_of_people(50, plus_x=[True, False] * 25), plus_groups=["plus_x"], disclosure="hes")
    provenance = result.provenance | {"columns_absent": ["<script>alert(1)</script>"]}
    assert "<script" not in make_page(Picture([Release(result.counts, result.indicators, provenance)]))


def test_organisations_have_a_table_of_their_own() -> None:
    practices = ["A81001", "B82002"] * 40 + ["C83003"] * 20
    data = table_of_people(100, practice_code=practices, ethnic_category=["A", "Z"] * 50, imd_decile_2025=[1, 9] * 50)
    result = count(data, disclosure="hes", strata=["practice_code"], completeness=True)
    text = text_of(make_page(Picture([Release(result.counts, result.indicators, result.provenance, result.completeness)])))
    assert "A81001 100.0% 100.0%" in text
    assert "B82002 0.0% 100.0%" in text
    assert "C83003 too few people too few people" in text


def test_counts_of_nobody_make_a_page() -> None:
    result = count(table_of_people(0), disclosure="hes")
    assert "Where the gaps are" in make_page(Picture([Release(result.counts, result.indicators, result.provenance)]))


def test_tables_of_different_questions_are_refused() -> None:
    other = few(3)
    changed = Release(other.counts, other.indicators, other.provenance | {"reference_date": "2025-03-31"})
    with pytest.raises(CliError, match="reference_date differs"):
        Picture([few(3), changed])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["counts.csv", "-o", "page.html"], "which keep what the numbers mean"),
        (["counts.arrow", "-o", "page.pdf"], "must end in .html"),
        (["other.arrow", "-o", "page.html"], "holds no counts"),
        (["broken.parquet", "-o", "page.html"], "corrupt or truncated"),
        (["counts.arrow", "-o", "gone/page.html"], "there is no folder"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 nothing")
    with pa.ipc.new_file("other.arrow", pa.schema([pa.field("a", pa.int64())])) as file:
        file.write_table(pa.table({"a": [1]}))
    done = CliRunner().invoke(app, ["report", *arguments])
    assert done.exit_code == 2
    assert words in re.sub(r"\s+", " ", done.output)
    assert not (tmp_path / "page.html").exists()
