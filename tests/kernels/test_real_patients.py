"""Patients made by others, with real LSOA codes, against sums over the published file."""

from collections import Counter
from datetime import date

import pyarrow as pa
import pytest
from pyarrow import csv

from core20plus5.deprivation import read_imd_table
from core20plus5.errors import LsoaVintageError
from tests.ask import cell, count, flags
from tests.shared_data import shared_file
from tests.synthea import REFERENCE_DATE, london_day, patients, read_moment, records


def by_quintile(**arguments: object) -> pa.Table:
    """Exact counts by quintile against IMD 2025."""
    table = shared_file("imd2025_lsoa21.csv")
    return count(records(), reference_date=REFERENCE_DATE, imd_table=table, strata=["imd_quintile"], **arguments).counts


def age(patient: dict[str, str]) -> int:
    """Completed years at the reference date; nobody in the file is born on 29 February of interest."""
    born = date.fromisoformat(patient["birth_date"])
    birthday_has_been = (REFERENCE_DATE.month, REFERENCE_DATE.day) >= (born.month, born.day)
    return REFERENCE_DATE.year - born.year - (not birthday_has_been)


def quintile(patient: dict[str, str]) -> str:
    """Quintile by the decile that the file has from the published table."""
    return str((int(patient["imd2025_decile"]) + 1) // 2)


def test_everyone_by_quintile() -> None:
    counts = by_quintile()
    expected = Counter(quintile(patient) for patient in patients())
    assert sum(expected.values()) == 1000
    for number in "12345":
        assert cell(counts, imd_quintile=number, indicator="everyone") == (expected[number], 0, 0)
        in_core20 = expected[number] if number == "1" else 0
        assert cell(counts, imd_quintile=number, indicator="core20")[0] == in_core20


def test_hypertension_by_quintile() -> None:
    counts = by_quintile()
    adults = [patient for patient in patients() if age(patient) >= 18]
    diagnosed = Counter(quintile(p) for p in adults if p["hypertension_date"])
    assert sum(diagnosed.values()) > 500
    for number in "12345":
        in_quintile = sum(quintile(p) == number for p in adults)
        expected = (diagnosed[number], in_quintile - diagnosed[number], 0)
        assert cell(counts, imd_quintile=number, indicator="hypertension") == expected


def test_blood_pressure_control_of_those_with_a_reading_in_the_year() -> None:
    counts = by_quintile()
    expected: Counter[tuple[str, bool]] = Counter()
    for patient in patients():
        moment = read_moment(patient["latest_bp_at"])
        if patient["hypertension_date"] and moment and date(2024, 3, 31) < london_day(moment) <= REFERENCE_DATE:
            limit = 150 if age(patient) >= 80 else 140
            to_target = float(patient["latest_sbp"]) <= limit and float(patient["latest_dbp"]) <= 90
            expected[quintile(patient), to_target] += 1
    assert sum(expected.values()) >= 5
    for number in "12345":
        yes, no, _ = cell(counts, imd_quintile=number, indicator="hypertension_to_target")
        assert (yes, no) == (expected[number, True], expected[number, False])


def test_core20_of_each_patient_is_the_published_one() -> None:
    answers = flags(records(), reference_date=REFERENCE_DATE, imd_table=shared_file("imd2025_lsoa21.csv"))
    expected = ["yes" if int(patient["imd2025_decile"]) <= 2 else "no" for patient in patients()]
    assert answers["core20"].to_pylist() == expected
    assert answers["person_id"].to_pylist() == [patient["person_id"] for patient in patients()]


@pytest.mark.parametrize(
    ("name", "version", "code"),
    [("imd2019_lsoa11.csv", "2019", "lsoa11_code"), ("imd2025_lsoa21.csv", "2025", "lsoa21_code")],
)
def test_every_lsoa_of_both_tables_through_the_engine(name: str, version: str, code: str) -> None:
    published = csv.read_csv(shared_file(name))
    homes = pa.table({"lsoa_code": published[code]})
    arguments = {"imd_version": version, "imd_table": shared_file(name)}
    counts = count(homes, strata=["imd_decile"], **arguments).counts
    sizes = Counter(published["imd_decile"].to_pylist())
    for decile in range(1, 11):
        assert cell(counts, imd_decile=str(decile), indicator="everyone") == (sizes[decile], 0, 0)
    answers = flags(homes, **arguments)["core20"].to_pylist()
    assert answers == ["yes" if decile <= 2 else "no" for decile in published["imd_decile"].to_pylist()]


def test_codes_of_2021_against_the_table_of_2019() -> None:
    """The join works for 94 % of the codes, and would be wrong without a word."""
    table = read_imd_table(shared_file("imd2019_lsoa11.csv"), "2019")
    with pytest.raises(LsoaVintageError):
        count(records(), reference_date=REFERENCE_DATE, imd_version="2019", imd_table=table)
