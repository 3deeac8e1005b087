"""The one helper between Arrow and kernels: an Arrow array in, plain typed arrays out.

Offsets of slices, missing validity bitmaps, dictionaries and every accepted width and unit end here.
"""

import math
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core20plus5.arrow import ArrowArray
from core20plus5.ingest.columns import Plane, Recorded, Truth
from core20plus5.kernels.clean import bit_plane, bool_truth

_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
_ALL = np.uint64(2**64 - 1)

#: Number types that kernels of one column read as they are; every other one becomes float64 first. Each costs signatures.
_NATIVE = frozenset(np.dtype(kind) for kind in (np.int64, np.float64))


def words_for(rows: int) -> int:
    """Words of 64 rows that hold so many rows."""
    return (rows + 63) // 64


def decoded(array: ArrowArray) -> ArrowArray:
    """The array without its dictionary, if it has one."""
    encoded: Any = array
    return encoded.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def every_row(rows: int) -> Plane:
    """A plane that marks the real rows of a block, not its padding."""
    return _every_row(rows).copy()


@lru_cache(maxsize=64)
def _every_row(rows: int) -> Plane:
    plane = np.full(words_for(rows), _ALL)
    if rows % 64:
        plane[-1] = (1 << (rows % 64)) - 1
    return plane


def valid_plane(array: ArrowArray) -> Plane:
    """Where the array has a value: uint64 (words,), to be narrowed by whoever asked."""
    if pa.types.is_null(array.type):
        return np.zeros(words_for(len(array)), np.uint64)
    bitmap = array.buffers()[0]
    if bitmap is None or array.null_count == 0:
        return every_row(len(array))
    return _bits(bitmap, array.offset, len(array))


def bool_planes(array: ArrowArray) -> Truth:
    """A boolean array as a truth: uint64 (2, words), null is unknown."""
    valid = valid_plane(array)
    truth = np.empty((2, valid.size), np.uint64)
    buffer = array.buffers()[1] if len(array) else None
    bool_truth(_bits(buffer, array.offset, len(array)) if buffer else valid, valid, truth)
    return truth


def _bits(buffer: pa.Buffer, offset: int, rows: int) -> Plane:
    plane = np.empty(words_for(rows), np.uint64)
    bit_plane(_view(buffer, np.uint8), offset, rows, plane)
    return plane


def _values(array: ArrowArray, dtype: Any) -> npt.NDArray[Any]:
    """The values of a fixed-width array as they lie in memory, whatever stands under its nulls, padded to whole words."""
    rows = words_for(len(array)) * 64
    buffer = array.buffers()[1]
    if buffer is None or rows == 0:
        return _read_only(np.zeros(rows, dtype))
    first = array.offset
    values = _view(buffer, dtype)
    # Whatever follows in the buffer serves as padding, since nobody looks at it; a copy is made only at its end.
    return values[first : first + rows] if values.size >= first + rows else padded(values[first : first + len(array)])


def padded(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Values with room for whole words of 64 rows, read-only."""
    rows = words_for(values.size) * 64
    if rows == values.size:
        return _read_only(values)
    out = np.zeros(rows, values.dtype)
    out[: values.size] = values
    return _read_only(out)


def _view(buffer: Any, dtype: Any) -> npt.NDArray[Any]:
    """The whole buffer as a read-only array; padding at its end that is no whole value is left out."""
    values: npt.NDArray[Any] = np.frombuffer(buffer, dtype, buffer.size // np.dtype(dtype).itemsize)
    values.flags.writeable = False
    return values


def _read_only(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Arrow's buffers are read-only, which is another type to Numba: everything else is made so, for one signature."""
    values.flags.writeable = False
    return values


def as_days(array: ArrowArray) -> Recorded:
    """Dates and timestamps as days since 1970-01-01, int32. A timestamp with a zone is first put to London."""
    array = decoded(array)
    known = valid_plane(array)
    kind: Any = array.type
    if pa.types.is_date32(kind):
        return Recorded(_values(array, np.int32), known)
    if pa.types.is_null(kind):
        return Recorded(_read_only(np.zeros(known.size * 64, np.int32)), known)
    unit: Any = "ms" if pa.types.is_date64(kind) else kind.unit
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        in_london: Any = array.cast(pa.timestamp(unit, "Europe/London"))
        array = pc.local_timestamp(in_london)
    days = _values(array, np.int64) // _DAY[unit]
    return Recorded.of(np.clip(days, -(2**31), 2**31 - 1).astype(np.int32), known)


def as_numbers(array: ArrowArray) -> Recorded:
    """Integers, floats and decimals as int64 or float64; whatever stands under nulls."""
    array = decoded(array)
    known = valid_plane(array)
    kind: Any = array.type
    if pa.types.is_null(kind):
        return Recorded(_read_only(np.zeros(known.size * 64)), known)
    if pa.types.is_decimal(kind) or pa.types.is_float16(kind) or pa.types.is_float32(kind):
        # By Arrow: NumPy warns of a NaN that signals, and anything may stand under a null.
        array = array.cast(pa.float64())
        kind = array.type
    values = _values(array, kind.to_pandas_dtype())
    return Recorded.of(values if values.dtype in _NATIVE else values.astype(np.float64), known)


def as_text(array: ArrowArray) -> ArrowArray:
    """A text or integer array as string or large_string, without a dictionary."""
    array = decoded(array)
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        return array
    return array.cast(pa.string())


def as_dictionary(array: ArrowArray) -> tuple[Recorded, ArrowArray]:
    """The place of each row's value among distinct values (int8, int16, int32 or int64), and the distinct values."""
    if not pa.types.is_dictionary(array.type):
        array = (array if pa.types.is_floating(array.type) else as_text(array)).dictionary_encode()
    encoded: Any = array
    places = encoded.indices
    values = _values(places, places.type.to_pandas_dtype())
    if values.dtype.kind == "u":
        values = values.astype(np.int64)
    return Recorded.of(values, valid_plane(places)), encoded.dictionary


def as_texts(values: ArrowArray) -> list[str | None]:
    """Distinct values as text; a float is an integer that met a null in pandas, and NaN is null."""
    if not pa.types.is_floating(values.type):
        return list(as_text(values).to_pylist())
    return [
        None if value is None or math.isnan(value) else f"{value:.0f}" if value.is_integer() else str(value)
        for value in values.to_pylist()
    ]


def text_bytes(array: ArrowArray) -> tuple[npt.NDArray[Any], npt.NDArray[np.uint8]]:
    """The offsets (n + 1,), int32 or int64, and the bytes of a string array: row k is bytes[offsets[k]:offsets[k + 1]]."""
    dtype = np.int64 if pa.types.is_large_string(array.type) else np.int32
    _, offsets, data = array.buffers()
    if offsets is None or len(array) == 0:
        return _read_only(np.zeros(len(array) + 1, dtype)), _read_only(np.zeros(0, np.uint8))
    text = _view(data, np.uint8) if data and data.size else _read_only(np.zeros(0, np.uint8))
    return _view(offsets, dtype)[array.offset : array.offset + len(array) + 1], text
