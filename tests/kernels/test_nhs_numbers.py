"""How many values of a column look like NHS numbers: the same whatever its type, and however many rows it has."""

from typing import Any

import pyarrow as pa
import pytest

from core20plus5.nhs_numbers import NhsNumberCheck

#: Valid check digits, made up; then one that is not valid, and nothing.
VALUES = [9434765919, 9434765870, 4010232137, 9876543210, 9434765918, None]

TEXTS = [pa.string(), pa.large_string(), pa.string_view()]
DICTIONARIES = [pa.dictionary(pa.int16(), kind) for kind in (*TEXTS, pa.int64())]


def column(kind: Any, rows: int) -> Any:
    whole = pa.array([VALUES[row % 6] for row in range(rows)], pa.int64())
    if pa.types.is_dictionary(kind):
        encoded: Any = whole.dictionary_encode()
        words = encoded.dictionary.cast(pa.string()).cast(kind.value_type)
        return pa.DictionaryArray.from_arrays(encoded.indices.cast(kind.index_type), words)
    return whole.cast(pa.string()).cast(kind)


@pytest.mark.parametrize("rows", [1, 30, 300])
@pytest.mark.parametrize("kind", [*TEXTS, pa.int64(), pa.uint64(), *DICTIONARIES], ids=str)
def test_each_type_and_number_of_rows(kind: Any, rows: int) -> None:
    seen = NhsNumberCheck(raising=False)
    seen.look(pa.record_batch([column(kind, rows)], names=["anything"]))
    values = [VALUES[row % 6] for row in range(rows)]
    assert seen._values["anything"] == rows - values.count(None)
    assert seen._passed["anything"] == sum(value in VALUES[:4] for value in values)


def test_blank_text_is_no_value() -> None:
    for rows in (2, 100):
        seen = NhsNumberCheck(raising=False)
        seen.look(pa.record_batch([pa.array(["9434765919", " "] * (rows // 2))], names=["anything"]))
        assert (seen._values["anything"], seen._passed["anything"]) == (rows // 2, rows // 2)
