"""What a batch would take once it is spelled out: views and dictionaries can show one long text for every row."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core20plus5.arrow import ArrowArray, is_text
from core20plus5.errors import DataError

#: Bytes of all texts of a column of one batch: so many, and so many more for each row.
MOST_TEXT, MOST_TEXT_OF_ROW = 16 << 20, 256

_VIEW, _DICTIONARY = pa.string_view().id, pa.dictionary(pa.int8(), pa.string()).id


def without_long_texts(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The columns of a batch that can be read value by value, whoever made it. Raises pa.ArrowInvalid for buffers too short."""
    places: Any = [place for place, array in enumerate(batch.columns) if _fits(array)]
    return batch if len(places) == batch.num_columns else batch.select(places)


def check_expansion(batch: pa.RecordBatch, places: Iterable[int]) -> None:
    """Raises DataError for a column whose texts, each by itself, would take far more memory than the batch. places: of columns
    that have texts.

    Reads lengths only, so that it can go before full validation. Raises pa.ArrowInvalid for buffers that are too short for them.
    """
    for place in places:
        if not _fits(batch.column(place)):
            name = batch.schema.names[place]
            raise DataError(
                f"column {name!r} has texts of more than {MOST_TEXT_OF_ROW} bytes a row: too long for a column of records"
            )


def _fits(array: Any) -> bool:
    kind = array.type
    if kind.id == _VIEW:
        return int(_lengths(array).sum()) <= MOST_TEXT + MOST_TEXT_OF_ROW * len(array)
    return kind.id != _DICTIONARY or not is_text(kind.value_type) or _dictionary_fits(array)


def _dictionary_fits(array: Any) -> bool:
    room = MOST_TEXT + MOST_TEXT_OF_ROW * len(array)
    dictionary = array.dictionary
    if dictionary.type.id != _VIEW:
        text = dictionary.buffers()[2]  # as long as all texts together: nearly always that is enough to know
        if (text.size if text is not None else 0) * max(1, len(array)) <= room:
            return True
    dictionary.validate()
    lengths = _lengths(dictionary)
    if int(lengths.sum()) > MOST_TEXT + MOST_TEXT_OF_ROW * max(len(lengths), len(array)):
        return False
    if len(array) * int(lengths.max(initial=0)) <= room:
        return True
    # Forged indices are none of this module's business, but they must not lead anywhere.
    array.indices.validate()
    places = array.indices.fill_null(0).to_numpy(zero_copy_only=False)
    return int(lengths.take(places, mode="clip").sum()) <= room


def _lengths(texts: ArrowArray) -> npt.NDArray[np.int64]:
    """Bytes of each text, and 0 for what is forged; nulls count as what stands under them."""
    if pa.types.is_string_view(texts.type):
        buffer: Any = texts.buffers()[1] or b""
        first = 4 * texts.offset
        found = np.frombuffer(buffer, np.int32, len(buffer) // 4)[first : first + 4 * len(texts) : 4].astype(np.int64)
    else:
        lengths: Any = pc.binary_length(texts)  # type: ignore[call-overload]
        found = np.asarray(lengths.fill_null(0), np.int64)
    return np.maximum(found, 0)
