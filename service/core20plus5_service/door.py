"""What is refused by its metadata alone, before Arrow decodes anything of it.

The metadata of a message says how it is laid out: it is small, Arrow has verified its form, and it is read here as it stands.
Bodies, which could hold anything, are not touched.
"""

import hashlib
import struct
from typing import Any

import flatbuffers.table
import pyarrow as pa
from flatbuffers import number_types

from core20plus5.errors import SchemaError
from core20plus5_service.errors import LimitExceededError, UnreadableBatchError
from core20plus5_service.settings import Settings

# Places of fields in Arrow's tables: https://github.com/apache/arrow/blob/main/format/Message.fbs and Schema.fbs
_MESSAGE_HEADER = 8
_SCHEMA_ENDIANNESS, _SCHEMA_FIELDS = 4, 6
_FIELD_NAME, _FIELD_KIND, _FIELD_TYPE, _FIELD_CHILDREN, _FIELD_METADATA = 4, 8, 10, 14, 16
_KEY, _TIMEZONE = 4, 6
_BATCH_LENGTH, _BATCH_COMPRESSION = 4, 10
_DICTIONARY_ID, _DICTIONARY_DATA, _DICTIONARY_IS_DELTA = 4, 6, 8

#: Numbers of the types without children, in the union Type of Schema.fbs: null, integer, float, binary, text, bool, decimal,
#: date, time, timestamp, interval, fixed-size binary, duration, large binary, large text, binary view, text view.
_FLAT = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 18, 19, 20, 23, 24})
_TIMESTAMP, _UNION, _RUN_END = 10, 14, 22

#: SHA-256 of the metadata of schemas that have passed, with the limit that they passed: most messages bring the same one again.
_passed: set[tuple[bytes, int]] = set()
_MOST_PASSED = 1_000


def look_before(content: pa.Buffer, row_count: int, settings: Settings) -> None:
    """Walk the messages of an Arrow IPC stream.

    Raises UnreadableBatchError, LimitExceededError, SchemaError for types, and what Arrow raises for what is no stream.
    """
    kinds: list[str] = []
    lengths: list[int] = []
    dictionaries: set[int] = set()
    for message in pa.ipc.MessageReader.open_stream(content):
        if message.metadata.size > settings.max_metadata_bytes:
            raise LimitExceededError(f"max_metadata_bytes is {settings.max_metadata_bytes}")
        kinds.append(message.type)
        try:
            _look_at(message, lengths, dictionaries, settings)
        except (IndexError, ValueError, TypeError, OverflowError, struct.error) as error:
            if isinstance(error, (pa.ArrowException, SchemaError)):
                raise
            raise UnreadableBatchError("a batch has metadata that cannot be read") from None
    if len(lengths) != 1:
        raise UnreadableBatchError("a message must hold exactly one record batch")
    if kinds[0] != "schema" or kinds.count("schema") != 1:
        raise UnreadableBatchError("a message must begin with its one schema")
    if lengths[0] != row_count:
        raise UnreadableBatchError("row_count is not the number of rows in its batch")


def _look_at(message: Any, lengths: list[int], dictionaries: set[int], settings: Settings) -> None:
    metadata = message.metadata.to_pybytes()
    if message.type == "schema":
        passed = (hashlib.sha256(metadata).digest(), settings.max_columns)
        if passed not in _passed:
            _check_schema(_header(metadata), settings.max_columns)
            if len(_passed) >= _MOST_PASSED:
                _passed.clear()
            _passed.add(passed)
    elif message.type == "record batch":
        batch = _header(metadata)
        _refuse_compression(batch)
        lengths.append(_number(batch, _BATCH_LENGTH, number_types.Int64Flags))
    elif message.type == "dictionary":
        _check_dictionary(_header(metadata), dictionaries, settings)
    else:
        raise UnreadableBatchError("a message must hold exactly one record batch")


def _header(metadata: bytes) -> Any:
    """The flatbuffers table of a message's header: a Schema, a RecordBatch or a DictionaryBatch."""
    return _child(flatbuffers.table.Table(metadata, int.from_bytes(metadata[:4], "little")), _MESSAGE_HEADER)


def _child(table: Any, field: int) -> Any:
    place = table.Offset(field)
    if not place:
        raise ValueError
    return flatbuffers.table.Table(table.Bytes, table.Indirect(place + table.Pos))


def _children(table: Any, field: int) -> list[Any]:
    """The tables of a vector; none where there is no such field."""
    place = table.Offset(field)
    if not place:
        return []
    first = table.Vector(place)
    return [flatbuffers.table.Table(table.Bytes, table.Indirect(first + 4 * n)) for n in range(table.VectorLen(place))]


def _number(table: Any, field: int, kind: Any) -> int:
    """A number; 0 where it is left out, as flatbuffers has it."""
    place = table.Offset(field)
    return int(table.Get(kind, place + table.Pos)) if place else 0


def _text(table: Any, field: int) -> str:
    place = table.Offset(field)
    return bytes(table.String(place + table.Pos)).decode() if place else ""


def _check_schema(schema: Any, max_columns: int) -> None:
    if _number(schema, _SCHEMA_ENDIANNESS, number_types.Int16Flags):
        raise UnreadableBatchError("big-endian data is refused")
    place = schema.Offset(_SCHEMA_FIELDS)
    if place and schema.VectorLen(place) > max_columns:
        raise LimitExceededError(f"max_columns is {max_columns}")
    found = [(_text(field, _FIELD_NAME), _refused(field)) for field in _children(schema, _SCHEMA_FIELDS)]
    problems = [f"column {name!r}: {refused} types are refused" for name, refused in found if refused]
    if problems:
        raise SchemaError(problems)


def _refused(field: Any) -> str:
    """What sort of type a column has, where that is not taken."""
    kind = _number(field, _FIELD_KIND, number_types.Uint8Flags)
    if kind in (_UNION, _RUN_END):
        return "union" if kind == _UNION else "run-end encoded"
    if kind not in _FLAT or _children(field, _FIELD_CHILDREN):
        return "nested"
    if kind == _TIMESTAMP:
        _text(_child(field, _FIELD_TYPE), _TIMEZONE)  # raises where it is no UTF-8, as names do
    keys = [_text(pair, _KEY) for pair in _children(field, _FIELD_METADATA)]
    return "extension" if any(key.startswith("ARROW:extension:") for key in keys) else ""


def _refuse_compression(batch: Any) -> None:
    if batch.Offset(_BATCH_COMPRESSION):
        raise UnreadableBatchError("compressed buffers are refused: a small message can hold any amount of data")


def _check_dictionary(header: Any, seen: set[int], settings: Settings) -> None:
    if _number(header, _DICTIONARY_IS_DELTA, number_types.BoolFlags):
        raise UnreadableBatchError("dictionary deltas are refused: each message must be readable by itself")
    number = _number(header, _DICTIONARY_ID, number_types.Int64Flags)
    if number in seen:
        raise UnreadableBatchError("a dictionary is replaced within a message")
    seen.add(number)
    if len(seen) > settings.max_columns:
        raise LimitExceededError(f"max_columns is {settings.max_columns}")
    data = _child(header, _DICTIONARY_DATA)
    _refuse_compression(data)
    # Nulls take no bytes, and bools next to none: a short message can claim a dictionary of any length.
    if not 0 <= _number(data, _BATCH_LENGTH, number_types.Int64Flags) <= settings.max_batch_rows:
        raise LimitExceededError(f"max_batch_rows is {settings.max_batch_rows}, for the values of a dictionary as well")
