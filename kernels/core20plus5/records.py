"""The record schema: one entry per column a caller may send, facts as at the reference date.

Each column says what it means, which values it accepts and what null means. Nothing else in the
project lists columns: ingest, rulesets, the documentation and the clients all read this table.
Rules that depend on thresholds are not here; they are sentences in a ruleset.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Kind(Enum):
    """How a column is decoded. The value is the name used in messages."""

    DATE = "date"
    BOOL = "bool"
    INTEGER = "integer"
    NUMBER = "number"
    CODE = "string or integer"
    LSOA = "string"
    ORGANISATION = "string (organisation code)"
    IDENTIFIER = "string or integer (identifier)"


def _one_of(spellings: dict[str, str]) -> Callable[[str], str | None]:
    """Read a code by its upper-cased spelling; None is an unknown code, "" a recorded 'not known'."""
    return spellings.get


def _ethnic_category(text: str) -> str | None:
    """NHS 2001 code: one national letter, optionally one local character that is cut off; or 99."""
    if text == "99":
        return text
    return text[0] if len(text) <= 2 and text[0] in ETHNIC_CATEGORIES else None


_STAGE = re.compile(r"([1-4])([A-Z][0-9]?)?")


def _cancer_stage(text: str) -> str | None:
    match = _STAGE.fullmatch(text)
    return match.group(1) if match else None


# NHS Data Dictionary, ETHNIC CATEGORY (2001 code list): no I, O or Q. Z is "not stated", 99 "not known".
# https://www.datadictionary.nhs.uk/data_elements/ethnic_category.html
ETHNIC_CATEGORIES = (*"ABCDEFGHJKLMNPRSZ", "99")
ETHNIC_GROUPS = {
    **dict.fromkeys("ABC", "White"),
    **dict.fromkeys("DEFG", "Mixed"),
    **dict.fromkeys("HJKL", "Asian"),
    **dict.fromkeys("MNP", "Black"),
    **dict.fromkeys("RS", "Other"),
    "Z": "Not stated",
    "99": "Not known",
}

# Practice codes that stand for "no practice", "not applicable" and "not known"; a bare U is an unallocated PCN.
PSEUDO_ORGANISATIONS = frozenset({"V81997", "V81998", "V81999", "U"})

IMD_VERSIONS = ("2019", "2025")


@dataclass(frozen=True)
class Column:
    """One column of the record.

    values: the normalised codes, in the order of their numbers (CODE columns only).
    read: normalises trimmed, upper-cased text to one of `values`; "" is null, None is not an accepted code.
    otherwise: the code that null and unaccepted codes read as, where that is not "unknown".
    minimum, maximum: the accepted range, both included; outside it a value is invalid and reads as null.
    paired_with: the date this value belongs to; it is null where that date lies after the reference date.
    as_it_stands: a date that may lie after the reference date and is then still read.
    optional: read as all-null when the column is absent, instead of leaving indicators unanswered.
    enough: another column that can stand in for this one, so that one of the two is enough.
    local_no: the request may declare that null means no.
    """

    name: str
    kind: Kind
    meaning: str
    null_means: str
    values: tuple[str, ...] = ()
    read: Callable[[str], str | None] | None = None
    otherwise: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    paired_with: str | None = None
    as_it_stands: bool = False
    optional: bool = False
    enough: str | None = None
    local_no: bool = False
    accepts: str = ""


def _code(name: str, meaning: str, null_means: str, spellings: dict[str, str], **more: Any) -> Column:
    values = tuple(dict.fromkeys(value for value in spellings.values() if value))
    accepts = ", ".join(spellings)
    return Column(name, Kind.CODE, meaning, null_means, values, _one_of(spellings), accepts=accepts, **more)


def _date(name: str, meaning: str, null_means: str, **more: Any) -> Column:
    return Column(name, Kind.DATE, meaning, null_means, **more)


def _group(name: str, meaning: str) -> Column:
    return Column(name, Kind.BOOL, meaning, "unknown, or no if the request says so", local_no=True)


def _number(name: str, meaning: str, paired_with: str, null_means: str = "not measured", **more: Any) -> Column:
    return Column(name, Kind.NUMBER, meaning, null_means, paired_with=paired_with, **more)


def _organisation(name: str, meaning: str) -> Column:
    return Column(name, Kind.ORGANISATION, meaning, "stratum unknown")


_DEPRIVATION = [
    Column("lsoa_code", Kind.LSOA, "LSOA of residence, of the vintage of the IMD table", "deprivation unknown"),
    *[
        Column(f"imd_rank{suffix}", Kind.INTEGER, f"IMD rank{of}, 1 is most deprived", "deprivation unknown")
        for suffix, of in (("", " of the request's version"), ("_2019", " 2019"), ("_2025", " 2025"))
    ],
    *[
        Column(f"imd_decile{suffix}", Kind.INTEGER, f"IMD decile{of}, 1 is most deprived", "deprivation unknown")
        for suffix, of in (("", " of the request's version"), ("_2019", " 2019"), ("_2025", " 2025"))
    ],
    _code(
        "no_imd_reason",
        "why there is no deprivation; explains a null only",
        "no reason given",
        {"OUTSIDE_ENGLAND": "outside_england", "NO_FIXED_ABODE": "no_fixed_abode"},
        optional=True,
    ),
]

_PERSON = [
    Column("person_id", Kind.IDENTIFIER, "pseudonym, echoed in flags only; never an NHS number", "echoed as null"),
    _date("birth_date", "date of birth", "age from age_years", as_it_stands=True, enough="age_years"),
    Column(
        "age_years",
        Kind.INTEGER,
        "completed years at the reference date, used where birth_date is null",
        "age unknown",
        minimum=0,
        enough="birth_date",
    ),
    _code(
        "sex",
        "sex, or person stated gender",
        "unknown",
        {"1": "male", "M": "male", "2": "female", "F": "female", "9": "indeterminate", "0": "", "X": ""},
    ),
    Column(
        "ethnic_category",
        Kind.CODE,
        "NHS 2001 ethnic category, with or without one local character",
        "missing",
        ETHNIC_CATEGORIES,
        _ethnic_category,
        accepts="A to H, J to N, P, R, S, Z, 99",
    ),
]

_ORGANISATIONS = [
    _organisation("practice_code", "GP practice of registration"),
    _organisation("pcn_code", "primary care network"),
    _organisation("place_code", "place"),
    _organisation("sub_icb_code", "sub-ICB location"),
    _organisation("icb_code", "integrated care board"),
]

_POPULATION = [
    _date("registration_start", "start of registration", "no limit", as_it_stands=True, optional=True),
    _date("registration_end", "end of registration", "no limit", as_it_stands=True, optional=True),
    _date("death_date", "date of death", "alive", as_it_stands=True, optional=True),
]

_GROUPS = [
    _group("learning_disability", "has a learning disability"),
    _group("autism", "is autistic"),
    _group("homeless", "experiences homelessness"),
    _group("drug_alcohol_dependence", "has a drug or alcohol dependence"),
    _group("vulnerable_migrant", "is a vulnerable migrant or refugee"),
    _group("gypsy_roma_traveller", "belongs to a Gypsy, Roma or Traveller community"),
    _group("sex_worker", "is a sex worker"),
    _group("justice_contact", "is in contact with the justice system"),
    _group("modern_slavery", "is a victim of modern slavery"),
    _group("coastal", "lives in a coastal community"),
    Column("ltc_count", Kind.INTEGER, "number of long-term conditions, on the caller's list", "unknown", minimum=0),
]

_DIAGNOSES = [
    _date("hypertension_dx_latest", "latest hypertension diagnosis", "not diagnosed"),
    _date("hypertension_resolved_latest", "latest hypertension resolved code", "not resolved", optional=True),
    _date("copd_dx_latest", "latest COPD diagnosis", "not diagnosed"),
    _date("copd_resolved_latest", "latest COPD resolved code", "not resolved", optional=True),
    _date("smi_dx_latest", "latest severe mental illness diagnosis", "not diagnosed"),
    _date("smi_remission_latest", "latest remission of severe mental illness", "not in remission", optional=True),
    _date("cvd_dx_latest", "latest CHD, PAD, stroke or TIA diagnosis", "not diagnosed"),
    _date("cancer_dx_latest", "latest invasive cancer diagnosis, C44 left out", "not diagnosed"),
    Column(
        "cancer_stage",
        Kind.CODE,
        "stage of that cancer; the first digit decides",
        "not staged",
        ("1", "2", "3", "4"),
        _cancer_stage,
        paired_with="cancer_dx_latest",
        accepts="1 to 4, with an optional letter and digit",
    ),
]

_CARE = [
    _date("bp_date", "latest blood pressure reading", "no reading"),
    _number("bp_systolic", "its systolic pressure in mmHg", "bp_date", "no reading"),
    _number("bp_diastolic", "its diastolic pressure in mmHg", "bp_date", "no reading"),
    _code(
        "bp_setting",
        "where it was taken",
        "clinic",
        {"CLINIC": "clinic", "HOME": "home", "ABPM": "home", "HBPM": "home"},
        otherwise="clinic",
        paired_with="bp_date",
        optional=True,
    ),
    _date("alcohol_date", "latest alcohol status", "not done"),
    _date("glucose_date", "latest blood glucose or HbA1c", "not done"),
    _date("bmi_date", "latest BMI", "not done"),
    _date("lipid_date", "latest lipid profile", "not done"),
    _code(
        "smoking_status",
        "latest smoking status",
        "unknown",
        {"CURRENT": "current", "EX": "ex", "NEVER": "never"},
        paired_with="smoking_status_date",
    ),
    _date("smoking_status_date", "date of that status", "not done"),
    _date("smoking_support_latest", "latest offer of support to stop smoking", "not done"),
    _date("statin_latest", "latest statin issue", "not done"),
    _date("other_lipid_lowering_latest", "latest issue of another lipid-lowering drug", "not done", optional=True),
    _date("cholesterol_date", "latest cholesterol measurement", "not measured"),
    _number("ldl_mmol", "its LDL cholesterol in mmol/L", "cholesterol_date", enough="non_hdl_mmol"),
    _number("non_hdl_mmol", "its non-HDL cholesterol in mmol/L", "cholesterol_date", enough="ldl_mmol"),
    _date("flu_vaccine_latest", "latest influenza vaccination", "not recorded as vaccinated"),
    _date("pneumococcal_vaccine_latest", "latest pneumococcal vaccination", "not recorded as vaccinated"),
    _date("covid_vaccine_latest", "latest COVID-19 vaccination", "not recorded as vaccinated"),
    Column("covid_vaccine_eligible", Kind.BOOL, "eligible for a COVID-19 vaccination", "unknown"),
]

_MATERNITY = [
    _date("preg_booking_date", "antenatal booking of the latest pregnancy", "no pregnancy recorded"),
    Column(
        "preg_gestation_at_booking_days",
        Kind.INTEGER,
        "gestation at booking in days",
        "unknown",
        minimum=1,
        maximum=294,
        paired_with="preg_booking_date",
    ),
    _date("preg_end_date", "delivery, loss or discharge", "not ended", optional=True),
    _date("coc_plan_date", "latest continuity of carer plan dated day 0 to 203", "no plan"),
    Column("coc_pathway", Kind.BOOL, "placed on a continuity of carer pathway", "unknown"),
    Column("coc_named_midwife", Kind.BOOL, "the plan names a midwife", "no"),
    Column("coc_named_team", Kind.BOOL, "the plan names a team", "no"),
]

COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (*_PERSON, *_DEPRIVATION, *_ORGANISATIONS, *_POPULATION, *_GROUPS, *_DIAGNOSES, *_CARE, *_MATERNITY)
}

ORGANISATIONS: tuple[str, ...] = tuple(column.name for column in _ORGANISATIONS)

LOCAL_GROUP_PREFIX = "plus_"


def find_column(name: str) -> Column | None:
    """The schema entry for a column name; local groups (`plus_<name>`) have one as well."""
    if name in COLUMNS:
        return COLUMNS[name]
    if is_local_group(name):
        return _group(name, "belongs to the local group of this name")
    return None


def is_local_group(name: str) -> bool:
    """Whether a column name is that of a local PLUS group."""
    return name.startswith(LOCAL_GROUP_PREFIX) and len(name) > len(LOCAL_GROUP_PREFIX) and name != "plus_any"
