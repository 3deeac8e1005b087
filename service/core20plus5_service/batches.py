"""Between the bytes of a message and a record batch. What is refused is refused before anything is decoded."""

from collections.abc import Iterator
from typing import Any

import flatbuffers.table
import google_crc32c
import pyarrow as pa

from core20plus5_proto.large import BatchWriter, batch_bytes
from core20plus5_proto.v1 import records_pb2 as records
from core20plus5_service.errors import LimitExceededError, UnreadableBatchError

# Places of fields in the tables of Arrow's Message.fbs: https://github.com/apache/arrow/blob/main/format/Message.fbs
_MESSAGE_HEADER = 8
_BATCH_COMPRESSION = 10
_DICTIONARY_ID, _DICTIONARY_DATA, _DICTIONARY_IS_DELTA = 4, 6, 8


def read_batch(content: pa.Buffer, row_count: int, max_columns: int) -> pa.RecordBatch:
    """The one batch of an Arrow IPC stream. Raises UnreadableBatchError, and LimitExceededError for too many columns."""
    try:
        _look_before(content)
        with pa.ipc.open_stream(content) as reader:
            if len(reader.schema) > max_columns:
                raise LimitExceededError(f"max_columns is {max_columns}")
            reader.schema.names  # noqa: B018 - raises where a name is no UTF-8
            batch = reader.read_next_batch()
    except (pa.ArrowException, OSError, StopIteration, UnicodeDecodeError) as error:
        raise UnreadableBatchError(f"a batch is no whole Arrow IPC stream ({type(error).__name__})") from None
    if batch.num_rows != row_count:
        raise UnreadableBatchError("row_count is not the number of rows in its batch")
    return batch


def _look_before(content: pa.Buffer) -> None:
    """Walk the messages of the stream without decoding their bodies."""
    dictionaries: set[int] = set()
    batches = 0
    for message in pa.ipc.MessageReader.open_stream(content):
        try:
            header = _header(message.metadata)
            if message.type == "record batch":
                batches += 1
                _refuse_compression(header)
            elif message.type == "dictionary":
                _check_dictionary(header, dictionaries)
        except (IndexError, ValueError, TypeError, OverflowError, MemoryError) as error:
            if isinstance(error, pa.ArrowException):
                raise
            raise UnreadableBatchError("a batch has metadata that cannot be read") from None
    if batches != 1:
        raise UnreadableBatchError("a message must hold exactly one record batch")


def _header(metadata: pa.Buffer) -> Any:
    """The flatbuffers table of a message's header: a RecordBatch or a DictionaryBatch."""
    data = metadata.to_pybytes()
    message = flatbuffers.table.Table(data, int.from_bytes(data[:4], "little"))
    return _child(message, _MESSAGE_HEADER)


def _child(table: Any, field: int) -> Any:
    place = table.Offset(field)
    if not place:
        raise ValueError
    return flatbuffers.table.Table(table.Bytes, table.Indirect(place + table.Pos))


def _refuse_compression(batch: Any) -> None:
    if batch.Offset(_BATCH_COMPRESSION):
        raise UnreadableBatchError("compressed buffers are refused: a small message can hold any amount of data")


def _check_dictionary(header: Any, seen: set[int]) -> None:
    place = header.Offset(_DICTIONARY_IS_DELTA)
    if place and header.Bytes[header.Pos + place]:
        raise UnreadableBatchError("dictionary deltas are refused: each message must be readable by itself")
    place = header.Offset(_DICTIONARY_ID)
    start = header.Pos + place
    number = int.from_bytes(header.Bytes[start : start + 8], "little") if place else 0
    if number in seen:
        raise UnreadableBatchError("a dictionary is replaced within a message")
    seen.add(number)
    _refuse_compression(_child(header, _DICTIONARY_DATA))


def write_batch(writer: BatchWriter, batch: pa.RecordBatch, start_offset: int, kind: Any, name: str = "batch") -> bytes:
    """A batch as the bytes of a message of a kind, under a name: a whole IPC stream, with its place and its checksum."""
    content = writer.write(batch)
    head = records.ArrowBatch(row_count=batch.num_rows, start_offset=start_offset, crc32c=google_crc32c.value(content))
    return batch_bytes(kind, head, content, name)


def cut_table(table: pa.Table, target_bytes: int) -> Iterator[pa.RecordBatch]:
    """The table in batches of about so many bytes, in order; one empty batch where it has no rows."""
    if table.num_rows == 0:
        yield pa.RecordBatch.from_arrays([pa.array([], field.type) for field in table.schema], schema=table.schema)
        return
    rows = max(1, int(target_bytes * table.num_rows / max(1, table.nbytes)))
    yield from _joined(table.to_batches(max_chunksize=rows), rows)


def _joined(batches: list[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """Neighbours together, up to so many rows."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        if waiting and sum(part.num_rows for part in waiting) + batch.num_rows > rows:
            yield _one(waiting)
            waiting = []
        waiting.append(batch)
    yield _one(waiting)


def _one(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    return batches[0] if len(batches) == 1 else pa.concat_batches(batches)  # type: ignore[attr-defined]
