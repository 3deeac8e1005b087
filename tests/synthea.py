"""The 1,000 synthetic West Country patients of nhsengland/swpc_synthea as records of this project."""

import csv
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from tests.shared_data import shared_file

#: The day at which these patients are looked at: the end of the quarter after their last reading.
REFERENCE_DATE = date(2025, 3, 31)

_SCHEMA = pa.schema(
    [
        ("person_id", pa.string()),
        ("birth_date", pa.date32()),
        ("death_date", pa.date32()),
        ("sex", pa.string()),
        ("ethnic_category", pa.string()),
        ("lsoa_code", pa.string()),
        ("hypertension_dx_latest", pa.date32()),
        ("bp_date", pa.timestamp("us", "UTC")),
        ("bp_systolic", pa.float64()),
        ("bp_diastolic", pa.float64()),
    ]
)

# The source says no more than a broad group; Z and the "any other" codes are as near as the 2001 categories come.
_ETHNIC_CATEGORY = {"white": "A", "asian": "L", "black": "P", "other": "S"}


def patients() -> list[dict[str, str]]:
    """The patients as published, one dictionary a row."""
    with shared_file("patients_synthea_uk_1000.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def records() -> pa.Table:
    """The patients as a table of records; blood pressure keeps its time of day, in UTC."""
    return pa.Table.from_pylist([_record(patient) for patient in patients()], schema=_SCHEMA)


def _record(patient: dict[str, str]) -> dict[str, Any]:
    return {
        "person_id": patient["person_id"],
        "birth_date": _day(patient["birth_date"]),
        "death_date": _day(patient["death_date"]),
        "sex": patient["sex"],
        "ethnic_category": "G" if patient["ethnicity"] == "mixed" else _ETHNIC_CATEGORY[patient["race"]],
        "lsoa_code": patient["lsoa21_code"],
        "hypertension_dx_latest": _day(patient["hypertension_date"]),
        "bp_date": read_moment(patient["latest_bp_at"]),
        "bp_systolic": float(patient["latest_sbp"]) if patient["latest_sbp"] else None,
        "bp_diastolic": float(patient["latest_dbp"]) if patient["latest_dbp"] else None,
    }


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def read_moment(text: str) -> datetime | None:
    """A moment in UTC, None for no text."""
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def london_day(moment: datetime) -> date:
    """The date of a moment in London."""
    return moment.astimezone(ZoneInfo("Europe/London")).date()
