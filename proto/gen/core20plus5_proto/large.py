"""Messages with a batch of records, written and read without copying the records: they are the last field on purpose.

A protobuf library copies a bytes field into the message, the message into the one around it, and all of that into what is sent.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pyarrow as pa
from awscrt.checksums import crc32c
from google.protobuf.message import Message

from core20plus5_proto.v1 import records_pb2 as records

_VARINT, _FIXED32, _LENGTH = 0, 5, 2
_FIELDS = records.ArrowBatch.DESCRIPTOR.fields_by_name
_ALIGNMENT = 8
_OPTIONS = pa.ipc.IpcWriteOptions(compression=None, emit_dictionary_deltas=False)

#: Bytes of a message before its records: more than any beginning takes, the rest is padding.
_BEGINNING = 64

#: Room for the schema of a column and what pads it, most of the time.
_COLUMN = 1 << 10

#: People whose records take less than the schema.
_FEW = 64

#: Beyond all that was expected, and room for any schema, a message is not written for another reason than its size.
_MOST_METADATA = 1 << 20


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def _tag(field: int, kind: int = _LENGTH) -> bytes:
    return _varint(field << 3 | kind)


_CONTENT, _PADDING = _tag(_FIELDS["ipc_stream"].number), _tag(_FIELDS["padding"].number)


class BatchWriter:
    """Writes batches as messages, each as a whole, uncompressed Arrow IPC stream with its place and its checksum."""

    def __init__(self) -> None:
        self._room = 0

    def message(self, batch: pa.RecordBatch, start_offset: int, kind: Any, name: str = "batch") -> bytes:
        """The bytes of the message kind(**{name: an ArrowBatch}). It has what the batch shows, and not all of its buffers.

        start_offset: rows of all earlier batches. Raises what Arrow raises.
        """
        memory, size = self._written(batch)
        with memory.getbuffer() as view:
            head = records.ArrowBatch(row_count=batch.num_rows, start_offset=start_offset, crc32c=crc32c(view[_BEGINNING:size]))
            view[:_BEGINNING] = beginning_of(kind, name, head, size - _BEGINNING)
        memory.truncate(size)
        return memory.getvalue()

    def _written(self, batch: pa.RecordBatch) -> tuple[BytesIO, int]:
        """Memory with room for the beginning of a message, then the records, and where they end.

        A BytesIO gives away what was written into it without copying it once more, if nobody else holds it.
        """
        while True:
            room = self._room or _room_for(batch)
            memory = BytesIO()
            memory.seek(room)
            memory.write(b"\0")
            try:
                end = self._write(batch, memory)
            except OSError:  # there is no more room
                if room > 4 * batch.nbytes + _MOST_METADATA:
                    raise
                self._room = 2 * room + batch.nbytes
            else:
                self._room = min(room, end + (end >> 4) + _COLUMN)
                return memory, end

    def _write(self, batch: pa.RecordBatch, memory: BytesIO) -> int:
        with memory.getbuffer() as view:
            sink = pa.FixedSizeBufferWriter(pa.py_buffer(view[_BEGINNING:]))
            self.stream(batch, sink)
            return _BEGINNING + sink.tell()

    def stream(self, batch: pa.RecordBatch, sink: pa.NativeFile) -> None:
        """Write a batch as an Arrow IPC stream."""
        with pa.ipc.new_stream(sink, batch.schema, options=_OPTIONS) as writer:
            writer.write_batch(batch)


def _room_for(batch: pa.RecordBatch) -> int:
    """Bytes that the message of a batch likely takes. To ask a few people's columns for their bytes takes longer than to write them."""
    return _COLUMN * (2 + batch.num_columns) + (batch.nbytes if batch.num_rows > _FEW else 0)


def beginning_of(kind: Any, name: str, head: records.ArrowBatch, size: int) -> bytes:
    """The first 64 bytes of the message kind(**{name: head}), whose ipc_stream, of so many bytes, comes after them.

    head: without ipc_stream and padding; size: a multiple of 8, as that of every Arrow IPC stream: of others, some have no
    beginning of 64 bytes.
    """
    fields, rest = head.SerializeToString(), _CONTENT + _varint(size)
    tag = _tag(kind.DESCRIPTOR.fields_by_name[name].number)
    for width in range(1, 6):
        length = _varint(_BEGINNING - len(tag) - width + size)
        if len(length) == width:
            break
    padding = _BEGINNING - len(tag) - len(length) - len(fields) - len(_PADDING) - 1 - len(rest)
    return tag + length + fields + _PADDING + bytes((padding,)) + bytes(padding) + rest


class LargeBatch:
    """A message whose batch was left where it lies. head: the batch without ipc_stream; content: its ipc_stream."""

    __slots__ = ("content", "head")

    def __init__(self, head: records.ArrowBatch, content: pa.Buffer) -> None:
        self.head, self.content = head, content

    def WhichOneof(self, group: str) -> str:  # noqa: N802 - as messages have it
        """As of a message that has a batch."""
        return "batch"


def batch_of(message: Any, name: str = "batch") -> tuple[records.ArrowBatch, pa.Buffer]:
    """The batch that a message has under a name, and its content, which may still be in the batch as well."""
    if isinstance(message, LargeBatch):
        return message.head, message.content
    batch: records.ArrowBatch = getattr(message, name)
    return batch, pa.py_buffer(batch.ipc_stream)


def to_bytes(message: bytes | Message) -> bytes:
    """For gRPC: a message, or the bytes of one."""
    return message if isinstance(message, bytes) else message.SerializeToString()


def reader(kind: Any) -> Callable[[bytes], Any]:
    """For gRPC: reads messages of a kind, those with a batch as LargeBatch where they are laid out as `BatchWriter` does it.

    Anything else is left to protobuf, and raises its DecodeError where it is no such message.
    """
    tag = _tag(kind.DESCRIPTOR.fields_by_name["batch"].number)[0]

    def read(raw: bytes) -> Any:
        found = _split(raw) if raw[:1] == bytes((tag,)) else None
        return kind.FromString(raw) if found is None else found

    return read


def _split(raw: bytes) -> LargeBatch | None:
    """The batch in a message that is nothing else, if its content is the last field, and aligned."""
    size, start = _read_varint(raw, 1)
    if start + size != len(raw):
        return None
    place = start
    for _ in range(len(_FIELDS)):
        key, after = _read_varint(raw, place)
        size, end = _read_varint(raw, after)
        if key == _FIELDS["ipc_stream"].number << 3 | _LENGTH:
            if end + size != len(raw) or end % _ALIGNMENT:
                return None
            return LargeBatch(records.ArrowBatch.FromString(raw[start:place]), pa.py_buffer(memoryview(raw)[end:]))
        if key & 7 == _LENGTH:
            place = end + size
        elif key & 7 == _VARINT:
            place = end
        elif key & 7 == _FIXED32:
            place = after + 4
        else:
            return None
    return None


def _read_varint(raw: bytes, place: int) -> tuple[int, int]:
    """A number of up to five bytes and the place after it; a number that fits nowhere for anything else."""
    number = 0
    for shift in range(0, 35, 7):
        if place >= len(raw):
            break
        byte = raw[place]
        place += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, place
    return 1 << 40, place
