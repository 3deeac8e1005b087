"""What the demo shows: who is here, the five clinical areas, and one gap as a chart."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from rich.table import Table
from rich.text import Text

from core20plus5_cli.bars import bar
from core20plus5_cli.rates import Row, asked, count_text, percent, rate, unknown_share

PLUS_GROUPS = ["learning_disability", "autism", "multimorbidity"]
GROUPS = {
    "everyone": "Everyone alive and registered",
    "core20": "Core20: in the most deprived fifth of England",
    "learning_disability": "PLUS: learning disability",
    "autism": "PLUS: autism",
    "multimorbidity": "PLUS: two or more long-term conditions",
    "plus_any": "PLUS: at least one of these three",
    "core20plus": "Core20 or PLUS",
}
MEASURES = {
    "maternity_continuity": "Maternity: continuity of carer by 29 weeks",
    "smi_full_check": "Mental illness: all six checks",
    "copd_flu_vaccine": "Respiratory: COPD, flu vaccine",
    "cancer_early_stage": "Cancer: found at stage 1 or 2",
    "hypertension_controlled": "Hypertension: blood pressure to target",
    "cvd_lipids_to_target": "  and lipids: CVD, cholesterol to target",
}
LABEL = 46
"""Characters of the first column, so that the tables stand in line and fit 80 columns."""
CHART = "hypertension_controlled"
FIFTHS = {
    "1": "Most deprived fifth",
    "2": "Second fifth",
    "3": "Middle fifth",
    "4": "Fourth fifth",
    "5": "Least deprived fifth",
}


class Answers:
    """Released counts of the demo. overall: by cohort; fifths: everyone by imd_quintile; indicators: in words."""

    def __init__(self, overall: list[Row], fifths: list[Row], indicators: list[Row]) -> None:
        self._overall, self._fifths, self._indicators = overall, fifths, indicators

    def row(self, indicator: str, cohort: str = "everyone", answer: str = "yes") -> Row:
        """A row of all people together; zeros where it applies to no one."""
        found = (row for row in self._of(indicator) if (row["cohort"], row["cohort_answer"]) == (cohort, answer))
        return next(found, {"yes": 0, "no": 0, "unknown": 0, "status": "ok"})

    def _of(self, indicator: str) -> Iterable[Row]:
        return (row for row in self._overall if row["indicator"] == indicator)

    def fifth(self, indicator: str, quintile: str) -> Row:
        """A row of the people of one fifth."""
        rows = (row for row in self._fifths if (row["indicator"], row["imd_quintile"]) == (indicator, quintile))
        return next(rows, {"yes": 0, "no": 0, "unknown": 0, "status": "ok"})

    @cached_property
    def words(self) -> dict[str, Row]:
        """The indicators in words, by name."""
        return {row["name"]: row for row in self._indicators}


def people_view(answers: Answers) -> Table:
    """Core20, each PLUS group, and both together."""
    table = _table("Who is here", "people", "share", "not known")
    for name, title in GROUPS.items():
        row = answers.row(name)
        texts = [count_text(row, "yes"), percent(rate(row)), percent(unknown_share(row))]
        table.add_row(title, *texts, style="bold" if name == "core20" else "")
    return table


def areas_view(answers: Answers) -> Table:
    """A measure of each clinical area: Core20 held against the people known not to be in it."""
    table = _table("The five clinical areas", "Core20", "others", "gap", "not known")
    for name, title in MEASURES.items():
        core20, others = (answers.row(name, "core20", answer) for answer in ("yes", "no"))
        target = answers.words[name]["target"]
        label = title if target is None else f"{title} (target {target:.0%})"
        table.add_row(label, _shown(core20), _shown(others), _gap(rate(core20), rate(others)), percent(unknown_share(core20)))
    return table


def _table(title: str, *headings: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(Text(title, style="bold not dim"), min_width=LABEL)
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _shown(row: Row) -> str:
    share = rate(row)
    return "hidden" if share is None else percent(share)


def _gap(one: float | None, other: float | None) -> str:
    return "-" if one is None or other is None else f"{100 * (one - other):+.1f}"


def chart(answers: Answers, width: int, *, ascii_only: bool = False) -> list[Text]:
    """A measure by deprivation fifth, as bars from 0 to 100 %: lines of at most `width` characters."""
    lines = []
    for quintile, name in FIFTHS.items():
        row, core20 = answers.fifth(CHART, quintile), quintile == "1"
        share, people = rate(row), asked(row)
        drawn = bar(share or 0.0, width - 48, ascii_only=ascii_only)
        numbers = "hidden" if share is None or people is None else f"{percent(share):>6} of {people:,}"
        label = Text(f"  {name}{' (Core20)' if core20 else ''}".ljust(31), style="bold" if core20 else "")
        lines.append(Text.assemble(label, (drawn, "bold cyan" if core20 else "blue"), f" {numbers}"))
    return lines


def chart_title(answers: Answers) -> list[str]:
    """What the chart is of: its name, then among whom, which way is better, and the target."""
    words = answers.words[CHART]
    target = "no target is set" if words["target"] is None else f"the target is {words['target']:.0%}"
    return [words["title"], f"Among people on the hypertension register; {words['direction']} is better, {target}."]


def gap_in_people(answers: Answers) -> str | None:
    """The gap as a number of people, which is what closing it would mean; None where there is none to close."""
    most, least = (answers.fifth(CHART, quintile) for quintile in ("1", "5"))
    low, high, people = rate(most), rate(least), asked(most)
    if low is None or high is None or people is None or high <= low:
        return None
    more = round((high - low) * people / 5) * 5
    return (
        f"The gap is {100 * (high - low):.1f} percentage points. If the most deprived fifth did as well as the least,"
        f" about {more:,} more people here would be treated to target."
    )
