"""Numbers and names in plain English, for readers who do not work with data."""

from __future__ import annotations

from datetime import date
from typing import Any

Row = dict[str, Any]

AREAS = {
    "maternity": "Maternity",
    "smi": "Severe mental illness",
    "respiratory": "Chronic respiratory disease",
    "cancer": "Early cancer diagnosis",
    "hypertension": "Hypertension and lipids",
}
#: The measure of each area that stands for it in the sections that show one of each; the first one that was counted.
HEADLINES = {
    "maternity": ("maternity_continuity",),
    "smi": ("smi_full_check",),
    "respiratory": ("copd_flu_vaccine", "copd_pneumococcal_vaccine"),
    "cancer": ("cancer_early_stage", "cancer_staged"),
    "hypertension": ("hypertension_controlled", "hypertension_to_target", "hypertension_bp_recorded"),
}
QUINTILES = {"1": "1 (most deprived)", "2": "2", "3": "3", "4": "4", "5": "5 (least deprived)"}
GROUPS = ("White", "Mixed", "Asian", "Black", "Other")
COLUMNS = {
    "ethnic_category": "Ethnic category",
    "sex": "Sex",
    "age": "Age",
    "deprivation": "Deprivation (from the home address)",
    "cancer_stage": "Stage of cancer",
    "bp_date": "Blood pressure in the last year",
    "ltc_count": "Long-term conditions",
    "smoking_status": "Smoking status",
}
STATES = {
    "known": "Known",
    "not_stated": "Not stated (asked, and declined)",
    "not_known": "Recorded as not known",
    "missing": "Missing",
    "invalid": "Not a valid code",
    "outside_england": "Lives outside England",
    "no_fixed_abode": "No fixed address",
    "not_in_table": "Area not in the deprivation table",
    "column_absent": "Not sent",
    "after_reference_date": "Dated after the reference date",
}
REASONS = {
    "hidden": "hidden",
    "column_absent": "not recorded in this data",
    "no_one": "no one to ask",
    "group_below_min_base": "too few people",
    "reference_below_min_base": "too few people to compare with",
    "too_many_unknown": "too many people of unknown group",
    "zero_reference": "none to compare with",
    "empty_quantile": "a fifth has no one",
    "not_positive": "not defined",
    "empty_age_band": "an age group has no one",
    "below_min_events": "too few people",
}
VERDICTS = {
    "worse": "Worse",
    "better": "Better",
    "no_clear_difference": "No clear difference",
    "target_met": "Target met",
    "target_not_met": "Target not met",
    "near_target": "Too close to the target to tell",
}


def percent(share: float | None) -> str:
    """`65.3%`; `hidden` where there is none."""
    return "hidden" if share is None else f"{100 * share:.1f}%"


def points(gap: float) -> str:
    """`4.9 points lower`."""
    way = "higher" if gap > 0 else "lower"
    return "the same" if abs(gap) < 0.0005 else f"{abs(100 * gap):.1f} points {way}"


def people(number: float | None) -> str:
    """`1,235`; `hidden` where there is none."""
    return "hidden" if number is None else f"{number:,.0f}"


def interval(row: Row) -> str:
    """`63.5% to 67.0%`."""
    return "" if row["lower"] is None else f"{percent(row['lower'])} to {percent(row['upper'])}"


def why_not(row: Row) -> str:
    """Why a row has no value."""
    return REASONS.get(row["reason"], "not available")


def column_name(column: str) -> str:
    """A column of the record as a reader would call it."""
    if column in COLUMNS:
        return COLUMNS[column]
    name = column.removeprefix("plus_").removesuffix("_latest").removesuffix("_date").replace("_", " ")
    return name[:1].upper() + name[1:]


def day(text: str) -> str:
    """31 March 2026."""
    found = date.fromisoformat(text)
    return f"{found.day} {found:%B %Y}"
