"""Deprivation of each person, from the one source of the request, with the reason where it is unknown."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core20plus5.arrow import ArrowArray
from core20plus5.deprivation import LSOA_COUNT
from core20plus5.ingest.arrays import as_dictionary, as_numbers, as_text, padded, text_bytes, valid_plane
from core20plus5.ingest.block import Block
from core20plus5.ingest.columns import NO_DECILE_REASONS, Codes, Recorded
from core20plus5.kernels.clean import clean_codes, clean_numbers
from core20plus5.kernels.lsoa import (
    BLANK,
    NOT_ASCII,
    NOT_ENGLISH,
    deciles_and_reasons,
    lsoa_deciles,
    rank_deciles,
)

if TYPE_CHECKING:
    from core20plus5.ingest.read import Reading

_REASON = {name: number for number, name in enumerate(NO_DECILE_REASONS)}

#: The reason of each outcome, by minus the outcome.
_REASON_OF = np.array(
    [_REASON[name] for name in ("column_absent", "missing", "outside_england", "not_in_table", "outside_england", "invalid")],
    np.int8,
)


def read_deprivation(batch: pa.RecordBatch, block: Block, reading: "Reading") -> None:
    """Add the number `deprivation_decile`, fill `no_decile_reason`, and tally why deciles are unknown."""
    rows, name = block.words * 64, reading.imd_column
    deciles, known = np.zeros(rows, np.int16), np.zeros(block.words, np.uint64)
    block.no_decile_reason = np.full(rows, _REASON["column_absent"], np.int8)
    if name is not None:
        outcomes = _outcomes(batch.column(name), reading)
        tally = np.zeros(_REASON_OF.size + 2, np.int64)
        given = block.codes("no_imd_reason")
        deciles_and_reasons(outcomes, given, _REASON_OF, block.rows, deciles, known, block.no_decile_reason, tally)
        for number, reason in enumerate(NO_DECILE_REASONS):
            if tally[number]:
                block.ledger.findings[name, reason] += int(tally[number])
        if name == "lsoa_code":
            block.ledger.english += int(tally[-2])
            block.ledger.unmatched += int(tally[-1])
    block.put("numbers", "deprivation_decile", Recorded.of(deciles, known))


def _outcomes(array: ArrowArray, reading: "Reading") -> Codes:
    """The decile of each row, or the constant that says why there is none."""
    if reading.imd_column != "lsoa_code":
        return _from_numbers(array, reading)
    if not pa.types.is_dictionary(array.type):
        return padded(_of_texts(as_text(array), reading))
    places, dictionary = as_dictionary(array)
    table = reading.dictionaries.of(
        "lsoa_code", dictionary, lambda values: np.append(_of_texts(as_text(values), reading), np.int8(BLANK))
    )
    out = np.empty(places.values.size, np.int8)
    clean_codes(*places, table, np.zeros(table.size, np.uint8), out)
    return out


def _of_texts(texts: ArrowArray, reading: "Reading") -> Codes:
    """Decile or reason of each text; a code with other characters than ASCII is trimmed by Arrow and read again."""
    assert reading.imd_table is not None
    out = np.empty(len(texts), np.int8)
    known = valid_plane(texts)
    lsoa_deciles(*text_bytes(texts), known, reading.imd_table.deciles, out)
    if (out == NOT_ASCII).any():
        trimmed: Any = pc.utf8_trim_whitespace(texts)
        lsoa_deciles(*text_bytes(trimmed), known, reading.imd_table.deciles, out)
        out[out == NOT_ASCII] = NOT_ENGLISH
    return out


def _from_numbers(array: ArrowArray, reading: "Reading") -> Codes:
    is_rank = str(reading.imd_column).startswith("imd_rank")
    numbers = as_numbers(array)
    given = numbers.known.copy()
    highest = LSOA_COUNT[reading.imd_version] if is_rank else 10
    clean_numbers(numbers.values, given, -np.inf, np.inf, False)  # NaN is null, not a number that is refused
    clean_numbers(*numbers, 1.0, float(highest), True)
    out = np.empty(numbers.values.size, np.int8)
    rank_deciles(*numbers, given, highest, out)
    return out
