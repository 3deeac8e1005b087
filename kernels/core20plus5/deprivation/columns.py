"""Which columns of a table are the LSOA code, the IMD rank and the IMD decile, told by the words in their names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core20plus5.deprivation.english_indices import LSOA_VINTAGE
from core20plus5.deprivation.refusal import examples, looks_like, refused

# File 7 has ranks and deciles of each domain and of two supplementary indices (IDACI, IDAOPI); only the IMD's count.
_IMD = re.compile(r"\bimd|index of multiple deprivation")
_NOT_A_RANK = re.compile(r"decile|quintile|percentile|score")
_LSOA_NAME = re.compile(r"name|\bnm")  # "LSOA name (2021)", and the LSOA21NM of ONS tables
_LSOA_CODE = re.compile(r"code|\bcd\b")
_VERSION_OF_VINTAGE = {vintage: version for version, vintage in LSOA_VINTAGE.items()}


@dataclass(frozen=True)
class Columns:
    """Positions of the columns; `decile` is None where the table has none."""

    code: int
    rank: int
    decile: int | None

    def positions(self) -> list[int]:
        return [self.code, self.rank] + ([] if self.decile is None else [self.decile])


def find_columns(header: Sequence[str], name: str, version: str) -> Columns:
    """Find the columns by their names.

    Raises ImdTableError where one is missing or ambiguous, or states the year of another version.
    """
    code = _only_one(_codes(header), header, name, "one column whose name begins with 'lsoa' (LSOA codes)")
    rank = _only_one(_ranks(header), header, name, "one column of IMD ranks, 'imd_rank' or as published")
    deciles = _deciles(header)
    decile = _only_one(deciles, header, name, "at most one column of IMD deciles") if deciles else None
    _check_years(header, Columns(code, rank, decile), name, version)
    return Columns(code, rank, decile)


def has_columns(header: Sequence[str]) -> bool:
    """Whether this could be the header of an IMD table: it has LSOA codes and IMD ranks."""
    return bool(_codes(header)) and bool(_ranks(header))


def _words(title: str) -> str:
    return " ".join(re.findall(r"[a-z]+|[0-9]+", title.lower()))


def _codes(header: Sequence[str]) -> list[int]:
    found = [i for i, title in enumerate(header) if _words(title).startswith("lsoa")]
    found = [i for i in found if not _LSOA_NAME.search(_words(header[i]))]
    return [i for i in found if _LSOA_CODE.search(_words(header[i]))] or found


def _ranks(header: Sequence[str]) -> list[int]:
    found = [i for i, title in enumerate(header) if _IMD.search(_words(title)) and "rank" in _words(title)]
    return [i for i in found if not _NOT_A_RANK.search(_words(header[i]))]


def _deciles(header: Sequence[str]) -> list[int]:
    return [i for i, title in enumerate(header) if _IMD.search(_words(title)) and "decile" in _words(title)]


def _only_one(found: list[int], header: Sequence[str], name: str, expected: str) -> int:
    if len(found) == 1:
        return found[0]
    if found:
        raise refused(name, expected, f"{len(found)}: {examples([header[i] for i in found])}")
    # Other names stay unsaid: where the first line is not a header, they are somebody's data.
    raise refused(name, expected, f"none among {len(header)} column names")


def _check_years(header: Sequence[str], columns: Columns, name: str, version: str) -> None:
    """Refuse names that state another year: 'LSOA code (2011)', 'lsoa11_code' or 'imd_rank_2019' in a 2025 table."""
    expected = f"LSOA {LSOA_VINTAGE[version]} codes and ranks of IMD {version}"
    for year in re.findall(r"\b(?:20)?([0-9]{2})\b", _words(header[columns.code])):
        if f"20{year}" != LSOA_VINTAGE[version]:
            raise _wrong_year(name, expected, header[columns.code], _VERSION_OF_VINTAGE.get(f"20{year}"))
    for position in (columns.rank, columns.decile):
        title = "" if position is None else header[position]
        for year in re.findall(r"\b20[0-9]{2}\b", _words(title)):
            if year != version:
                raise _wrong_year(name, expected, title, year)


def _wrong_year(name: str, expected: str, title: str, other: str | None) -> Exception:
    hint = f": {looks_like(other)}" if other else ""
    return refused(name, expected, f"the column {examples([title])}{hint}")
