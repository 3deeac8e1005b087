"""What a page tells by fifth of deprivation, by ethnic group, and of what is not known."""

from __future__ import annotations

from typing import Any

from core20plus5_cli.report import charts
from core20plus5_cli.report.releases import Picture, Release
from core20plus5_cli.report.story import NOBODY, find, rate_text
from core20plus5_cli.report.words import (
    AREAS,
    GROUPS,
    HEADLINES,
    QUINTILES,
    STATES,
    VERDICTS,
    Row,
    column_name,
    people,
    percent,
    points,
    why_not,
)

#: Organisations that the table of completeness shows; more would be no page for a board.
ORGANISATIONS_SHOWN = 100
#: People of an organisation that a share needs, as the measures of inequality do.
MIN_PEOPLE = 30
#: What that table tells of each: column, and among whom.
_TOLD = (("ethnic_category", "everyone"), ("deprivation", "everyone"), ("cancer_stage", "cancer"), ("bp_date", "hypertension"))


def gradient(picture: Picture) -> list[dict[str, Any]]:
    """One measure of each area over the fifths of deprivation."""
    fifths = picture.by("imd_quintile")
    found = []
    for name in _headline_measures(picture) if fifths else ():
        of = {"statistic": "rate", "cohort": "everyone", "indicator": name}
        rows: list[dict[str, Any]] = [
            {"label": label, "rate": find(fifths, **of, imd_quintile=code) or NOBODY} for code, label in QUINTILES.items()
        ]
        if any(row["rate"]["people"] for row in rows):
            found.append(_group_chart(picture, name, rows, None, _slope(fifths, name)))
    return found


def _slope(fifths: Release | None, name: str) -> str:
    row = find(fifths, statistic="sii", cohort="everyone", indicator=name)
    if row is None or row["value"] is None:
        why = why_not(row or NOBODY)
        return f"No slope can be given: {'a number is hidden' if why == 'hidden' else why}."
    verdict = VERDICTS.get(row["verdict"] or "", "")
    meaning = {"Worse": " More deprived people do worse.", "Better": " More deprived people do better."}.get(
        verdict, " Chance alone could explain this."
    )
    return (
        f"From the most to the least deprived end the line through all fifths is {points(row['value'])}"
        f" ({100 * row['lower']:+.1f} to {100 * row['upper']:+.1f}).{meaning}"
    )


def ethnic_groups(picture: Picture) -> list[dict[str, Any]]:
    """One measure of each area by ethnic group, with White as the group that others are held against."""
    groups = picture.by("ethnic_group")
    found = []
    for name in _headline_measures(picture) if groups else ():
        of = {"statistic": "rate", "cohort": "everyone", "indicator": name}
        rows: list[dict[str, Any]] = [
            {"label": group, "rate": find(groups, **of, ethnic_group=group) or NOBODY} for group in GROUPS
        ]
        if any(row["rate"]["people"] for row in rows):
            found.append(_group_chart(picture, name, rows, "White", _ethnic_gaps(groups, name)))
    return found


def _ethnic_gaps(groups: Release | None, name: str) -> str:
    worse, unsure = [], []
    for group in GROUPS[1:]:
        gap = find(groups, statistic="gap", cohort="everyone", indicator=name, ethnic_group=group, over="ethnic_group")
        if gap is None or gap["value"] is None:
            unsure.append(f"{group} ({why_not(gap or NOBODY)})")
        elif gap["verdict"] == "worse":
            worse.append(f"{group} ({points(gap['value'])})")
    text = f"Worse than White: {', '.join(worse)}." if worse else "No group is clearly worse than White."
    return text + (f" Cannot be compared: {', '.join(unsure)}." if unsure else "")


def _headline_measures(picture: Picture) -> list[str]:
    found: list[str] = []
    for area, names in HEADLINES.items():
        measures = [row["name"] for row in picture.indicators.values() if row["area"] == area and row["kind"] == "measure"]
        chosen = [name for name in names if name in measures] or measures
        found += chosen[:1]
    return found


def _group_chart(picture: Picture, name: str, rows: list[dict[str, Any]], reference: str | None, remark: str) -> dict[str, Any]:
    row = picture.indicators[name]
    for entry in rows:
        entry["text"] = rate_text(entry["rate"])
    return {
        "id": name,
        "title": f"{AREAS.get(row['area'] or '', '')}: {row['title'][:1].lower() + row['title'][1:]}",
        "rows": rows,
        "remark": remark,
        "caveat": row["caveat"],
        "chart": charts.bars(rows, reference),
    }


def missing(picture: Picture) -> dict[str, Any] | None:
    """How much of each column is known, and how the rest is missing."""
    table = picture.completeness
    if table is None or table.num_columns > 6:
        return None
    parts: dict[tuple[str, str], list[Row]] = {}
    later: list[Row] = []
    for row in table.to_pylist():
        if row["state"] == "after_reference_date":
            later.append({"name": column_name(row["column"]), "text": people(row["people"])})
        else:
            parts.setdefault((row["column"], row["among"]), []).append(row)
    rows = [_completeness(column, among, states, picture) for (column, among), states in parts.items()]
    return {"rows": rows, "later": later, "chart": charts.known(rows)}


def _completeness(column: str, among: str, states: list[Row], picture: Picture) -> dict[str, Any]:
    known = next(row for row in states if row["state"] == "known")
    others = [row for row in states if row["state"] != "known" and row["people"] != 0]
    of_whom = {"everyone": "everyone", "adult": "adults"}.get(among) or picture.indicators.get(among, {}).get("title", among)
    how = "; ".join(f"{STATES.get(row['state'], row['state'])}: {_part(row)}" for row in others) or "Nothing is missing"
    return {
        "label": column_name(column),
        "share": known["share"],
        "known": _part(known),
        "among": f"{of_whom[:1].lower() + of_whom[1:]} ({people(known['of'])})",
        "how": how,
    }


def _part(row: Row) -> str:
    return "hidden" if row["people"] is None else f"{people(row['people'])} ({percent(row['share'])})"


def organisations(picture: Picture) -> dict[str, Any] | None:
    """How much is known by organisation, of the columns that matter most."""
    table = picture.completeness_of_organisations
    if table is None:
        return None
    names = table.column_names[:-6]
    known: dict[tuple[str, ...], dict[tuple[str, str], Row]] = {}
    for row in table.to_pylist():
        if row["state"] == "known":
            known.setdefault(tuple(row[name] for name in names), {})[row["column"], row["among"]] = row
    rows = [
        {"name": " ".join(labels), "shares": [_known_share(found.get(told)) for told in _TOLD]}
        for labels, found in sorted(known.items())
    ]
    return {"headings": [column_name(column) for column, _ in _TOLD], "rows": rows[:ORGANISATIONS_SHOWN], "all": len(rows)}


def _known_share(row: Row | None) -> str:
    """Of an organisation: of too few people, rounding alone makes it 0 or 100 %."""
    if row is None or row["of"] == 0:
        return "no one"
    return "too few people" if row["of"] is None or row["of"] < MIN_PEOPLE else percent(row["share"])
