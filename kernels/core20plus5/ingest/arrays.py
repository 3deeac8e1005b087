"""The one helper between Arrow and kernels: an Arrow array in, plain typed arrays out.

Offsets of slices, missing validity bitmaps, dictionaries and every accepted width and unit end here.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core20plus5.arrow import ArrowArray
from core20plus5.kernels.clean import bit_plane

Plane = npt.NDArray[np.uint64]

_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
_ALL = np.uint64(2**64 - 1)


def words_for(rows: int) -> int:
    """Words of 64 rows that hold so many rows."""
    return (rows + 63) // 64


def decoded(array: ArrowArray) -> ArrowArray:
    """The array without its dictionary, if it has one."""
    encoded: Any = array
    return encoded.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def valid_plane(array: ArrowArray) -> Plane:
    """Where the array has a value: uint64 (words,)."""
    words = words_for(len(array))
    bitmap = array.buffers()[0] if not pa.types.is_null(array.type) else None
    if pa.types.is_null(array.type):
        return np.zeros(words, np.uint64)
    if bitmap is None or array.null_count == 0:
        return np.full(words, _ALL)
    return _bits(bitmap, array.offset, len(array))


def bool_planes(array: ArrowArray) -> Plane:
    """A boolean array as a truth: uint64 (2, words), null is unknown."""
    valid = valid_plane(array)
    buffer = array.buffers()[1] if len(array) else None
    value = _bits(buffer, array.offset, len(array)) if buffer else np.zeros_like(valid)
    return np.stack([value & valid, value | ~valid])


def _bits(buffer: pa.Buffer, offset: int, rows: int) -> Plane:
    content = _view(buffer, np.uint8)
    plane = np.empty(words_for(rows), np.uint64)
    size = (rows + 7) // 8
    if offset % 8 or rows == 0:
        bit_plane(content, offset, rows, plane)
        return plane
    plane[-1] = 0
    plane.view(np.uint8)[:size] = content[offset // 8 : offset // 8 + size]
    if rows % 64:
        plane[-1] &= np.uint64((1 << (rows % 64)) - 1)
    return plane


def _values(array: ArrowArray, dtype: type[np.generic]) -> npt.NDArray[Any]:
    """The values of a fixed-width array as they lie in memory, whatever stands under its nulls."""
    buffer = array.buffers()[1]
    if buffer is None or len(array) == 0:
        return _read_only(np.zeros(len(array), dtype))
    return _view(buffer, dtype)[array.offset : array.offset + len(array)]


def _view(buffer: Any, dtype: type[np.generic]) -> npt.NDArray[Any]:
    """The whole buffer as a read-only array; padding at its end that is no whole value is left out."""
    values: npt.NDArray[Any] = np.frombuffer(buffer, dtype, buffer.size // np.dtype(dtype).itemsize)
    values.flags.writeable = False
    return values


def _read_only(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Arrow's buffers are read-only, which is another type to Numba: everything else is made so, for one signature."""
    values.flags.writeable = False
    return values


def as_days(array: ArrowArray) -> npt.NDArray[np.int32]:
    """Dates and timestamps as days since 1970-01-01: int32 (n,), read-only. A timestamp with a zone is first put to London."""
    kind: Any = array.type
    if pa.types.is_date32(kind):
        return _values(array, np.int32)
    if pa.types.is_null(kind):
        return _read_only(np.zeros(len(array), np.int32))
    unit: Any = "ms" if pa.types.is_date64(kind) else kind.unit
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        in_london: Any = array.cast(pa.timestamp(unit, "Europe/London"))
        array = pc.local_timestamp(in_london)
    days = _values(array, np.int64) // _DAY[unit]
    return _read_only(np.clip(days, -(2**31) + 1, 2**31 - 1).astype(np.int32))


def as_numbers(array: ArrowArray) -> npt.NDArray[np.float64]:
    """Integers, floats and decimals as float64 (n,), read-only; whatever stands under nulls."""
    kind: Any = array.type
    if pa.types.is_null(kind):
        return _read_only(np.full(len(array), np.nan))
    if pa.types.is_decimal(kind) or pa.types.is_float16(kind):
        array = array.cast(pa.float64())
        kind = array.type
    return _read_only(_values(array, kind.to_pandas_dtype()).astype(np.float64))


def as_text(array: ArrowArray) -> ArrowArray:
    """A text or integer array as string or large_string, without a dictionary."""
    array = decoded(array)
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        return array
    return array.cast(pa.string())


def as_dictionary(array: ArrowArray) -> tuple[npt.NDArray[np.int32], Plane, list[str | None]]:
    """The place of each row's value among the distinct values (int32, anything under a null), where there is one, and the
    distinct values as text."""
    if not pa.types.is_dictionary(array.type):
        array = (array if pa.types.is_floating(array.type) else as_text(array)).dictionary_encode()
    encoded: Any = array
    texts = _texts(encoded.dictionary)
    places = encoded.indices
    return _values(places, places.type.to_pandas_dtype()).astype(np.int32), valid_plane(places), texts


def as_places(array: ArrowArray) -> tuple[npt.NDArray[np.intp], list[str | None]]:
    """As `as_dictionary`, but a null row has the place past the last distinct value."""
    places, valid, texts = as_dictionary(array)
    known = np.unpackbits(valid.view(np.uint8), bitorder="little", count=len(array)).view(np.bool_)
    return np.where(known, places, len(texts)).astype(np.intp), texts


def _texts(values: ArrowArray) -> list[str | None]:
    """Distinct values as text; a float is an integer that met a null in pandas, and NaN is null."""
    if not pa.types.is_floating(values.type):
        return list(as_text(values).to_pylist())
    return [
        None if value is None or math.isnan(value) else f"{value:.0f}" if value.is_integer() else str(value)
        for value in values.to_pylist()
    ]


def text_bytes(array: ArrowArray) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """The offsets int64 (n + 1,) and bytes of a string array; the value of row k is bytes[offsets[k]:offsets[k + 1]]."""
    wide = pa.types.is_large_string(array.type)
    _, offsets, data = array.buffers()
    if offsets is None or len(array) == 0:
        return np.zeros(len(array) + 1, np.int64), _read_only(np.zeros(0, np.uint8))
    dtype = np.int64 if wide else np.int32
    starts = _view(offsets, dtype)[array.offset : array.offset + len(array) + 1]
    text = _view(data, np.uint8) if data and data.size else _read_only(np.zeros(0, np.uint8))
    return starts.astype(np.int64), text
