"""An IMD table, read from a file and checked, as arrays to look LSOA numbers up in."""

import hashlib
import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from core20plus5.deprivation.english_indices import LSOA_COUNT, LSOA_VINTAGE, decile_of_rank
from core20plus5.deprivation.files import RawTable, parse_table
from core20plus5.deprivation.refusal import examples, looks_like, refused

_Number = TypeVar("_Number", bound=np.generic)

_CODE = re.compile(r"E01[0-9]{6}")
_WHOLE_NUMBER = re.compile(r"([0-9]{1,3}(?:,[0-9]{3}){1,2}|[0-9]{1,9})(?:\.0*)?")  # 29199, 29,199 and 29199.0
# Several times the largest table published; an extract of patients given by mistake is not read to its end.
_MAX_BYTES = 128 * 1024 * 1024


@dataclass(frozen=True, eq=False)
class ImdTable:
    """Rank and decile of every LSOA in England, for one version of the IMD.

    Both arrays are read-only, have shape (highest LSOA number + 1,) and are indexed by the number in the code, so
    E01000001 is at 1; 0 where the code is not in the table. Small enough (36 kB for the deciles) to stay in the cache.
    """

    version: str  # "2019" or "2025"
    sha256: str  # of the file as read, 64 hexadecimal digits
    name: str  # of the file, without its folder
    deciles: npt.NDArray[np.int8]  # 1 (most deprived) to 10
    ranks: npt.NDArray[np.int32]  # 1 (most deprived) to `rows`; ties share a rank

    def __post_init__(self) -> None:
        """Read-only however it was made: to a kernel, an array that can be written is another type, compiled anew."""
        self.deciles.flags.writeable = self.ranks.flags.writeable = False

    @property
    def rows(self) -> int:
        """How many LSOAs the table has."""
        return LSOA_COUNT[self.version]

    @property
    def lsoa_vintage(self) -> str:
        """The census year of its LSOA codes: "2011" or "2021"."""
        return LSOA_VINTAGE[self.version]


def read_imd_table(path: str | os.PathLike[str], version: str) -> ImdTable:
    """Read the IMD table of `version` ("2019" or "2025") and check it.

    The file is File 1 or File 7 of the English Indices as published, CSV or XLSX, or a table with LSOA codes in a
    column whose name begins with "lsoa", "imd_rank" and, if you like, "imd_decile". Deciles are derived from ranks.
    Raises ImdTableError, saying what was expected and what was found, for an unknown version, a file that cannot be
    read, columns missing or ambiguous, rows that are not those of the version, codes that are malformed or repeated,
    ranks that are missing or not whole numbers in 1..N, and deciles that do not follow from the ranks.
    Source of the published files: MHCLG, https://www.gov.uk/government/collections/english-indices-of-deprivation
    """
    file = Path(path)
    if version not in LSOA_COUNT:
        raise refused(file.name, f"IMD version {' or '.join(LSOA_COUNT)}", f"version {examples([str(version)])}")
    data = _read(file)
    raw = parse_table(data, file.name, version)
    _check_rows(len(raw.codes), file.name, version)
    numbers = _lsoa_numbers(raw, file.name)
    ranks = _ranks(raw, file.name, version)
    deciles = decile_of_rank(ranks, version)
    _check_deciles(raw, ranks, deciles, file.name, version)
    return ImdTable(
        version=version,
        sha256=hashlib.sha256(data).hexdigest(),
        name=file.name,
        deciles=_by_number(numbers, deciles.astype(np.int8)),
        ranks=_by_number(numbers, ranks.astype(np.int32)),
    )


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise refused(file.name, "a file that can be read", error.strerror or type(error).__name__) from error
    if len(data) > _MAX_BYTES:
        raise refused(file.name, f"at most {_MAX_BYTES >> 20} MiB", "more")
    return data


def _check_rows(rows: int, name: str, version: str) -> None:
    if rows != LSOA_COUNT[version]:
        hints = [f": {looks_like(other)}" for other, count in LSOA_COUNT.items() if count == rows]
        raise refused(name, f"{LSOA_COUNT[version]:,} rows for IMD {version}", f"{rows:,}{''.join(hints)}")


def _lsoa_numbers(raw: RawTable, name: str) -> npt.NDArray[np.int64]:
    """The number in each code, int64 of shape (rows,): each once."""
    malformed = [code for code in raw.codes if not _CODE.fullmatch(code)]
    if malformed:
        found = f"{len(malformed):,} other values: {examples(malformed)}"
        raise refused(name, "LSOA codes of England (E01 and six digits)", found)
    repeated = [code for code, times in Counter(raw.codes).items() if times > 1]
    if repeated:
        raise refused(name, "each LSOA code once", f"{len(repeated):,} repeated: {examples(repeated)}")
    return np.array([int(code[3:]) for code in raw.codes], dtype=np.int64)


def _ranks(raw: RawTable, name: str, version: str) -> npt.NDArray[np.int64]:
    """Ranks in the order of the rows, int64 of shape (rows,): 1..N, where ties are lawful (2019 has 26)."""
    expected = f"a whole number from 1 to {LSOA_COUNT[version]:,} as the rank of every LSOA"
    empty = [code for code, text in zip(raw.codes, raw.ranks, strict=True) if not text]
    if empty:
        raise refused(name, expected, f"{len(empty):,} LSOAs without one: {examples(empty)}")
    ranks = [_whole_number(text) for text in raw.ranks]
    wrong = [text for text, rank in zip(raw.ranks, ranks, strict=True) if not 1 <= rank <= LSOA_COUNT[version]]
    if wrong:
        raise refused(name, expected, f"{len(wrong):,} other values: {examples(wrong)}")
    return np.array(ranks, dtype=np.int64)


def _whole_number(text: str) -> int:
    """The number, or -1 where the text is none."""
    match = _WHOLE_NUMBER.fullmatch(text)
    return int(match[1].replace(",", "")) if match else -1


def _check_deciles(raw: RawTable, ranks: npt.NDArray[np.int64], deciles: npt.NDArray[np.int64], name: str, version: str) -> None:
    """Refuse given deciles that the ranks contradict; an empty cell says nothing."""
    if raw.deciles is None:
        return
    rows = zip(raw.codes, raw.deciles, ranks.tolist(), deciles.tolist(), strict=True)
    wrong = [
        f"{code} with rank {rank} and decile {given}"
        for code, given, rank, decile in rows
        if given and _whole_number(given) != decile
    ]
    if wrong:
        expected = f"deciles that follow from the ranks of IMD {version} (10 x rank / {LSOA_COUNT[version]:,}, rounded up)"
        raise refused(name, expected, f"{len(wrong):,} that do not: {examples(wrong)}")


def _by_number(numbers: npt.NDArray[np.int64], values: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
    """Read-only array with `values` at `numbers`, 0 elsewhere."""
    table = np.zeros(int(numbers.max()) + 1, dtype=values.dtype)
    table[numbers] = values
    return table
