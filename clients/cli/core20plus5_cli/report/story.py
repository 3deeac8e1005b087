"""What a page tells, section by section, from the released tables: numbers and words, no markup."""

from __future__ import annotations

from typing import Any

from core20plus5_cli.report import charts
from core20plus5_cli.report.releases import Picture, Release
from core20plus5_cli.report.words import (
    AREAS,
    VERDICTS,
    Row,
    interval,
    people,
    percent,
    points,
    why_not,
)

_COHORTS = {"core20": "live in the most deprived fifth of England (Core20)", "core20plus": "are in Core20 or a PLUS group"}
#: The measure of a group that is not there.
NOBODY: Row = {"value": None, "lower": None, "upper": None, "people": None, "reason": "no_one", "verdict": None}


def find(release: Release | None, **where: Any) -> Row | None:
    """The one row of the measures with these values."""
    rows = release.inequality if release else []
    return next((row for row in rows if all(row[name] == value for name, value in where.items())), None)


def count(release: Release | None, indicator: str) -> Row:
    """The counts of everyone for a cohort; zeros where it applies to no one."""
    for row in release.counts.to_pylist() if release else []:
        if (row["cohort"], row["indicator"]) == ("everyone", indicator):
            return dict(row)
    return {"yes": 0, "no": 0, "unknown": 0, "status": "ok"}


def headlines(picture: Picture) -> list[dict[str, str]]:
    """The few numbers at the top: how many people, and how many of them in Core20 and PLUS."""
    overall = picture.by()
    if overall is None:
        return []
    found = [{"number": people(count(overall, "everyone")["yes"]), "text": "people alive and registered"}]
    for name, text in _COHORTS.items():
        row = count(overall, name)
        if name not in picture.indicators or row["status"] != "ok":
            continue
        known = None if row["yes"] is None or row["no"] is None else row["yes"] + row["no"]
        share = f" ({percent(row['yes'] / known)} of those known)" if known else ""
        found.append({"number": people(row["yes"]), "text": text + share})
    worse = [gap for gap in _gaps(overall) if gap["verdict"] == "worse"]
    judged = [gap for gap in _gaps(overall) if gap["verdict"]]
    if judged:
        found.append(
            {"number": f"{len(worse)} of {len(judged)}", "text": "measures of care in which Core20 does worse than others"}
        )
    return found


def _gaps(release: Release | None) -> list[Row]:
    rows = release.inequality if release else []
    return [row for row in rows if row["statistic"] == "gap" and row["cohort"] == "core20" and row["over"] == "cohort"]


def widest(picture: Picture, most: int = 5) -> list[str]:
    """Where closing the gap would reach most people, in sentences; only gaps that chance does not explain."""
    overall = picture.by()
    found = []
    for gap in _gaps(overall):
        close = find(overall, statistic="people_to_close_gap", cohort="core20", indicator=gap["indicator"], over="cohort")
        if gap["verdict"] == "worse" and close is not None and close["value"]:
            title = picture.indicators[gap["indicator"]]["title"]
            area = AREAS.get(picture.indicators[gap["indicator"]]["area"] or "", "Across all areas")
            text = (
                f"{area}: {title[:1].lower() + title[1:]}. Core20 is {points(gap['value'])} than others;"
                f" about {people(close['value'])} more people ({people(close['lower'])} to {people(close['upper'])})"
                " would close the gap."
            )
            found.append((close["value"], text))
    return [text for _, text in sorted(found, key=lambda pair: -pair[0])[:most]]


def areas(picture: Picture) -> list[dict[str, Any]]:
    """The five clinical areas: how many people, and every measure with Core20 held against the rest."""
    overall = picture.by()
    found = []
    for area, title in AREAS.items():
        named = [row for row in picture.indicators.values() if row["area"] == area and row["kind"] == "measure"]
        measures = [measure for row in named if (measure := _measure(overall, row)) is not None]
        if measures:
            chart = charts.dots(measures)
            found.append({"id": area, "title": title, "need": _need(picture, area), "measures": measures, "chart": chart})
    return found


def _measure(overall: Release | None, row: Row) -> dict[str, Any] | None:
    where = {"statistic": "rate", "cohort": "core20", "indicator": row["name"]}
    core20, others = (find(overall, **where, cohort_answer=answer) or NOBODY for answer in ("yes", "no"))
    everyone = find(overall, statistic="rate", cohort="everyone", indicator=row["name"])
    if everyone is None:
        return None
    gap = find(overall, statistic="gap", cohort="core20", indicator=row["name"], over="cohort")
    close = find(overall, statistic="people_to_close_gap", cohort="core20", indicator=row["name"], over="cohort")
    return {
        "name": row["name"],
        "title": row["title"],
        "target": row["target"],
        "caveat": row["caveat"],
        "core20": core20,
        "others": others,
        "core20_share": why_not(core20) if core20["value"] is None else percent(core20["value"]),
        "others_share": why_not(others) if others["value"] is None else percent(others["value"]),
        "core20_base": "" if core20["value"] is None else f"of {people(core20['people'])}; {interval(core20)}",
        "others_base": "" if others["value"] is None else f"of {people(others['people'])}; {interval(others)}",
        "everyone_text": rate_text(everyone),
        "unknown": percent(everyone["unknown_share"]) if everyone["unknown_share"] is not None else "hidden",
        "gap": _gap_text(gap),
        "verdict": VERDICTS.get((gap or NOBODY)["verdict"] or "", "Not judged"),
        "close": people(close["value"]) if close is not None and gap is not None and gap["verdict"] == "worse" else "",
        "target_text": _target_text(row, everyone),
    }


def rate_text(rate: Row) -> str:
    """`65.3% of 2,810 (63.5% to 67.0%)`, or why not."""
    if rate["value"] is None:
        return why_not(rate)
    return f"{percent(rate['value'])} of {people(rate['people'])} ({interval(rate)})"


def _gap_text(gap: Row | None) -> str:
    if gap is None or gap["value"] is None:
        return why_not(gap or NOBODY)
    return f"{points(gap['value'])} ({100 * gap['lower']:+.1f} to {100 * gap['upper']:+.1f})"


def _target_text(row: Row, everyone: Row) -> str:
    if row["target"] is None:
        return "No target is set"
    verdict = VERDICTS.get(everyone["verdict"] or "", "not judged: too few people or hidden")
    return f"Target {row['target']:.0%}: {verdict[:1].lower() + verdict[1:]} for everyone together"


def _need(picture: Picture, area: str) -> list[str]:
    """How many people have the condition; age-standardised where ages were counted, because Core20 is younger."""
    overall, ages = picture.by(), picture.by("age_band_5y")
    sentences = []
    for row in picture.indicators.values():
        if row["area"] != area or row["kind"] != "area":
            continue
        rate = find(overall, statistic="rate", cohort="everyone", indicator=row["name"])
        if rate is None:
            continue
        known = "hidden" if rate["value"] is None else percent(rate["value"])
        sentences.append(f"{row['title']}: {known} of {people(rate['people'])} people.")
        pair = [
            find(ages, statistic="standardised_rate", cohort="core20", cohort_answer=answer, indicator=row["name"])
            for answer in ("yes", "no")
        ]
        if all(side is not None and side["value"] is not None for side in pair):
            mine, others = (side or NOBODY for side in pair)
            sentences.append(
                f"If both had the same ages: {percent(mine['value'])} in Core20 ({interval(mine)}),"
                f" {percent(others['value'])} in others ({interval(others)}); this covers {mine['standard_share']:.0%} of the"
                " standard population."
            )
        else:
            sentences.append("Core20 is younger than the rest of England, so how common it is in each cannot be compared here.")
    return sentences
