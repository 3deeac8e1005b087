"""Deprivation of each person, from the one source of the request, with the reason where it is unknown."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core20plus5.arrow import ArrowArray
from core20plus5.deprivation import LSOA_COUNT, decile_of_rank
from core20plus5.ingest.arrays import as_numbers, as_places, as_text, decoded, text_bytes, valid_plane
from core20plus5.ingest.columns import NO_DECILE_REASONS, Codes, Columns
from core20plus5.kernels.clean import clean_numbers
from core20plus5.kernels.lsoa import BLANK, NOT_ASCII, NOT_ENGLISH, NOT_IN_TABLE, lsoa_deciles

if TYPE_CHECKING:
    from core20plus5.ingest.read import Reading

_REASON = {name: number for number, name in enumerate(NO_DECILE_REASONS)}
_KNOWN = -1


def read_deprivation(arrays: Mapping[str, ArrowArray], columns: Columns, reading: "Reading") -> None:
    """Fill `numbers["deprivation_decile"]` and `no_decile_reason`, and tally why deciles are unknown."""
    rows = columns.words * 64
    reason = np.full(rows, _REASON["column_absent"], np.int8)
    columns.numbers["deprivation_decile"] = np.full(rows, np.nan)
    columns.no_decile_reason = reason
    if reading.imd_column is None:
        return
    decile = np.full(rows, BLANK, np.int8)
    array = arrays[reading.imd_column]
    if reading.imd_column == "lsoa_code":
        decile[: columns.rows] = _from_codes(array, reading)
        _tally_vintage(decile[: columns.rows], columns)
    else:
        decile[: columns.rows] = _from_numbers(array, reading)
    reason[:] = _reasons(decile, columns.codes.get("no_imd_reason"))
    columns.numbers["deprivation_decile"][decile > 0] = decile[decile > 0]
    counts = np.bincount(reason[: columns.rows] + 1, minlength=len(NO_DECILE_REASONS) + 1)
    for number, name in enumerate(NO_DECILE_REASONS):
        if counts[number + 1]:
            columns.ledger.findings[reading.imd_column, name] += int(counts[number + 1])


def _from_codes(array: ArrowArray, reading: "Reading") -> Codes:
    assert reading.imd_table is not None
    if pa.types.is_dictionary(array.type):
        places, _ = as_places(array)
        encoded: Any = array
        return np.append(_of_texts(as_text(encoded.dictionary), reading), np.int8(BLANK))[places]
    return _of_texts(as_text(array), reading)


def _of_texts(texts: ArrowArray, reading: "Reading") -> Codes:
    """Decile or reason of each text; a code with other characters than ASCII is trimmed by Arrow and read again."""
    assert reading.imd_table is not None
    out = np.empty(len(texts), np.int8)
    if texts.null_count:
        texts = texts.fill_null("")
    lsoa_deciles(*text_bytes(texts), reading.imd_table.deciles, out)
    if (out == NOT_ASCII).any():
        trimmed: Any = pc.utf8_trim_whitespace(texts)
        lsoa_deciles(*text_bytes(trimmed), reading.imd_table.deciles, out)
        out[out == NOT_ASCII] = NOT_ENGLISH
    return out


_INVALID = -5


def _from_numbers(array: ArrowArray, reading: "Reading") -> Codes:
    is_rank = str(reading.imd_column).startswith("imd_rank")
    array = decoded(array)
    numbers = np.empty(len(array), np.float64)
    raw, valid = as_numbers(array), valid_plane(array)
    highest = LSOA_COUNT[reading.imd_version] if is_rank else 10
    refused = clean_numbers(raw, valid, 1.0, float(highest), True, numbers)
    known = ~np.isnan(numbers)
    ranks = numbers[known].astype(np.int64)
    out = np.full(len(array), BLANK, np.int8)
    out[known] = decile_of_rank(ranks, reading.imd_version) if is_rank else ranks
    if refused:
        blank = np.ones(len(array), np.float64)
        clean_numbers(raw, valid, -np.inf, np.inf, False, blank)
        out[~np.isnan(blank) & ~known] = _INVALID
    return out


def _reasons(decile: Codes, given: Codes | None) -> Codes:
    """The reason of each row; one that was given explains a null only."""
    table = np.full(256, _KNOWN, np.int8)
    for outcome, name in (
        (BLANK, "missing"),
        (NOT_ENGLISH, "outside_england"),
        (NOT_IN_TABLE, "not_in_table"),
        (_INVALID, "invalid"),
    ):
        table[outcome] = _REASON[name]
    reasons: npt.NDArray[np.int8] = table[decile.astype(np.intp)]
    if given is None:
        return reasons
    return np.where((decile == BLANK) & (given >= 0), given, reasons).astype(np.int8)


def _tally_vintage(decile: Codes, columns: Columns) -> None:
    unmatched = int((decile == NOT_IN_TABLE).sum())
    columns.ledger.unmatched += unmatched
    columns.ledger.english += unmatched + int((decile > 0).sum())
