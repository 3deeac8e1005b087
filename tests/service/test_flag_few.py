"""FlagFew: what FlagPatients answers in a stream, in one message; and what it refuses, in the same words."""

import threading
import time
from datetime import date
from typing import Any

import grpc
import pyarrow as pa
import pytest

from core20plus5_cli.population import sample_people, sample_schema
from core20plus5_client import Client, LaterThanReferenceDateError
from core20plus5_proto.v1 import service_pb2 as service
from core20plus5_service import brief, servicer
from tests.ask import flags
from tests.service.in_process import LocalServer, local_server, soon
from tests.service.test_admission import gate
from tests.service.wire import ask, batch, begin_flags, end, open_call, whole_call
from tests.tables import people

KIND = service.FlagPatientsRequest
ASK: dict[str, Any] = {"reference_date": date(2026, 3, 31), "imd_version": "2025", "imd_from": "imd_rank"}

COLUMNS = ["person_id", "birth_date", "sex", "ethnic_category", "imd_rank_2025", "autism", "bp_date", "bp_systolic"]
SAMPLE = pa.Table.from_batches(list(sample_people(1_500, 3)), sample_schema()).combine_chunks()
PEOPLE = SAMPLE.select(COLUMNS)
LATER = people(200, hypertension_dx_latest=[date(2027, 1, 1)] * 200)


def messages(table: pa.Table, **asked: Any) -> list[Any]:
    (records,) = table.to_batches() or [pa.RecordBatch.from_pylist([], table.schema)]
    return [begin_flags(**asked), batch(records, kind=KIND), end(table.num_rows, kind=KIND)]


def table_of(batches: Any) -> list[dict[str, Any]]:
    return pa.Table.from_batches([pa.ipc.open_stream(each.ipc_stream).read_next_batch() for each in batches]).to_pylist()


@pytest.mark.parametrize("rows", [0, 1, 2, 64, 65, 1_000])
def test_the_answer_is_that_of_the_stream(channel: grpc.Channel, rows: int) -> None:
    sent = messages(PEOPLE.slice(7, rows), imd_from="imd_rank", plus_groups=["all"])
    stream, together = ask(channel, sent, "FlagPatients"), ask(channel, sent, "FlagFew")
    assert stream.code is together.code is grpc.StatusCode.OK
    (answer,) = together.replies
    assert answer.header == stream.replies[0].header
    assert answer.end == stream.replies[-1].end
    assert table_of(answer.batches) == table_of(reply.batch for reply in stream.replies[1:-1])


#: What is wrong with a call, and why.
WRONG = {
    "no End": (messages(PEOPLE[:3])[:2], "BROKEN_STREAM"),
    "no Begin": (messages(PEOPLE[:3])[1:], "BROKEN_STREAM"),
    "nothing": ([], "BROKEN_STREAM"),
    "another total": ([begin_flags(), batch(kind=KIND), end(4, kind=KIND)], "BROKEN_STREAM"),
    "an offset": ([begin_flags(), batch(kind=KIND, start_offset=1), end(kind=KIND)], "BROKEN_STREAM"),
    "another checksum": ([begin_flags(), batch(kind=KIND, crc32c=1), end(kind=KIND)], "BROKEN_STREAM"),
    "no Arrow": ([begin_flags(), batch(kind=KIND, ipc_stream=b"none"), end(kind=KIND)], "INVALID_DATA"),
    "another ruleset": (messages(PEOPLE[:3], ruleset="none"), "INVALID_RULESET"),
    "another question": (messages(PEOPLE[:3], reference_date="today"), "INVALID_REQUEST"),
    "later facts": (messages(LATER), "EXTRACT_LATER_THAN_REFERENCE_DATE"),
}


@pytest.mark.parametrize("case", WRONG)
def test_it_refuses_what_the_stream_refuses(channel: grpc.Channel, case: str) -> None:
    sent, reason = WRONG[case]
    stream, together = ask(channel, sent, "FlagPatients"), ask(channel, sent, "FlagFew")
    assert together.reason == stream.reason == reason
    assert (together.code, together.violations) == (stream.code, stream.violations)
    if reason != "BROKEN_STREAM" or case.startswith("an"):
        assert together.text == stream.text


def test_more_people_are_for_the_stream() -> None:
    with local_server() as local, local.channel() as channel:
        outcome = ask(channel, messages(PEOPLE[:1_001]), "FlagFew")
        assert (outcome.code, outcome.text) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "max_few_rows is 1000")
        assert ask(channel, messages(PEOPLE[:1_001]), "FlagPatients").code is grpc.StatusCode.OK


def test_it_has_one_batch(channel: grpc.Channel) -> None:
    """Records without any are for the stream: nobody is flagged."""
    assert ask(channel, [begin_flags(), end(0, 0, KIND)], "FlagFew").reason == "BROKEN_STREAM"


def test_it_has_a_place_among_the_calls() -> None:
    held = gate()
    with local_server(max_calls=1) as local, local.channel() as channel:
        call = open_call(channel, held)
        soon(lambda: local.metric("core20plus5_streams_in_flight") == 1)
        assert ask(channel, messages(PEOPLE[:1]), "FlagFew").reason == "SERVER_BUSY"
        held.go.set()
        assert list(call)
        assert ask(channel, messages(PEOPLE[:1]), "FlagFew").code is grpc.StatusCode.OK
        assert local.metric("core20plus5_streams_in_flight") == 0


def test_one_person_waits_for_nobodys_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """And more people do, as every call with records."""
    go, working, count = threading.Event(), threading.Event(), servicer.count_exactly

    def slow(*arguments: Any) -> Any:
        working.set()
        go.wait(60)
        return count(*arguments)

    monkeypatch.setattr(servicer, "count_exactly", slow)
    monkeypatch.setattr(brief, "_BRIEF", 60)
    with local_server(threads=1) as local, local.channel() as channel:
        busy = open_call(channel, whole_call())
        assert working.wait(60)
        assert ask(channel, messages(PEOPLE[:1]), "FlagFew").code is grpc.StatusCode.OK
        more = messages(SAMPLE[:1_000])
        assert len(more[1].batch.ipc_stream) > brief._FEW_BYTES
        assert ask(channel, more, "FlagFew", timeout=1).code is grpc.StatusCode.DEADLINE_EXCEEDED
        go.set()
        assert list(busy)
        assert ask(channel, more, "FlagFew").code is grpc.StatusCode.OK


def test_the_loop_rests_from_work_that_was_not_brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a question that takes long, whoever asks next has a thread, and after a while the loop works again."""
    monkeypatch.setattr(brief, "_BRIEF", 0.5)
    monkeypatch.setattr(brief, "_REST", 2.0)
    names: list[str] = []
    read, slow = servicer.read_batch, threading.Event()

    def where(*arguments: Any) -> Any:
        names.append(threading.current_thread().name)
        if slow.is_set():
            time.sleep(1)
        return read(*arguments)

    monkeypatch.setattr(servicer, "read_batch", where)
    with local_server() as local, local.channel() as channel:

        def asked() -> str:
            assert ask(channel, messages(PEOPLE[:1]), "FlagFew").code is grpc.StatusCode.OK
            return names[-1]

        soon(lambda: asked() == "server loop")
        slow.set()
        assert asked() == "server loop"
        slow.clear()
        assert asked() != "server loop"
        soon(lambda: asked() == "server loop")


def handled(local: LocalServer) -> tuple[float, float]:
    """Calls of FlagFew and of FlagPatients that have ended."""
    service_name = "core20plus5.v1.CohortService"
    found = [
        local.metric("grpc_server_handled_total", grpc_type=kind, grpc_service=service_name, grpc_method=method, grpc_code="OK")
        for kind, method in (("unary", "FlagFew"), ("bidi_stream", "FlagPatients"))
    ]
    return found[0], found[1]


#: Records, and which of the two the client asks for.
SENT = {
    "one person": (PEOPLE[:1], (1, 0)),
    "as many as may be": (PEOPLE[:1_000], (1, 0)),
    "one more": (PEOPLE[:1_001], (0, 1)),
    "no one": (PEOPLE[:0], (0, 1)),
    "a stream": (PEOPLE[:2].to_reader(), (0, 1)),
}


@pytest.mark.parametrize("case", SENT)
def test_the_client_asks_it_for_few_people(local: LocalServer, case: str) -> None:
    data, moved = SENT[case]
    before = handled(local)
    with Client(local.address) as client:
        stream = client.flag_patients(data, **ASK)
        found = pa.Table.from_batches(list(stream), stream.schema)
        assert client.server_info().max_few_rows == 1_000
    after = handled(local)
    assert (after[0] - before[0], after[1] - before[1]) == moved
    if isinstance(data, pa.Table):
        assert found.equals(flags(data, imd_from="imd_rank"))
        assert stream.provenance["rows_received"] == data.num_rows


def test_an_answer_that_is_too_long_for_one_message(local: LocalServer) -> None:
    """The stream cuts it."""
    long = PEOPLE[:1_000].set_column(0, "person_id", pa.array([f"{number:050}" for number in range(1_000)]))
    with local.channel() as channel:
        outcome = ask(channel, messages(long, imd_from="imd_rank"), "FlagFew")
    assert outcome.text == "max_message_bytes is 131072, and the flags take more"
    with Client(local.address) as client:
        found = pa.Table.from_batches(list(client.flag_patients(long, **ASK)))
    assert found["person_id"].to_pylist() == long["person_id"].to_pylist()


def test_flags_before_what_is_wrong_with_all_records(local: LocalServer) -> None:
    """As a stream has them: the client asks for one, where the records are refused."""
    with Client(local.address) as client:
        stream = client.flag_patients(LATER, **ASK | {"imd_from": None})
        assert next(stream).num_rows == LATER.num_rows
        with pytest.raises(LaterThanReferenceDateError):
            next(stream)
