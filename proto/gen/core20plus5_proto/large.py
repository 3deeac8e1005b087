"""Messages with a batch of records, written and read without copying the records: they are the last field on purpose.

A protobuf library copies a bytes field into the message, the message into the one around it, and all of that into what is sent.
"""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
from google.protobuf.message import Message

from core20plus5_proto.v1 import records_pb2 as records

_VARINT, _FIXED32, _LENGTH = 0, 5, 2
_FIELDS = records.ArrowBatch.DESCRIPTOR.fields_by_name
_ALIGNMENT = 8
_OPTIONS = pa.ipc.IpcWriteOptions(compression=None, emit_dictionary_deltas=False)

#: Room for a schema and the metadata of its columns.
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
    """Writes batches as whole, uncompressed Arrow IPC streams, one after the other into the same memory: new memory for each would
    take longer than the writing."""

    def __init__(self) -> None:
        self._memory: Any = pa.allocate_buffer(0)

    def write(self, batch: pa.RecordBatch) -> pa.Buffer:
        """What the batch shows, and not all of its buffers. It stands until the next one is written. Raises what Arrow raises."""
        while True:
            sink = pa.FixedSizeBufferWriter(self._memory)
            try:
                with pa.ipc.new_stream(sink, batch.schema, options=_OPTIONS) as writer:
                    writer.write_batch(batch)
                content: pa.Buffer = self._memory.slice(0, sink.tell())
                return content
            except OSError:  # there is no more room
                if self._memory.size > 4 * batch.nbytes + _MOST_METADATA:
                    raise
                self._memory = pa.allocate_buffer(2 * self._memory.size + batch.nbytes + _MOST_METADATA)


def batch_bytes(kind: Any, head: records.ArrowBatch, content: pa.Buffer, name: str = "batch") -> bytes:
    """The bytes of the message kind(**{name: head}), with `content` as the batch's ipc_stream.

    head: without ipc_stream and padding; padding is added so that the content begins at a multiple of 8 bytes.
    """
    size = content.size
    fields = head.SerializeToString()
    rest = _CONTENT + _varint(size)
    for padding in range(_ALIGNMENT):
        inside = fields + _PADDING + _varint(padding) + bytes(padding) + rest
        start = _tag(kind.DESCRIPTOR.fields_by_name[name].number) + _varint(len(inside) + size) + inside
        if len(start) % _ALIGNMENT == 0:
            break
    return b"".join((start, memoryview(content)))


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
    """For gRPC: reads messages of a kind, those with a batch as LargeBatch where they are laid out as `batch_bytes` does it.

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
