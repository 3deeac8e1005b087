"""Streams that break the rules: the status, the reason and the words, and a server that goes on answering."""

import time
from collections.abc import Callable
from typing import Any

import grpc
import pyarrow as pa
import pytest

from core20plus5_proto.v1 import records_pb2 as records
from core20plus5_proto.v1 import service_pb2 as service
from tests.service.wire import PEOPLE, Request, ask, assert_answers, batch, begin, end, ipc, open_call, outcome_of
from tests.tables import people

DAMAGED = (grpc.StatusCode.DATA_LOSS, "BROKEN_STREAM")
BROKEN = (grpc.StatusCode.OUT_OF_RANGE, "BROKEN_STREAM")
UNREADABLE = (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_DATA")
LIMIT = (grpc.StatusCode.RESOURCE_EXHAUSTED, "LIMIT_EXCEEDED")

FIRST = "the first message must be Begin"
NO_END = "the stream ended without End: nothing was answered"
TOTALS = "End does not give the rows and batches that were received"
DELTAS = "dictionary deltas are refused: each message must be readable by itself"
COMPRESSED = "compressed buffers are refused: a small message can hold any amount of data"
NOT_ONE = "a message must hold exactly one record batch"


def words(codes: list[int], *dictionary: str) -> pa.RecordBatch:
    array = pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), list(dictionary))
    return pa.RecordBatch.from_arrays([array], names=["sex"])


WORDS = words([0, 1], "a", "b")
DICTIONARY = pa.table({"sex": pa.array(["F"] * 3).dictionary_encode()})
WIDE = pa.table({f"c{number}": [1, 2, 3] for number in range(21)})


def changed(**changes: Any) -> list[Any]:
    return [begin(), batch(**changes), end()]


def held(content: bytes, rows: int = 3) -> list[Any]:
    return [begin(), batch(ipc_stream=content, row_count=rows), end(rows)]


CASES: dict[str, tuple[Callable[[], list[Any]], tuple[grpc.StatusCode, str], str]] = {
    "nothing": (list, BROKEN, FIRST),
    "empty message": (lambda: [Request()], BROKEN, FIRST),
    "no Begin": (lambda: [batch(), end()], BROKEN, FIRST),
    "End first": (lambda: [end(0, 0)], BROKEN, FIRST),
    "two Begins": (lambda: [begin(), begin()], BROKEN, "after Begin come batches, then End"),
    "Begin after a batch": (lambda: [begin(), batch(), begin()], BROKEN, "after Begin come batches, then End"),
    "empty message later": (lambda: [begin(), Request()], BROKEN, "after Begin come batches, then End"),
    "batch after End": (lambda: [begin(), batch(), end(), batch(start_offset=3)], BROKEN, "nothing may follow End"),
    "two Ends": (lambda: [begin(), batch(), end(), end()], BROKEN, "nothing may follow End"),
    "no End": (lambda: [begin(), batch()], BROKEN, NO_END),
    "only Begin": (lambda: [begin()], BROKEN, NO_END),
    "gap": (
        lambda: [begin(), batch(), batch(start_offset=4), end(6, 2)],
        BROKEN,
        "start_offset of batch 1 is not the number of rows before it",
    ),
    "overlap": (
        lambda: [begin(), batch(), batch(start_offset=2), end(6, 2)],
        BROKEN,
        "start_offset of batch 1 is not the number of rows before it",
    ),
    "twice the same": (
        lambda: [begin(), batch(), batch(), end(6, 2)],
        BROKEN,
        "start_offset of batch 1 is not the number of rows before it",
    ),
    "does not start at 0": (
        lambda: changed(start_offset=3),
        BROKEN,
        "start_offset of batch 0 is not the number of rows before it",
    ),
    "fewer rows in all": (lambda: [begin(), batch(), end(2, 1)], BROKEN, TOTALS),
    "more batches in all": (lambda: [begin(), batch(), end(3, 2)], BROKEN, TOTALS),
    "wrong checksum": (lambda: changed(crc32c=1), DAMAGED, "crc32c of batch 0 does not match its content"),
    "negative rows": (lambda: [begin(), batch(row_count=-1), end(-1)], BROKEN, "row_count of batch 0 is negative"),
    "more rows said": (lambda: held(ipc(PEOPLE), 4), UNREADABLE, "row_count is not the number of rows in its batch"),
    "fewer rows said": (lambda: held(ipc(PEOPLE), 2), UNREADABLE, "row_count is not the number of rows in its batch"),
    "no batch": (lambda: held(ipc(PEOPLE.slice(0, 0)), 0), UNREADABLE, NOT_ONE),
    "two batches": (lambda: held(ipc(*[PEOPLE.to_batches()[0]] * 2), 6), UNREADABLE, NOT_ONE),
    "LZ4": (lambda: held(ipc(PEOPLE, compression="lz4")), UNREADABLE, COMPRESSED),
    "ZSTD": (lambda: held(ipc(PEOPLE, compression="zstd")), UNREADABLE, COMPRESSED),
    "compressed dictionary": (lambda: held(ipc(DICTIONARY, compression="zstd")), UNREADABLE, COMPRESSED),
    "dictionary delta": (
        lambda: held(ipc(WORDS, words([0, 2], "a", "b", "c"), emit_dictionary_deltas=True), 4),
        UNREADABLE,
        DELTAS,
    ),
    "replaced dictionary": (
        lambda: held(ipc(WORDS, words([0, 1], "c", "b")), 4),
        UNREADABLE,
        "a dictionary is replaced within a message",
    ),
    "no bytes": (
        lambda: [begin(), Request(batch=records.ArrowBatch(row_count=0)), end(0)],
        UNREADABLE,
        NOT_ONE,
    ),
    "too many columns": (lambda: held(ipc(WIDE)), LIMIT, "max_columns is 20"),
    "too many rows in a batch": (
        lambda: [begin(), batch(people(1_001)), end(1_001)],
        LIMIT,
        "max_batch_rows is 1000",
    ),
    "too many strata": (lambda: [begin(strata=["sex", "imd_decile", "ethnic_group"])], LIMIT, "max_strata is 2"),
}


@pytest.mark.parametrize("name", CASES)
def test_broken_streams(channel: grpc.Channel, name: str) -> None:
    messages, (code, reason), text = CASES[name]
    outcome = ask(channel, messages())
    assert (outcome.code, outcome.reason, outcome.text) == (code, reason, text)
    assert outcome.replies == []
    assert_answers(channel)


def test_too_many_rows_and_bytes_in_a_stream(channel: grpc.Channel) -> None:
    rows = [batch(people(900), start_offset=900 * number) for number in range(3)]
    outcome = ask(channel, [begin(), *rows, end(2_700, 3)])
    assert (outcome.code, outcome.reason, outcome.text) == (*LIMIT, "max_stream_rows is 2000")
    wide = pa.table({"practice_code": ["x" * 900] * 100})
    outcome = ask(channel, [begin(), *(batch(wide, start_offset=100 * number) for number in range(12)), end(1_200, 12)])
    assert (outcome.code, outcome.reason, outcome.text) == (*LIMIT, "max_stream_bytes is 1048576")
    assert_answers(channel)


def test_a_message_that_is_too_large(channel: grpc.Channel) -> None:
    """gRPC itself refuses it, before the service sees it."""
    outcome = ask(channel, [begin(), batch(pa.table({"ward": ["x" * 140_000]})), end(1)])
    assert outcome.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert outcome.replies == []
    assert_answers(channel)


def test_a_checksum_may_be_left_out(channel: grpc.Channel) -> None:
    assert ask(channel, changed(crc32c=None)).code is grpc.StatusCode.OK


def test_flags_without_end_have_no_end(channel: grpc.Channel) -> None:
    kind = service.FlagPatientsRequest
    first = kind(begin=service.FlagBegin(question=begin().begin.question))
    outcome = ask(channel, [first, batch(kind=kind)], "FlagPatients")
    assert (outcome.code, outcome.reason, outcome.text) == (*BROKEN, NO_END)
    assert "end" not in [reply.WhichOneof("message") for reply in outcome.replies]
    whole = ask(channel, [first, batch(kind=kind), end(kind=kind)], "FlagPatients")
    assert [reply.WhichOneof("message") for reply in whole.replies] == ["header", "batch", "end"]


def test_an_idle_stream_is_ended(channel: grpc.Channel) -> None:
    def slow() -> Any:
        yield begin()
        time.sleep(3)
        yield batch()

    outcome = outcome_of(open_call(channel, slow()))
    assert (outcome.code, outcome.reason) == (grpc.StatusCode.ABORTED, "BROKEN_STREAM")
    assert outcome.text == "nothing came for 2 seconds"
    assert_answers(channel)
