"""Flags as a stream: one row back for each row in, while more rows go out."""

import gc
import threading
import time
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from core20plus5_client import Client, IncompleteReplyError, RequestError, ServerUnavailableError
from core20plus5_proto.v1 import records_pb2 as records
from core20plus5_proto.v1 import service_pb2 as service
from tests.clients import client_fake as fake
from tests.clients.client_asking import (  # noqa: F401
    ASK,
    OwnError,
    abort,
    assert_soon,
    client_fixture,
    failing,
    flagged,
    many,
    people,
    server_fixture,
)
from tests.clients.client_fake import FakeServer, Seen

FLAGGED = service.FlagPatientsResponse


def test_flags_come_while_records_are_still_being_sent(server: FakeServer, client: Client) -> None:
    drawn = [0]

    def data() -> Iterator[pa.Table]:
        for table in many(200):
            drawn[0] += 1
            yield table

    stream = client.flag_patients(data(), **ASK)
    assert next(stream).num_rows > 0
    assert drawn[0] < 150
    assert sum(batch.num_rows for batch in stream) < 200_000
    assert stream.provenance["rows_received"] == server.seen.rows == 200_000


def stands_still(count: list[int]) -> bool:
    """Whether a count stays the same for a while, long for a machine that has other things to do as well."""
    before = count[0]
    time.sleep(1)
    return count[0] == before


def test_no_more_is_read_than_is_taken(server: FakeServer, client: Client) -> None:
    drawn = [0]

    def data() -> Iterator[pa.Table]:
        for table in many(100_000):
            drawn[0] += 1
            yield table

    with client.flag_patients(data(), **ASK) as stream:
        next(stream)
        assert_soon(lambda: stands_still(drawn), seconds=20)
        assert drawn[0] < 10_000


def test_the_ledger_grows_and_is_complete_with_the_last_batch(server: FakeServer, client: Client) -> None:
    stream = client.flag_patients(people(4_000), **ASK)
    assert stream.provenance["rows_received"] == 0
    rows = 0
    while rows < 4_000:
        rows += next(stream).num_rows
        assert stream.provenance["rows_received"] == rows
    assert stream.provenance["rows_excluded"] == {"died": 0, "too_old": 0}
    with pytest.raises(StopIteration):
        next(stream)


def test_the_schema_is_known_before_the_flags_are_taken(server: FakeServer, client: Client) -> None:
    stream = client.flag_patients(people(10), **ASK)
    assert stream.schema.names == ["person_id", "excluded", "everyone"]
    assert stream.schema == stream.schema
    assert sum(batch.num_rows for batch in stream) == 10
    assert stream.schema.names == ["person_id", "excluded", "everyone"]


@pytest.mark.parametrize("encoded", [False, True])
def test_person_id_comes_back_as_it_was_given(server: FakeServer, client: Client, encoded: bool) -> None:
    views = pa.array(["a", "b"]).cast(pa.string_view())
    ids = pa.DictionaryArray.from_arrays(pa.array([1, 0], pa.uint32()), views) if encoded else views
    kind = pa.field("person_id", ids.type, nullable=False, metadata={"note": "pseudonym"})
    stream = client.flag_patients(pa.table([ids], schema=pa.schema([kind])), **ASK)
    assert stream.schema.field("person_id").equals(kind, check_metadata=True)
    assert next(stream).column("person_id").equals(ids)


def test_no_one_has_a_schema_and_no_flags(server: FakeServer, client: Client) -> None:
    stream = client.flag_patients(people(0), **ASK)
    assert stream.schema.names == ["person_id", "excluded", "everyone"]
    assert list(stream) == []
    assert stream.quality.num_rows == 0


def test_excluded_people_are_told_by_reason(server: FakeServer, client: Client) -> None:
    reasons = pa.array([None, "died", "died"]).dictionary_encode()
    server.flag = answers_with(pa.record_batch({"excluded": reasons}), fake.ledger(3, rows_counted=1), died=2)
    stream = client.flag_patients(people(3), **ASK)
    assert len(list(stream)) == 1
    assert stream.provenance["rows_excluded"] == {"died": 2, "too_old": 0}
    assert stream.provenance["rows_counted"] == 1


def answers_with(batch: pa.RecordBatch, ledger: Any, **excluded: int) -> Any:
    """A script that takes everything and answers with this batch and this ledger."""
    for entry in ledger.excluded:
        entry.rows = excluded.get(entry.reason, 0)

    def answer(fake_: FakeServer, seen: Seen, requests: Iterator[Any], context: Any) -> Iterator[Any]:
        for request in requests:
            seen.take(request)
        yield FLAGGED(header=service.FlagHeader(provenance=fake.provenance(seen.begin.question)))
        yield FLAGGED(batch=fake.batch_message(batch))
        yield FLAGGED(end=service.FlagEnd(sent=records.End(total_rows=batch.num_rows, total_batches=1), ledger=ledger))

    return answer


@pytest.mark.parametrize(
    ("rows", "ledger", "problem"),
    [
        (2, fake.ledger(3), "not as many flags as records"),
        (3, fake.ledger(3, rows_counted=2), "ledger is wrong"),
        (3, fake.ledger(2), "did not receive as many"),
    ],
)
def test_rows_in_are_rows_out(server: FakeServer, client: Client, rows: int, ledger: Any, problem: str) -> None:
    nobody = pa.nulls(rows, pa.string()).dictionary_encode()
    server.flag = answers_with(pa.record_batch({"excluded": nobody}), ledger)
    stream = client.flag_patients(people(3), **ASK)
    assert next(stream).num_rows == rows
    for _ in range(2):  # and it stays so
        with pytest.raises(IncompleteReplyError, match=problem):
            next(stream)


def test_a_ledger_that_is_not_that_of_the_flags_is_no_answer(server: FakeServer, client: Client) -> None:
    reasons = pa.array([None, "died", "died"]).dictionary_encode()
    server.flag = answers_with(pa.record_batch({"excluded": reasons}), fake.ledger(3, rows_counted=1), too_old=2)
    with pytest.raises(IncompleteReplyError, match="not that of the flags"):
        list(client.flag_patients(people(3), **ASK))


def test_an_error_at_the_end_comes_after_the_flags_before_it(server: FakeServer, client: Client) -> None:
    def late(fake_: FakeServer, seen: Seen, requests: Iterator[Any], context: Any) -> Iterator[Any]:
        for message in fake.answer_flags(fake_, seen, requests, context):
            if message.HasField("end"):
                abort(context, "INVALID_ARGUMENT", "the records are not as at that date")
            yield message

    server.flag = late
    taken: list[pa.RecordBatch] = []
    with pytest.raises(RequestError, match="not as at that date"):
        taken.extend(client.flag_patients(people(3_000), **ASK))
    assert sum(batch.num_rows for batch in taken) == 3_000


def test_a_question_that_is_wrong_is_said_at_once(server: FakeServer, client: Client) -> None:
    def refuse(fake_: FakeServer, seen: Seen, requests: Iterator[Any], context: Any) -> Iterator[Any]:
        abort(context, "INVALID_ARGUMENT", "no such indicator")
        yield

    server.flag = refuse
    with pytest.raises(RequestError, match="no such indicator"):
        client.flag_patients(many(1_000), **ASK)


@pytest.mark.parametrize("taken", [0, 1, 3])
@pytest.mark.parametrize("how", ["close", "with", "forget"])
def test_a_stream_that_is_left_early_ends_the_call_and_lets_go_of_the_data(
    server: FakeServer, client: Client, taken: int, how: str
) -> None:
    closed = threading.Event()

    def data() -> Iterator[pa.Table]:
        try:
            yield from many(100_000)
        finally:
            closed.set()

    stream = client.flag_patients(data(), **ASK)
    for _ in range(taken):
        next(stream)
    if how == "close":
        stream.close()
    elif how == "with":
        with stream:
            pass
    del stream
    gc.collect()
    assert_soon(lambda: server.seen.over and closed.is_set())


def test_a_closed_stream_has_no_more_flags(server: FakeServer, client: Client) -> None:
    stream = client.flag_patients(many(1_000), **ASK)
    stream.close()
    stream.close()
    with pytest.raises(ServerUnavailableError, match="was cancelled"):
        list(stream)


def test_closing_the_client_ends_its_streams(server: FakeServer) -> None:
    with Client(server.target) as client:
        stream = client.flag_patients(many(1_000), **ASK)
    with pytest.raises(ServerUnavailableError, match="was cancelled"):
        list(stream)


def test_an_error_of_the_callers_own_code_comes_after_the_flags_before_it(server: FakeServer, client: Client) -> None:
    error = OwnError("no more")
    stream = client.flag_patients(failing(30, error), **ASK)
    with pytest.raises(OwnError):
        list(stream)
    with pytest.raises(OwnError):
        next(stream)
    with pytest.raises(OwnError):
        flagged(client, failing(0, error))


def test_a_thread_in_the_callers_code_is_not_waited_for(server: FakeServer, client: Client) -> None:
    waiting, release, closed = threading.Event(), threading.Event(), threading.Event()

    def stuck() -> Iterator[pa.Table]:
        try:
            yield people(1_000)
            yield people(1_000)
            waiting.set()
            release.wait(20)
            yield people(1)
        finally:
            closed.set()

    server.info = fake.info(recommended_message_bytes=10_000)
    stream = client.flag_patients(stuck(), **ASK)
    assert waiting.wait(5)
    start = time.monotonic()
    stream.close()
    assert time.monotonic() - start < 1
    assert not closed.is_set()
    release.set()
    del stream
    assert closed.wait(5)
