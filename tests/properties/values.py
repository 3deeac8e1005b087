"""Values near every boundary, by column: a day, a point or a rank either side."""

from collections.abc import Iterable
from datetime import date, timedelta
from math import nan
from typing import Any

from tests.reference.dates import months_before
from tests.reference.organisations import ORGANISATIONS
from tests.reference.reading import DATES, LOCAL_NO, OTHER_BOOLS

Values = list[Any]

REFERENCE_DATES = [
    date(2026, 3, 31),
    date(2024, 2, 29),
    date(2025, 2, 28),
    date(2026, 3, 1),
    date(2026, 4, 1),
    date(2026, 8, 31),
    date(2026, 9, 1),
    date(2026, 1, 1),
    date(2025, 12, 31),
    date(2026, 6, 15),
]
#: What each window asks about, in months before the reference date.
WINDOWS = (6, 12, 24, 60)
REGISTERS = {
    "hypertension_dx_latest": "hypertension_resolved_latest",
    "copd_dx_latest": "copd_resolved_latest",
    "smi_dx_latest": "smi_remission_latest",
}
LOCAL_GROUPS = ("plus_boaters", "plus_fishers")
OTHER_STRATA = {"ward": ["North", " North ", "south", "", None], "cluster": [0, 7, -1, None], "housebound": [True, False, None]}

RANKS = [1, 2, 3284, 3285, 3375, 3376, 6568, 6569, 6570, 6751, 6752, 32844, 32845, 33755, 33756, 0, -1, None]
DECILES = [*range(-1, 12), None]
PRESSURES = {
    "bp_systolic": [130, 134, 135, 136, 139, 140, 141, 144, 145, 146, 149, 150, 151, 50, 49, 0, None],
    "bp_diastolic": [80, 84, 85, 86, 89, 90, 91, 20, 19, 0, None],
}
NUMBERS: dict[str, Values] = {
    **PRESSURES,
    "ldl_mmol": [1.99, 2.0, 2.01, 0.0, 4.5, nan, None],
    "non_hdl_mmol": [2.59, 2.6, 2.61, 2.0, nan, None],
    "ltc_count": [0, 1, 2, 3, -1, None],
    "age_years": [0, 17, 18, 44, 45, 64, 65, 79, 80, 89, 90, 119, 120, 121, -1, None],
    "preg_gestation_at_booking_days": [1, 70, 70, 70, 71, 203, 294, 295, 0, -1, None],
}
CODES: dict[str, Values] = {
    "sex": ["1", "M", "m ", "2", " f", "9", "0", "X", "3", "", None],
    "ethnic_category": [*"ABCDGHLMPRSZIOQ", "99", "a1", " s9 ", "Z9", "991", "9", "??", "", " ", None],
    "bp_setting": ["clinic", "home", "HOME", " abpm", "hbpm", "pharmacy", "", None],
    "smoking_status": ["current", "CURRENT", " current ", "ex", "never", "unknown", "", None],
    "cancer_stage": ["1", "2", "3", "4", "1A", "2b1", " 3 ", "0", "5", "12", "X", "?", "", None],
    "no_imd_reason": ["outside_england", "no_fixed_abode", " NO_FIXED_ABODE ", "moved", "", None],
    "lsoa_code": [
        *("E01000001", "e01006568", " E01006569 ", "E01006751", "E01006752", "E01032844", "E01032845", "E01033755"),
        *("E01033756", "E01999999", "E01", "E0100000x", "W01000001", "S01006506", "95AA01S1", "", None),
    ],
}
ORGANISATION_CODES = ["G85001", " g85001 ", "V81997", "v81998", "V81999", "U", "u", "U12345", "", None]


def around(days: Iterable[date]) -> Values:
    """Each day, and the day either side."""
    return sorted({day + timedelta(days=step) for day in days for step in (-1, 0, 1)})


def dates(name: str, reference: date) -> Values:
    """Values of a date column: around whatever its rule compares it with, and null."""
    near = [reference, *(months_before(reference, months) for months in WINDOWS)]
    if name in (*REGISTERS, *REGISTERS.values()):
        near = [date(2020, 5, 1), reference]
    elif name == "flu_vaccine_latest":
        near = [date(year, month, day) for year in range(2023, 2027) for month, day in ((9, 1), (3, 31), (2, 28))]
    elif name.startswith(("preg_", "coc_")):
        # Booked at 70 days: 203 of gestation 133 days later, 294 after 224. Plans are dated from 70 days before booking on.
        back = (133, 224, 0, 202, 203, 294) if name == "preg_booking_date" else (0, 21, 91, 133, 203, 294)
        near = [reference - timedelta(days=days) for days in back]
    elif name == "birth_date":
        ages = (0, 17, 18, 44, 45, 79, 80, 119, 120)
        near = [date(reference.year - age, reference.month, min(reference.day, 28)) for age in ages]
        near += [date(year, 2, 28) for year in (1908, 1944, 1948, 1980, 1984, 2004, 2008)]
        near += [date(year, 3, 1) for year in (1908, 1944, 1948, 1980, 1984, 2004, 2008)]
    elif name in ("death_date", "registration_start", "registration_end"):
        near = [reference]
    return [*around(near), None]


def values(name: str, reference: date) -> Values:
    """Everything that the records of these tests may hold in a column."""
    if name in DATES or name in ("birth_date", "death_date", "registration_start", "registration_end"):
        return dates(name, reference)
    if name.startswith("imd_"):
        return RANKS if "rank" in name else DECILES
    if name in ORGANISATIONS:
        return ORGANISATION_CODES
    return (NUMBERS | CODES | OTHER_STRATA).get(name, [True, False, None])


COLUMNS = (
    *("birth_date", "age_years", "death_date", "registration_start", "registration_end", *DATES, *NUMBERS, *CODES),
    *(f"imd_{kind}{version}" for kind in ("rank", "decile") for version in ("", "_2019", "_2025")),
    *(*LOCAL_NO, *LOCAL_GROUPS, *OTHER_BOOLS, *ORGANISATIONS, *OTHER_STRATA),
)
BOOLS = (*LOCAL_NO, *LOCAL_GROUPS, *OTHER_BOOLS)
