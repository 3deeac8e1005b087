"""Raw values to facts: what each column accepts, what null means, what is refused.

A record is a dictionary of column and Python value. Columns that were not sent are read as null here; whether a
question can then be answered at all is decided elsewhere.
"""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from math import isnan
from typing import Any

from tests.reference.dates import age_on, as_date
from tests.reference.request import Request

Record = Mapping[str, Any]
Facts = dict[str, Any]
Tally = Counter[tuple[str, str]]

LOCAL_NO = [
    "learning_disability",
    "autism",
    "homeless",
    "drug_alcohol_dependence",
    "vulnerable_migrant",
    "gypsy_roma_traveller",
    "sex_worker",
    "justice_contact",
    "modern_slavery",
    "coastal",
]
OTHER_BOOLS = ["covid_vaccine_eligible", "coc_pathway", "coc_named_midwife", "coc_named_team"]
DATES_AS_THEY_STAND = ["birth_date", "registration_start", "registration_end", "death_date"]
# Each date, and the values that go with it.
DATES: dict[str, list[str]] = {
    "hypertension_dx_latest": [],
    "hypertension_resolved_latest": [],
    "copd_dx_latest": [],
    "copd_resolved_latest": [],
    "smi_dx_latest": [],
    "smi_remission_latest": [],
    "cvd_dx_latest": [],
    "cancer_dx_latest": ["cancer_stage"],
    "bp_date": ["bp_systolic", "bp_diastolic", "bp_setting"],
    "alcohol_date": [],
    "glucose_date": [],
    "bmi_date": [],
    "lipid_date": [],
    "smoking_status_date": ["smoking_status"],
    "smoking_support_latest": [],
    "statin_latest": [],
    "other_lipid_lowering_latest": [],
    "cholesterol_date": ["ldl_mmol", "non_hdl_mmol"],
    "flu_vaccine_latest": [],
    "pneumococcal_vaccine_latest": [],
    "covid_vaccine_latest": [],
    "preg_booking_date": ["preg_gestation_at_booking_days"],
    "preg_end_date": [],
    "coc_plan_date": [],
}
# Each number, and the range it must lie in.
NUMBERS: dict[str, tuple[float, float]] = {
    "age_years": (0, float("inf")),
    "ltc_count": (0, float("inf")),
    "bp_systolic": (-float("inf"), float("inf")),
    "bp_diastolic": (-float("inf"), float("inf")),
    "ldl_mmol": (-float("inf"), float("inf")),
    "non_hdl_mmol": (-float("inf"), float("inf")),
    "preg_gestation_at_booking_days": (1, 294),
}
CODES: dict[str, dict[str, str]] = {
    "sex": {"1": "male", "M": "male", "2": "female", "F": "female", "9": "indeterminate", "0": "", "X": ""},
    "bp_setting": {"CLINIC": "clinic", "HOME": "home", "ABPM": "home", "HBPM": "home"},
    "smoking_status": {"CURRENT": "current", "EX": "ex", "NEVER": "never"},
    "no_imd_reason": {"OUTSIDE_ENGLAND": "outside_england", "NO_FIXED_ABODE": "no_fixed_abode"},
}
ETHNIC_LETTERS = "ABCDEFGHJKLMNPRSZ"
INVALID = object()


def is_null(value: object) -> bool:
    """Null, NaN, and text with nothing in it."""
    return value is None or (isinstance(value, float) and isnan(value)) or (isinstance(value, str) and not value.strip())


def read_bool(value: object) -> object:
    return bool(value) if value in (0, 1) else INVALID


def read_number(name: str, value: float) -> object:
    least, most = NUMBERS[name]
    return value if least <= value <= most else INVALID


def read_code(name: str, value: object) -> object:
    """The normalised code; "" for one that says 'not known'."""
    text = str(value).strip().upper()
    if name == "ethnic_category":
        if text == "99":
            return text
        return text[0] if len(text) <= 2 and text[0] in ETHNIC_LETTERS else INVALID
    if name == "cancer_stage":
        return text[0] if re.fullmatch("[1-4]([A-Z][0-9]?)?", text) else INVALID
    return CODES[name].get(text, INVALID)


def read_value(name: str, value: Any) -> object:
    """One value that is not null."""
    if name in DATES or name in DATES_AS_THEY_STAND:
        return as_date(value)
    if name in LOCAL_NO or name in OTHER_BOOLS or name.startswith("plus_"):
        return read_bool(value)
    if name in NUMBERS:
        return read_number(name, value)
    if name in CODES or name in ("ethnic_category", "cancer_stage"):
        return read_code(name, value)
    return value  # deprivation, organisations and other columns are read where they are used


def read(record: Record, request: Request, tally: Tally) -> Facts:
    """The facts about one person. The tally gets what was refused, by column and reason."""
    facts: Facts = {}
    for name, value in record.items():
        fact = None if is_null(value) else read_value(name, value)
        if fact is INVALID:
            tally[name, "invalid"] += 1
            fact = None
        elif fact is None and name in request.null_means_no:
            fact = False
        facts[name] = fact if fact != "" else None
    for name, values in DATES.items():
        if facts.get(name) is not None and facts[name] > request.reference_date:
            tally[name, "after_reference_date"] += 1
            facts |= dict.fromkeys([name, *values])
    facts["bp_setting"] = facts.get("bp_setting") or "clinic"
    facts["age"] = age(facts, request.reference_date)
    return facts


def age(facts: Facts, reference: date) -> int | None:
    """By the date of birth, else as given."""
    birth = facts.get("birth_date")
    return facts.get("age_years") if birth is None else age_on(birth, reference)
