"""A reply is whole, or it is no answer."""

import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pyarrow as pa
import pytest

from core20plus5_client import (
    Client,
    DeadlineError,
    IncompleteReplyError,
    RequestError,
    ServerFaultError,
    ServerUnavailableError,
)
from core20plus5_proto.v1 import records_pb2 as records
from core20plus5_proto.v1 import rulesets_pb2 as rulesets
from core20plus5_proto.v1 import service_pb2 as service
from tests.clients import client_fake as fake
from tests.clients.client_asking import ASK, abort, client_fixture, flagged, many, people, server_fixture  # noqa: F401
from tests.clients.client_fake import FakeServer, Seen

COUNTED = service.CountCohortsResponse


def test_the_result_is_put_together(server: FakeServer, client: Client) -> None:
    table = people(3).append_column("ward", pa.array(["x"] * 3)).append_column("note", pa.array(["y"] * 3))

    def answer(fake_: FakeServer, seen: Seen, requests: Iterator[Any], context: Any) -> Iterator[Any]:
        for request in requests:
            seen.take(request)
        told = fake.provenance(seen.begin.question, strata=["ward"], columns_absent=["person_id", "birth_date"])
        yield COUNTED(header=service.CountHeader(provenance=told, indicators=[{"name": "smi", "target": 0.75}]))
        for start in (0, 2):
            yield COUNTED(batch=fake.batch_message(fake.counts_batch(2), start))
        ledger = fake.ledger(3)
        ledger.rows_counted = 2
        ledger.excluded[0].rows = 1
        found = [{"column": "sex", "reason": "invalid", "rows": 1}]
        sent = records.End(total_rows=4, total_batches=2)
        yield COUNTED(end=service.CountEnd(sent=sent, ledger=ledger, quality=found))

    server.count = answer
    result = client.count_cohorts(table, **ASK, strata=["ward"])
    assert result.counts.to_pydict() == {"cohort": ["everyone"] * 4, "yes": [0, 1, 0, 1]}
    assert result.indicators.to_pylist()[0] == dict.fromkeys(result.indicators.schema.names, None) | {
        "name": "smi",
        "title": "",
        "kind": "",
        "source": "",
        "target": 0.75,
    }
    assert result.quality.to_pylist() == [{"column": "sex", "reason": "invalid", "rows": 1}]
    found = result.provenance
    assert list(found["parameters"].items()) == [("zeta", 18), ("alpha", 2.5), ("start", "09-01")]
    assert result.columns_absent == found["columns_absent"] == ["birth_date"]  # person_id is there, and was not sent
    assert found["columns_ignored"] == ["note"]
    assert (found["rows_received"], found["rows_counted"], found["rows_excluded"]) == (3, 2, {"died": 1, "too_old": 0})
    assert found["imd_from"] is None


def counted(*messages: Any) -> Any:
    """A script that takes everything and answers with these messages."""

    def answer(fake_: FakeServer, seen: Seen, requests: Iterator[Any], context: Any) -> Iterator[Any]:
        for request in requests:
            seen.take(request)
        yield from messages

    return answer


HEADER = COUNTED(header=service.CountHeader(provenance=fake.provenance(service.CountBegin().question)))
BATCH = COUNTED(batch=fake.batch_message(fake.counts_batch()))
END = COUNTED(end=service.CountEnd(sent=records.End(total_rows=2, total_batches=1), ledger=fake.ledger(3)))


TOTALS = {"rows": 2, "batches": 1}
MEASURES = COUNTED(inequality=fake.batch_message(fake.counts_batch()))
KNOWN = COUNTED(completeness=fake.batch_message(fake.counts_batch()))


def changed(message: Any, **changes: Any) -> Any:
    """A copy of a message with fields of its part set otherwise; a path is written with two underscores."""
    copy = type(message).FromString(message.SerializeToString())
    for path, value in changes.items():
        *parents, last = path.split("__")
        part = getattr(copy, copy.WhichOneof("message"))
        for parent in parents:
            part = getattr(part, parent)
        setattr(part, last, value)
    return copy


@pytest.mark.parametrize(
    ("messages", "problem"),
    [
        ([], "cut short"),
        ([HEADER], "cut short"),
        ([HEADER, BATCH], "cut short"),
        ([HEADER, END], "cut short"),
        ([BATCH, END], "out of order: batch"),
        ([END], "out of order: end"),
        ([HEADER, HEADER], "out of order: header"),
        ([HEADER, BATCH, END, BATCH], "out of order: batch"),
        ([HEADER, BATCH, BATCH, END], "gap: its batches"),
        ([HEADER, changed(BATCH, start_offset=1), END], "gap: its batches"),
        ([HEADER, changed(BATCH, row_count=3), END], "gap: its batches"),
        ([HEADER, changed(BATCH, crc32c=7), END], "damaged: a checksum"),
        ([HEADER, COUNTED(batch=records.ArrowBatch(row_count=2, ipc_stream=b"no Arrow")), END], "damaged: a batch"),
        ([HEADER, BATCH, changed(END, sent__total_rows=3)], "gap: it ended"),
        ([HEADER, BATCH, changed(END, sent__total_batches=2)], "gap: it ended"),
        ([HEADER, BATCH, changed(END, ledger__rows_received=4)], "did not receive as many"),
        ([HEADER, BATCH, changed(END, ledger__rows_counted=2)], "ledger is wrong"),
        (
            [HEADER, BATCH, COUNTED(batch=fake.batch_message(pa.record_batch({"other": [1]}), 2)), END],
            "damaged: its columns change",
        ),
        ([MEASURES, END], "out of order: inequality"),
        ([HEADER, BATCH, MEASURES, END], "gap: it ended"),
        ([HEADER, BATCH, KNOWN, END], "gap: it ended"),
        ([HEADER, BATCH, MEASURES, MEASURES, END], "gap: its batches"),
        ([HEADER, BATCH, changed(KNOWN, crc32c=7), END], "damaged: a checksum"),
        ([HEADER, BATCH, changed(END, inequality_sent__total_rows=2, inequality_sent__total_batches=1)], "gap: it ended"),
        ([HEADER, MEASURES, changed(END, inequality_sent__total_rows=2, inequality_sent__total_batches=1)], "cut short"),
    ],
)
def test_a_reply_that_is_not_whole_is_none(server: FakeServer, client: Client, messages: Any, problem: str) -> None:
    server.count = counted(*messages)
    with pytest.raises(IncompleteReplyError, match=problem):
        client.count_cohorts(people(3), **ASK)


def test_tables_that_were_asked_for_are_of_the_result(server: FakeServer, client: Client) -> None:
    totals = {f"{name}_sent__total_{what}": number for name in ("inequality", "completeness") for what, number in TOTALS.items()}
    server.count = counted(HEADER, BATCH, MEASURES, KNOWN, changed(END, **totals))
    result = client.count_cohorts(people(3), **ASK)
    assert result.completeness is not None
    assert result.inequality.num_rows == result.completeness.num_rows == 2


def test_a_server_of_before_sends_no_measures(server: FakeServer, client: Client) -> None:
    server.count = counted(HEADER, BATCH, END)
    result = client.count_cohorts(people(3), **ASK, completeness=True)
    assert result.completeness is None
    with pytest.raises(RequestError, match="inequality=True"):
        _ = result.inequality


def test_a_checksum_may_be_left_out(server: FakeServer, client: Client) -> None:
    plain = changed(BATCH)
    plain.batch.ClearField("crc32c")
    server.count = counted(HEADER, plain, END)
    assert client.count_cohorts(people(3), **ASK).counts.num_rows == 2


def test_a_message_of_a_later_version_is_no_answer(server: FakeServer, client: Client) -> None:
    server.count = counted(HEADER, BATCH, END, COUNTED())
    with pytest.raises(ServerFaultError, match="its version is newer"):
        client.count_cohorts(people(3), **ASK)


def test_a_server_that_does_not_wait_for_everything_has_not_answered(server: FakeServer, client: Client) -> None:
    def hasty(fake_: FakeServer, seen: Seen, requests: Iterator[Any], context: Any) -> Iterator[Any]:
        seen.take(next(requests))
        yield from (HEADER, BATCH, END)

    server.count = hasty
    with pytest.raises(IncompleteReplyError, match="did not receive as many"):
        client.count_cohorts(many(200), **ASK)


def test_another_ruleset_than_the_columns_were_chosen_by_is_no_answer(server: FakeServer, client: Client) -> None:
    server.ruleset.summary.MergeFrom(rulesets.RulesetSummary(sha256="cd" * 32))
    with pytest.raises(ServerFaultError, match="changed its ruleset"):
        client.count_cohorts(people(3), **ASK)


def test_a_server_that_dies_in_mid_stream_is_unavailable() -> None:
    with fake.fake_server() as server, Client(server.target, deadline=20) as client:

        def dying(fake_: FakeServer, seen: Seen, requests: Iterator[Any], context: Any) -> Iterator[Any]:
            seen.take(next(requests))
            abort(context, "UNAVAILABLE", "Socket closed")
            yield

        server.count = server.flag = dying
        for ask in (client.count_cohorts, partial(flagged, client)):
            with pytest.raises(ServerUnavailableError, match=f"no core20plus5 server answers at {server.target}"):
                ask(many(5_000), **ASK)


def test_a_deadline_ends_a_call(server: FakeServer, client: Client) -> None:
    def sleepy(fake_: FakeServer, seen: Seen, requests: Iterator[Any], context: Any) -> Iterator[Any]:
        while context.is_active():
            time.sleep(0.01)
        yield HEADER

    server.count = server.flag = sleepy
    for ask in (client.count_cohorts, client.flag_patients):
        start = time.monotonic()
        with pytest.raises(DeadlineError, match="did not answer within the deadline"):
            ask(people(10), **ASK, deadline=0.3)
        assert time.monotonic() - start < 5


def test_a_deadline_ends_a_call_whose_records_come_slowly(server: FakeServer, client: Client) -> None:
    def slow() -> Iterator[pa.Table]:
        while True:
            time.sleep(0.05)
            yield people(500)

    with pytest.raises(DeadlineError):
        client.count_cohorts(slow(), **ASK, deadline=0.5)


def test_a_closed_client_says_so(server: FakeServer) -> None:
    client = Client(server.target)
    client.close()
    with pytest.raises(RequestError, match="closed"):
        client.count_cohorts(people(1), **ASK)
    with pytest.raises(RequestError, match="closed"):
        client.server_info()


def test_a_deadline_may_be_none_or_without_end(server: FakeServer) -> None:
    with Client(server.target, deadline=None) as client:
        client.count_cohorts(people(1), **ASK)
        client.count_cohorts(people(1), **ASK, deadline=float("inf"))
