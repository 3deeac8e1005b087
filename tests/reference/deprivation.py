"""Deprivation from one source per request: an LSOA code, a rank or a decile."""

from typing import Any

from tests.reference.reading import Facts, Record, Tally, is_null
from tests.reference.request import Refused, Request

LSOAS_IN_ENGLAND = {"2019": 32_844, "2025": 33_755}


def find_source(columns: set[str], request: Request) -> str | None:
    """The column that deprivation is read from: the first that is there, its suffixed form before the bare one."""
    for kind in [request.imd_from] if request.imd_from else ["lsoa_code", "imd_rank", "imd_decile"]:
        for name in (kind,) if kind == "lsoa_code" else (f"{kind}_{request.imd_version}", kind):
            if name in columns:
                if kind == "lsoa_code" and request.imd_table is None:
                    raise Refused("invalid_request")
                return name
    return None


def decile_of_rank(rank: int, version: str) -> int:
    lsoas = LSOAS_IN_ENGLAND[version]
    return (10 * rank + lsoas - 1) // lsoas


def deprivation(
    record: Record, facts: Facts, source: str | None, request: Request, tally: Tally
) -> tuple[int | None, str | None]:
    """The decile, or None and why there is none."""
    if source is None:
        return None, "column_absent"
    value: Any = record.get(source)
    if is_null(value):
        decile, reason = None, facts.get("no_imd_reason") or "missing"
    elif source == "lsoa_code":
        decile, reason = from_code(value, request)
    else:
        decile, reason = from_number(source, value, request)
    if reason is not None:
        tally[source, reason] += 1
    return decile, reason


def from_code(value: str, request: Request) -> tuple[int | None, str | None]:
    code = value.strip().upper()
    if not code.startswith("E01"):
        return None, "outside_england"
    table: Any = request.imd_table
    if code not in table:
        return None, "not_in_table"
    return decile_of_rank(table[code], request.imd_version), None


def from_number(source: str, value: int, request: Request) -> tuple[int | None, str | None]:
    is_rank = source.startswith("imd_rank")
    most = LSOAS_IN_ENGLAND[request.imd_version] if is_rank else 10
    if not 1 <= value <= most:
        return None, "invalid"
    return (decile_of_rank(value, request.imd_version) if is_rank else value), None
