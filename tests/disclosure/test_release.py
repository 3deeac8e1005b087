"""What a reply shows and hides."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from typer.testing import CliRunner

from core20plus5.disclosure import POLICIES, release
from core20plus5.errors import TooManyCellsError
from core20plus5_cli.app import app
from tests.ask import cell, count
from tests.tables import people

EVERYONE: dict[str, Any] = {"cohorts": ["everyone"]}


def test_a_hidden_count_is_null_and_marked_and_never_zero() -> None:
    table = people(30, imd_decile=[1] * 3 + [9] * 27)
    counts = count(table, disclosure="hes", indicators=["core20"], **EVERYONE).counts
    assert cell(counts, indicator="core20") == (None, 25, 0)
    assert counts["suppressed"].to_pylist() == [True]


def test_exact_counts_say_so() -> None:
    result = count(people(3, imd_decile=[1, 2, 3]), disclosure="none")
    assert result.provenance["disclosure"] == "none"
    assert "not for publication" in result.provenance["disclosure_protection"]
    assert not any(result.counts["suppressed"].to_pylist())


def test_the_promise_is_in_the_reply() -> None:
    protection = count(people(3, imd_decile=[1, 2, 3]), disclosure="hes").provenance["disclosure_protection"]
    assert "cannot narrow any hidden count of 1 to 7 to fewer than 3 values" in protection
    assert "differencing between requests is not covered" in protection


def test_one_and_eight_and_eight() -> None:
    """10 and 10 of 15 leaves 1 for the one that is hidden: further counts have to be hidden."""
    table = people(17, imd_decile=[1] + [9] * 8 + [None] * 8)
    found = count(table, disclosure="hes", indicators=["everyone", "core20"], **EVERYONE).counts
    shown = (*cell(found, indicator="core20"), cell(found, indicator="everyone")[0])
    assert shown != (None, 10, 10, 15)


def test_four_sevens() -> None:
    """7 + 7 + 7 + 7 of 30 gives all four: only 7 can be added up to the 28 that 30 is at least."""
    stages = ["1"] * 7 + ["3"] * 7 + [None] * 7 + ["1"] * 7
    decile = [1] * 7 + [1] * 7 + [9] * 7 + [None] * 7
    table = people(28, imd_decile=decile, homeless=[stage == "1" for stage in stages])
    found = count(table, disclosure="hes", cohorts=["everyone", "core20"], indicators=["everyone", "homeless"]).counts
    exact = count(table, disclosure="none", cohorts=["everyone", "core20"], indicators=["everyone", "homeless"]).counts
    hidden = [(row["cohort"], row["indicator"]) for row in found.to_pylist() if row["suppressed"]]
    assert len(hidden) > sum(1 <= row["yes"] <= 7 or 1 <= row["no"] <= 7 for row in exact.to_pylist())


def test_the_same_people_are_hidden_or_shown_together() -> None:
    """A within B and B within A, and an unknown that is another indicator's no."""
    rows = 40
    table = people(
        rows,
        imd_decile=[1] * 5 + [9] * 35,
        homeless=[True] * 4 + [False] * 36,
        hypertension_dx_latest=[None] * 10 + [1_000] * 30,
        bp_date=[None] * 15 + [20_500] * 25,
        bp_systolic=[None] * 15 + [120.0] * 25,
        bp_diastolic=[None] * 15 + [80.0] * 25,
    )
    found = count(table, disclosure="hes", cohorts=["everyone", "core20", "homeless"]).counts
    for one, other in (("core20", "homeless"), ("homeless", "core20")):
        assert cell(found, cohort=one, indicator=other)[0] == cell(found, cohort=other, indicator=one)[0]
    recorded = cell(found, indicator="hypertension_bp_recorded")
    assert recorded[1] == cell(found, indicator="hypertension_to_target")[2]


SENSITIVE = people(40, imd_decile=[1] * 20 + [9] * 20, homeless=[True] * 12 + [False] * 28, hypertension_dx_latest=[1_000] * 40)


def test_all_or_none_of_a_few_sensitive_people() -> None:
    """None of 12 homeless people have a reading: nobody may say so of each of them. Of 28 others it may be said."""
    asked = {"cohorts": ["everyone", "homeless"], "indicators": ["hypertension", "hypertension_bp_recorded"]}
    table = SENSITIVE.append_column("bp_date", pa.nulls(40, pa.date32()))
    for name in ("bp_systolic", "bp_diastolic"):
        table = table.append_column(name, pa.nulls(40, pa.float64()))
    found = count(table, disclosure="hes", **asked).counts
    assert cell(found, cohort="homeless", indicator="hypertension_bp_recorded") == (None, None, None)
    assert cell(found, cohort="homeless", cohort_answer="no", indicator="hypertension_bp_recorded")[0] == 0


def test_of_a_stratum_with_a_few_people_only_counts_with_room_are_shown() -> None:
    """9 could be 10 or 11 and be shown as 10; 12 could not be 13. Then the 3 could be 4 or 5."""
    table = people(12, imd_decile=[1] * 9 + [9] * 3)
    found = count(table, disclosure="hes", indicators=["everyone", "core20"], **EVERYONE).counts
    assert cell(found, indicator="everyone")[0] is None
    assert cell(found, indicator="core20") == (10, None, 0)


def test_a_stratum_in_which_everyone_is_excluded() -> None:
    died = [None] * 30 + [date(2020, 1, 1)]
    table = people(31, sex=["1"] * 30 + ["2"], death_date=pa.array(died, pa.date32()), imd_decile=[1] * 31)
    found = count(table, disclosure="hes", strata=["sex"], indicators=["everyone", "core20"], **EVERYONE).counts
    assert cell(found, sex="male", indicator="core20") == (30, 0, 0)
    assert cell(found, sex="female", indicator="core20") == (0, 0, 0)


def test_more_rows_than_can_be_released(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused with what to leave out; exact counts have no such limit."""
    monkeypatch.setattr(release, "MAX_ROWS", 10)
    table = people(40, imd_decile=list(range(1, 11)) * 4)
    asked = {"strata": ["imd_decile"], "indicators": ["everyone", "core20"], **EVERYONE}
    with pytest.raises(TooManyCellsError, match="more than the 10 rows that can be released: leave out a stratum, or name fewer"):
        count(table, disclosure="hes", **asked)
    assert count(table, disclosure="none", **asked).counts.num_rows == 20


@pytest.mark.parametrize("policy", POLICIES)
def test_null_in_every_output(policy: str, tmp_path: Path) -> None:
    """Arrow, CSV, Parquet and the screen tell a hidden number from 0, and keep no exact number of rows beside rounded ones."""
    table = people(40, imd_decile=[1] * 3 + [9] * 37)
    file = tmp_path / "people.parquet"
    pyarrow.parquet.write_table(table, file)
    asked = ("--reference-date", "2026-03-31", "--imd-version", "2025", "--cohorts", "everyone", "--indicators", "core20")
    expected = count(table, disclosure=policy, indicators=["core20"], **EVERYONE).counts.to_pylist()
    for suffix in ("csv", "parquet", "arrow"):
        out = tmp_path / f"counts.{suffix}"
        done = CliRunner().invoke(app, ["count", str(file), *asked, "--disclosure", policy, "--out", str(out)])
        assert done.exit_code == 0, done.output
        assert _read(out).select(expected[0]).to_pylist() == expected
        assert ("rows_counted" in _kept(out)) is (policy == "none")
        assert _kept(out)["disclosure"] == policy
    screen = CliRunner().invoke(app, ["count", str(file), *asked, "--disclosure", policy]).stdout
    assert ("hidden" in screen.splitlines()[-1]) is any(expected[0][answer] is None for answer in ("yes", "no", "unknown"))


def _read(path: Path) -> pa.Table:
    if path.suffix == ".csv":
        return pyarrow.csv.read_csv(
            path, convert_options=pyarrow.csv.ConvertOptions(column_types={n: pa.int64() for n in _NUMBERS})
        )
    return pyarrow.parquet.read_table(path) if path.suffix == ".parquet" else pa.ipc.open_file(path).read_all()


_NUMBERS = ("yes", "no", "unknown")


def _kept(path: Path) -> dict[str, Any]:
    if path.suffix == ".csv":
        return dict(json.loads(path.with_suffix(".provenance.json").read_text()))
    metadata = _read(path).schema.metadata
    return dict(json.loads(metadata[b"core20plus5"]))
