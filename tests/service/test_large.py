"""Messages that are written and read without copying their batch: to protobuf, which copies, they are the same messages."""

from typing import Any

import pyarrow as pa
import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from core20plus5_proto.large import BatchWriter, LargeBatch, batch_bytes, batch_of, reader
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


@given(HEADS, st.binary(max_size=300))
def test_protobuf_reads_what_was_written_without_it(head: records.ArrowBatch, content: bytes) -> None:
    raw = batch_bytes(REQUEST, head, pa.py_buffer(content))
    assert told(REQUEST.FromString(raw)) == (head.SerializeToString(), content)
    large = reader(REQUEST)(raw)
    assert isinstance(large, LargeBatch)
    assert told(large) == (head.SerializeToString(), content)
    assert raw.index(content, len(raw) - len(content)) % 8 == 0


@given(HEADS, st.binary(max_size=40), st.data())
def test_damaged_bytes_are_read_as_protobuf_reads_them(head: records.ArrowBatch, content: bytes, data: st.DataObject) -> None:
    raw = bytearray(batch_bytes(REQUEST, head, pa.py_buffer(content)))
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
    message = reader(kind)(batch_bytes(kind, records.ArrowBatch(row_count=2), pa.py_buffer(b"content"), "inequality"))
    assert message.WhichOneof("message") == "inequality"
    assert batch_of(message, "inequality")[1].to_pybytes() == b"content"


@pytest.mark.parametrize("rows", [0, 1, 50_000])
def test_memory_is_used_again_and_grows(rows: int) -> None:
    writer = BatchWriter()
    for size in (3, rows, 100):
        batch = people(size, ward=["w" * 20] * size).combine_chunks().to_batches()
        for some in batch:
            with pa.ipc.open_stream(writer.write(some)) as stream:
                assert stream.read_next_batch().equals(some)
