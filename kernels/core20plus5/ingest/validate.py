"""Nothing of a batch is touched before it has been validated in full."""

from typing import Any

import numpy as np
import pyarrow as pa

from core20plus5.arrow import ArrowArray, value_type


def validate(batch: pa.RecordBatch) -> None:
    """Raises pa.ArrowInvalid for offsets, lengths, indices or text that would lead outside the batch's own memory.

    Forged offsets pass the reader and a plain `validate()`, and following one ends the process.
    """
    batch.validate(full=True)
    for array in batch.columns:
        if pa.types.is_string_view(value_type(array.type)):
            encoded: Any = array
            _validate_view(encoded.dictionary if pa.types.is_dictionary(array.type) else encoded)


def _validate_view(array: ArrowArray) -> None:
    """Arrow validates no view that stands under a null, but casts it: a negative length there ends the process as well."""
    buffer: Any = array.buffers()[1] or b""
    views = np.frombuffer(buffer, np.int32)
    if (views[4 * array.offset : 4 * (array.offset + len(array)) : 4] < 0).any():
        raise pa.ArrowInvalid("a text view has a negative length")
