"""Codes of practices, networks, places, sub-ICB locations and boards."""

from tests.reference.reading import is_null

ORGANISATIONS = ("practice_code", "pcn_code", "place_code", "sub_icb_code", "icb_code")
# Codes that stand for no practice, not applicable, not known; a bare U is an unallocated network.
NO_ORGANISATION = ("V81997", "V81998", "V81999", "U")


def organisation(value: object) -> str | None:
    """The code, None where there is none."""
    code = normal(value)
    return code if code and code not in NO_ORGANISATION else None


def is_no_organisation(name: str, value: object) -> bool:
    """Whether a column of codes holds one that stands for none."""
    return name in ORGANISATIONS and normal(value) in NO_ORGANISATION


def normal(value: object) -> str:
    return "" if is_null(value) else str(value).strip().upper()
