"""Bytes that are no Arrow, or no longer: refused in fixed words by a server that goes on. A crash would end its process."""

import random
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import google_crc32c
import grpc
import pyarrow as pa
import pytest

from tests.e2e.process import ServerProcess, running_server
from tests.service.wire import PEOPLE, ask, assert_answers, batch, begin, end, failed, ipc, outcome_of
from tests.tables import people

#: Every layout of Arrow that a record can hold: offsets, views, dictionaries, bits.
ROWS = 40
TEXTS = [None if number % 7 == 0 else f"A text of {number} letters" for number in range(ROWS)]
TABLE = people(ROWS, sex=["F", "M", None, "1"] * (ROWS // 4), autism=[True, None] * (ROWS // 2))
for _name, _values in {
    "ethnic_category": pa.array(["A", "Z", "99", None] * (ROWS // 4)).dictionary_encode(),
    "ward": pa.array(TEXTS),
    "practice_code": pa.array(TEXTS, pa.large_string()),
    "icb_code": pa.array(TEXTS, pa.string_view()),
    "bp_systolic": pa.array([120.0, None] * (ROWS // 2)),
}.items():
    TABLE = TABLE.append_column(_name, _values)
STRATA = ["ward", "practice_code", "icb_code", "sex"]

# Arrow's own class names, and the engine's words for what it could read and not use.
_FIXED = re.compile(
    r"a batch is no whole Arrow IPC stream \(\w+\)|a message must hold exactly one record batch"
    r"|a batch has metadata that cannot be read|compressed buffers are refused: .*|dictionary deltas are refused: .*"
    r"|row_count is not the number of rows in its batch|max_columns is 500|a message must begin with its one schema"
    r"|big-endian data is refused"
)


@pytest.fixture(scope="module", name="process")
def _process() -> Iterator[ServerProcess]:
    with running_server("--allow-exact") as server:
        yield server


@pytest.fixture(scope="module", name="connection")
def _connection(process: ServerProcess) -> Iterator[grpc.Channel]:
    with process.channel() as channel:
        yield channel


def send(channel: grpc.Channel, content: bytes, rows: int = ROWS) -> Any:
    message = batch(TABLE, ipc_stream=content, row_count=rows)
    return ask(channel, [begin(strata=STRATA, disclosure="none"), message, end(rows)])


def assert_refused(outcome: Any) -> None:
    assert (outcome.code, outcome.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_DATA"), outcome.text
    assert _FIXED.fullmatch(outcome.text), outcome.text


@pytest.mark.parametrize(
    "content", [b"\0", b"garbage", b"ARROW1\0\0", b"PK\3\4", b"\xff" * 64, b"\0" * 4_096, bytes(range(256)) * 9]
)
def test_garbage(connection: grpc.Channel, content: bytes) -> None:
    assert_refused(send(connection, content))
    assert_answers(connection)


def test_a_file_instead_of_a_stream(connection: grpc.Channel) -> None:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, TABLE.schema) as writer:
        writer.write(TABLE)
    assert_refused(send(connection, sink.getvalue().to_pybytes()))


def test_truncated(connection: grpc.Channel) -> None:
    """The mark at the end of a stream may be missing: Arrow reads a stream that just ends. What is there is whole then."""
    content = ipc(TABLE)
    assert send(connection, content).code is grpc.StatusCode.OK
    cuts = [*range(8, len(content) - 8, 97), len(content) - 9]
    for cut in cuts:
        assert_refused(send(connection, content[:cut]))
    assert_answers(connection)


def test_bytes_changed_at_random(process: ServerProcess, connection: grpc.Channel) -> None:
    """Refused, or read as other values; never a fault of the server, and no byte of the records in what is told."""
    content, dice = ipc(TABLE), random.Random(5)
    codes: dict[grpc.StatusCode, int] = {}
    for _ in range(400):
        damaged = bytearray(content)
        for _ in range(dice.choice([1, 1, 2, 8])):
            damaged[dice.randrange(len(damaged))] = dice.choice([0, 1, 127, 128, 255, dice.randrange(256)])
        outcome = send(connection, bytes(damaged))
        codes[outcome.code] = codes.get(outcome.code, 0) + 1
        assert "A text of" not in outcome.text + outcome.raw
        assert outcome.code in (grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.RESOURCE_EXHAUSTED), (
            outcome.text,
            "".join(process.lines[-3:]),
        )
    assert codes[grpc.StatusCode.OK] > 20
    assert codes[grpc.StatusCode.INVALID_ARGUMENT] > 20
    assert process.process.poll() is None
    assert_answers(connection)


def test_a_view_of_negative_length_under_a_null() -> None:
    """Arrow's own full validation does not look at the views of nulls; its cast to text does."""
    views = struct.pack("<i12s", 5, b"hello") + struct.pack("<i12x", -(2**31))
    array = pa.Array.from_buffers(pa.string_view(), 2, [pa.py_buffer(b"\1"), pa.py_buffer(views)])
    array.validate(full=True)
    content = ipc(pa.RecordBatch.from_arrays([array], names=["ward"]))
    with running_server() as server, server.channel() as channel:
        message = batch(PEOPLE, ipc_stream=content, row_count=2)
        outcome = ask(channel, [begin(strata=["ward"]), message, end(2)])
        assert outcome.code in (grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT)


METHODS = {
    "/core20plus5.v1.CohortService/CountCohorts": True,
    "/core20plus5.v1.CohortService/FlagPatients": True,
    "/core20plus5.v1.CohortService/FlagFew": False,
    "/core20plus5.v1.CohortService/GetRuleset": False,
    "/core20plus5.v1.CohortService/GetServerInfo": False,
    "/grpc.health.v1.Health/Check": False,
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("content", [b"\xff\xff9434765919", b"\x12\xff\xff\xff\xff\x0f", b"\x0a\x05\x08"])
def test_what_is_no_protobuf(connection: grpc.Channel, process: ServerProcess, method: str, content: bytes) -> None:
    """Whether a message is the only one or not the first; in fixed words, and no fault of the server."""
    if METHODS[method]:
        for messages in ([content], [begin().SerializeToString(), content]):
            call = connection.stream_stream(method, bytes, bytes)
            outcome = outcome_of(call(iter(messages), timeout=60))
    else:
        with pytest.raises(grpc.RpcError) as caught:
            connection.unary_unary(method, bytes, bytes)(content, timeout=60)
        outcome = failed(caught.value, [])
    assert (outcome.code, outcome.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST")
    assert outcome.text == "a message cannot be read: it is none of this method"
    assert "9434765919" not in outcome.raw + "".join(process.lines)


def test_a_message_that_gzip_made_small(process: ServerProcess) -> None:
    """gRPC's own compression: what it would become is held against the limit before it becomes it."""
    options = [("grpc.max_send_message_length", -1), ("grpc.use_local_subchannel_pool", 1)]
    with grpc.insecure_channel(process.listen, options) as channel:
        call = channel.stream_stream("/core20plus5.v1.CohortService/CountCohorts", bytes, bytes)
        before = resident(process)
        outcome = outcome_of(call(iter([bytes(256 << 20)]), timeout=60, compression=grpc.Compression.Gzip))
        assert outcome.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert resident(process) - before < 128 << 20
        assert_answers(channel)


def test_headers_that_are_too_long(connection: grpc.Channel) -> None:
    """gRPC's own limit, before anything of the call is looked at."""
    call = connection.stream_stream("/core20plus5.v1.CohortService/CountCohorts", bytes, bytes)
    outcome = outcome_of(call(iter([]), timeout=60, metadata=[("x-long", "a" * (64 << 10))]))
    assert outcome.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert_answers(connection)


def test_one_row_of_each_large_message(process: ServerProcess) -> None:
    """A row keeps its message: the server may not hold thousands of messages because they have few rows."""
    schema = pa.schema([pa.field("birth_date", pa.date32()), pa.field("notes", pa.string())])
    large = pa.RecordBatch.from_arrays([pa.array([0], pa.date32()), pa.array(["x" * (4 << 20)])], schema=schema)
    content = ipc(large)
    checksum = google_crc32c.value(content)

    def messages() -> Iterator[Any]:
        yield begin()
        for number in range(200):
            yield batch(large, ipc_stream=content, start_offset=number, crc32c=checksum)
        yield end(200, 200)

    with process.channel() as channel:
        before = peak(process)
        assert ask(channel, messages(), timeout=120).code is grpc.StatusCode.OK
    assert peak(process) - before < 400 << 20  # of 800 MiB sent


def resident(process: ServerProcess, name: str = "VmRSS") -> int:
    """Bytes of memory that the server has."""
    status = Path(f"/proc/{process.process.pid}/status").read_text(encoding="ascii")
    return int(re.findall(rf"{name}:\s+(\d+) kB", status)[0]) << 10


def peak(process: ServerProcess) -> int:
    """Bytes of memory that the server has had at most."""
    return resident(process, "VmHWM")
