"""Messages that are written and read without copying their batch: to protobuf, which copies, they are the same messages."""

from typing import Any

import google_crc32c
import pyarrow as pa
import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from core20plus5_proto.large import BatchWriter, LargeBatch, batch_of, beginning_of, reader
from core20plus5_proto.v1 import records_pb2 as records
from core20plus5_proto.v1 import service_pb2 as service
from tests.tables import people

REQUEST = service.CountCohortsRequest
HEADS = st.builds(
    records.ArrowBatch,
    row_count=st.integers(0, 2**34),
    start_offset=st.integers(0, 2**34),
    crc32c=st.one_of(st.none(), st.integers(0, 2**32 - 1)),
)


#: As long as Arrow's streams may be: multiples of 8 bytes.
CONTENTS = st.binary(max_size=300).map(lambda some: some + bytes(-len(some) % 8))


def whole(head: records.ArrowBatch, content: bytes, kind: Any = REQUEST, name: str = "batch") -> bytes:
    return beginning_of(kind, name, head, len(content)) + content


def told(message: Any) -> tuple[bytes, bytes]:
    """The fields of a batch but its padding, and its content."""
    head, content = batch_of(message)
    head = records.ArrowBatch.FromString(head.SerializeToString())
    head.ClearField("padding")
    head.ClearField("ipc_stream")
    return head.SerializeToString(), content.to_pybytes()


def read_or_refuse(read: Any, raw: bytes) -> Any:
    try:
        message = read(raw)
    except DecodeError:
        return "refused"
    return told(message) if message.WhichOneof("message") == "batch" else message.SerializeToString()


@given(HEADS, CONTENTS)
def test_protobuf_reads_what_was_written_without_it(head: records.ArrowBatch, content: bytes) -> None:
    raw = whole(head, content)
    assert told(REQUEST.FromString(raw)) == (head.SerializeToString(), content)
    large = reader(REQUEST)(raw)
    assert isinstance(large, LargeBatch)
    assert told(large) == (head.SerializeToString(), content)
    assert raw.index(content, len(raw) - len(content)) % 8 == 0


@given(HEADS, CONTENTS, st.data())
def test_damaged_bytes_are_read_as_protobuf_reads_them(head: records.ArrowBatch, content: bytes, data: st.DataObject) -> None:
    raw = bytearray(whole(head, content))
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(raw[: data.draw(st.integers(0, len(raw)))])
    assert read_or_refuse(reader(REQUEST), damaged) == read_or_refuse(REQUEST.FromString, damaged)


def test_other_layouts_are_left_to_protobuf() -> None:
    content = b"x" * 1_000
    plain = REQUEST(batch=records.ArrowBatch(row_count=1, ipc_stream=content))
    unaligned = plain.SerializeToString()
    assert unaligned.index(content) % 8
    assert reader(REQUEST)(unaligned) == plain
    end = REQUEST(end=records.End(total_rows=1))
    assert reader(REQUEST)(end.SerializeToString()) == end
    assert reader(REQUEST)(b"") == REQUEST()


def test_a_table_under_another_name() -> None:
    kind = service.CountCohortsResponse
    message = reader(kind)(whole(records.ArrowBatch(row_count=2), b"content.", kind, "inequality"))
    assert message.WhichOneof("message") == "inequality"
    assert batch_of(message, "inequality")[1].to_pybytes() == b"content."


@given(HEADS, st.integers(0, 2**25))
def test_what_comes_before_the_records_is_always_as_long(head: records.ArrowBatch, eights: int) -> None:
    assert len(beginning_of(REQUEST, "batch", head, 8 * eights)) == 64


@pytest.mark.parametrize("rows", [0, 1, 50_000])
def test_messages_of_any_size_one_after_the_other_are_whole(rows: int) -> None:
    writer = BatchWriter()
    for size in (3, rows, 100, rows):
        batches = people(size, ward=["w" * 20] * size).combine_chunks().to_batches()
        for place, batch in enumerate(batches):
            head, content = batch_of(reader(REQUEST)(writer.message(batch, 1_000 + place, REQUEST)))
            assert (head.row_count, head.start_offset) == (batch.num_rows, 1_000 + place)
            assert head.crc32c == google_crc32c.value(content.to_pybytes())
            with pa.ipc.open_stream(content) as stream:
                assert stream.read_next_batch().equals(batch)
