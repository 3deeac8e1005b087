"""The value of each stratum for one person, as text."""

from tests.reference.answers import Person
from tests.reference.organisations import ORGANISATIONS, organisation
from tests.reference.reading import Record, is_null

GROUPS = {
    "White": "ABC",
    "Mixed": "DEFG",
    "Asian": "HJKL",
    "Black": "MNP",
    "Other": "RS",
}
UNKNOWN = "unknown"


def stratum(name: str, person: Person, record: Record) -> str:
    if name in ORGANISATIONS:
        return organisation(record.get(name)) or UNKNOWN
    if name in VALUES:
        return VALUES[name](person) or UNKNOWN
    return other(record.get(name))


def other(value: object) -> str:
    """Any other text, integer or bool column."""
    if is_null(value):
        return UNKNOWN
    return str(value).lower() if isinstance(value, bool) else str(value).strip()


def imd_decile(person: Person) -> str | None:
    return str(person.decile) if person.decile else None


def imd_quintile(person: Person) -> str | None:
    return str((person.decile + 1) // 2) if person.decile else None


def ethnic_group(person: Person) -> str:
    category = person.facts.get("ethnic_category")
    if category is None:
        return "Missing"
    if category in ("Z", "99"):
        return {"Z": "Not stated", "99": "Not known"}[category]
    return next(group for group, letters in GROUPS.items() if category in letters)


def age_band(person: Person, years: int, oldest: int) -> str | None:
    age = person.facts["age"]
    if age is None:
        return None
    if age >= oldest:
        return f"{oldest}+"
    first = age // years * years
    return f"{first}-{first + years - 1}"


def age_band_broad(person: Person) -> str | None:
    age = person.facts["age"]
    if age is None:
        return None
    return "0-17" if age <= 17 else "18-64" if age <= 64 else "65+"


def core20plus_segment(person: Person) -> str | None:
    core20, plus = person.as_truth("core20"), person.as_truth("plus_any")
    if core20 is None or plus is None:
        return None
    if core20:
        return "both" if plus else "core20 only"
    return "plus only" if plus else "neither"


VALUES = {
    "imd_decile": imd_decile,
    "imd_quintile": imd_quintile,
    "ethnic_category": lambda person: person.facts.get("ethnic_category"),
    "ethnic_group": ethnic_group,
    "sex": lambda person: person.facts.get("sex"),
    "age_band_5y": lambda person: age_band(person, 5, 90),
    "age_band_10y": lambda person: age_band(person, 10, 90),
    "age_band_broad": age_band_broad,
    "core20plus_segment": core20plus_segment,
}
