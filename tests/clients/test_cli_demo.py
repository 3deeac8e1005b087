"""`core20plus5 demo`: the numbers it shows are the engine's, and it reads well at any width, with and without colour."""

from __future__ import annotations

import re
from datetime import date

import pyarrow as pa
import pytest
from typer.testing import CliRunner

import core20plus5
from core20plus5_cli.app import app
from core20plus5_cli.bars import bar
from core20plus5_cli.demo_views import Answers, areas_view, chart, gap_in_people
from core20plus5_cli.population import sample_people

NOBODY = {"yes": 0, "no": 0, "unknown": 0, "status": "ok"}


def shown(width: int = 80) -> str:
    result = CliRunner().invoke(app, ["demo"], env={"COLUMNS": str(width)})
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    return result.stdout


@pytest.fixture(scope="module")
def text() -> str:
    return shown()


@pytest.fixture(scope="module")
def counts() -> dict[tuple[str, ...], dict[str, int]]:
    """Counts of the same people by fifth (0 for all together), cohort, answer and indicator."""
    people = list(sample_people(100_000, 1))
    asked = {"reference_date": date(2026, 3, 31), "imd_version": "2025"}
    plus = ["learning_disability", "autism", "multimorbidity"]
    overall = core20plus5.count_cohorts(people, **asked, plus_groups=plus).counts.to_pylist()
    fifths = core20plus5.count_cohorts(people, **asked, strata=["imd_quintile"], cohorts=["everyone"]).counts.to_pylist()
    return {
        (row.get("imd_quintile", "0"), row["cohort"], row["cohort_answer"], row["indicator"]): row for row in (*overall, *fifths)
    }


def share(row: dict[str, int]) -> str:
    return f"{100 * row['yes'] / (row['yes'] + row['no']):.1f}%"


def line_of(text: str, start: str) -> list[str]:
    (line,) = (line for line in text.splitlines() if line.startswith(start))
    return line[len(start) :].split()


def test_the_people(text: str, counts: dict[tuple[str, ...], dict[str, int]]) -> None:
    for start, indicator in (
        ("Everyone alive and registered", "everyone"),
        ("Core20: in the most deprived fifth of England", "core20"),
        ("PLUS: learning disability", "learning_disability"),
        ("PLUS: at least one of these three", "plus_any"),
        ("Core20 or PLUS", "core20plus"),
    ):
        row = counts["0", "everyone", "yes", indicator]
        unknown = 100 * row["unknown"] / (row["yes"] + row["no"] + row["unknown"])
        assert line_of(text, start) == [f"{row['yes']:,}", share(row), f"{unknown:.1f}%"]


def test_the_five_areas(text: str, counts: dict[tuple[str, ...], dict[str, int]]) -> None:
    for start, indicator in (
        ("Mental illness: all six checks (target 75%)", "smi_full_check"),
        ("Respiratory: COPD, flu vaccine", "copd_flu_vaccine"),
        ("Cancer: found at stage 1 or 2 (target 75%)", "cancer_early_stage"),
        ("Hypertension: blood pressure to target", "hypertension_controlled"),
    ):
        core20, others = (counts["0", "core20", answer, indicator] for answer in ("yes", "no"))
        numbers = line_of(text, start)
        assert numbers[:2] == [share(core20), share(others)]
        gap = core20["yes"] / (core20["yes"] + core20["no"]) - others["yes"] / (others["yes"] + others["no"])
        assert numbers[2] == f"{100 * gap:+.1f}"
    assert len(line_of(text, "Maternity: continuity of carer by 29 weeks")) == 4


def test_the_chart(text: str, counts: dict[tuple[str, ...], dict[str, int]]) -> None:
    names = ("Most deprived fifth (Core20)", "Second fifth", "Middle fifth", "Fourth fifth", "Least deprived fifth")
    rates = []
    for quintile, name in zip("12345", names, strict=True):
        row = counts[quintile, "everyone", "yes", "hypertension_controlled"]
        drawn, rate, _, people = line_of(text, f"  {name}")
        assert (rate, people) == (share(row), f"{row['yes'] + row['no']:,}")
        rates.append(row["yes"] / (row["yes"] + row["no"]))
        assert len(drawn) == 32
        assert abs(len(drawn.rstrip("·")) - 32 * rates[-1]) <= 1
    words = " ".join(text.split())
    assert "higher is better, no target is set" in words
    assert f"The gap is {100 * (rates[4] - rates[0]):.1f} percentage points." in words
    first = counts["1", "everyone", "yes", "hypertension_controlled"]
    more = (rates[4] - rates[0]) * (first["yes"] + first["no"])
    (said,) = re.findall(r"about ([\d,]+) more people", words)
    assert abs(int(said.replace(",", "")) - more) <= 2.5


def test_the_same_every_time_but_for_the_speed(text: str) -> None:
    speed = re.compile(r"in \d+\.\d\d s: [\d.,]+( million)? people a second")
    assert len(speed.findall(text)) == 1
    assert speed.sub("", shown()) == speed.sub("", text)


@pytest.mark.parametrize("width", [80, 100, 200])
def test_it_fits_the_terminal(width: int) -> None:
    lines = shown(width).splitlines()
    commands = [line for line in lines if line.startswith("    core20plus5 ")]
    assert len(commands) == 5
    assert max(len(line) for line in lines if line not in commands) <= min(width, 100)
    assert "\x1b" not in "".join(lines)


def test_hidden_numbers_have_no_rate_and_no_bar() -> None:
    hidden = {"yes": None, "no": 40, "unknown": 0, "status": "ok"}
    words = [{"name": name, "title": name, "target": None, "direction": "higher"} for name in MEASURE_NAMES]
    overall = [
        {**hidden, "indicator": name, "cohort": "core20", "cohort_answer": answer}
        for name in MEASURE_NAMES
        for answer in ("yes", "no")
    ]
    fifths = [{**hidden, "indicator": "hypertension_controlled", "imd_quintile": quintile} for quintile in "12345"]
    answers = Answers(overall, fifths, words)
    table = areas_view(answers)
    assert [list(column.cells) for column in table.columns[1:4]] == [["hidden"] * 6, ["hidden"] * 6, ["-"] * 6]
    assert all(line.plain.endswith("hidden") and "█" not in line.plain for line in chart(answers, 80))
    assert gap_in_people(answers) is None
    assert answers.row("nothing") == NOBODY


MEASURE_NAMES = [
    "maternity_continuity",
    "smi_full_check",
    "copd_flu_vaccine",
    "cancer_early_stage",
    "hypertension_controlled",
    "cvd_lipids_to_target",
]


@pytest.mark.parametrize(
    ("share", "drawn", "plain"),
    [
        (0.0, "··········", ".........."),
        (1.0, "██████████", "##########"),
        (0.5, "█████·····", "#####....."),
        (0.5125, "█████▏····", "#####....."),
        (0.0875, "▉·········", "#........."),
        (0.999, "██████████", "##########"),
    ],
)
def test_bars(share: float, drawn: str, plain: str) -> None:
    assert bar(share, 10) == drawn
    assert bar(share, 10, ascii_only=True) == plain


def test_core20_stands_out_in_colour() -> None:
    people = pa.Table.from_batches(list(sample_people(2_000, 1)))
    asked = {"reference_date": date(2026, 3, 31), "imd_version": "2025", "indicators": ["hypertension_controlled"]}
    counted = core20plus5.count_cohorts(people, **asked, strata=["imd_quintile"], cohorts=["everyone"], disclosure="none")
    lines = chart(Answers([], counted.counts.to_pylist(), []), 80)
    assert [any(span.style == "bold cyan" for span in line.spans) for line in lines] == [True] + [False] * 4
