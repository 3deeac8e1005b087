"""What is tried again, where, how often, and what never is; against fake servers on real sockets."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import grpc
import pyarrow as pa
import pyarrow.dataset
import pytest
from google.protobuf import duration_pb2
from google.rpc import error_details_pb2 as details

from core20plus5_client import Client, DataError, DeadlineError, RequestError, ServerBusyError, ServerUnavailableError
from core20plus5_client.retries import addresses_of, wait_before
from tests.clients import client_fake as fake
from tests.clients.client_asking import ASK, abort, flagged, people
from tests.clients.client_fake import FakeServer, Seen, answer_count, answer_flags
from tests.clients.test_client_faults import fails_with, reason

Code = grpc.StatusCode
BUSY = fails_with(Code.RESOURCE_EXHAUSTED, "full", reason("SERVER_BUSY"))


def failing(times: int, script: Any, then: Any = answer_count) -> Any:
    """A script that fails so many times."""
    left = iter(range(times))

    def answer(server: FakeServer, seen: Seen, requests: Iterator[Any], context: Any) -> Iterator[Any]:
        return (then if next(left, None) is None else script)(server, seen, requests, context)

    return answer


def dying(server: FakeServer, seen: Seen, requests: Iterator[Any], context: Any) -> Iterator[Any]:
    for _ in range(3):
        seen.take(next(requests))
    abort(context, "UNAVAILABLE", "Socket closed")
    yield


@pytest.fixture(name="servers")
def _servers() -> Iterator[list[FakeServer]]:
    with ExitStack() as stack:
        yield [stack.enter_context(fake.fake_server()) for _ in range(2)]


def test_addresses() -> None:
    assert addresses_of("a:1") == ["a:1"]
    assert addresses_of("a:1, b:2,a:1,") == ["a:1", "b:2"]
    assert addresses_of(["a:1", "b:2,c:3"]) == ["a:1", "b:2", "c:3"]
    assert addresses_of("ipv4:10.0.0.1:1,10.0.0.2:1") == ["ipv4:10.0.0.1:1,10.0.0.2:1"]
    for nothing in ("", " , ", []):
        with pytest.raises(RequestError, match="no address"):
            addresses_of(nothing)


def test_waits_grow_are_spread_and_are_never_less_than_asked_for() -> None:
    waits = [[wait_before(tries, None) for _ in range(200)] for tries in range(1, 12)]
    for place, found in enumerate(waits):
        most = min(10.0, 0.2 * 2**place)
        assert most / 2 <= min(found) < max(found) <= most
    assert min(wait_before(1, 3.5) for _ in range(100)) == 3.5


@pytest.mark.parametrize("script", [BUSY, dying, fails_with(Code.ABORTED, "slow", reason("BROKEN_STREAM"))])
@pytest.mark.parametrize("how", ["table", "list", "dataset", "frame"])
def test_records_that_can_be_read_again_are_sent_again(servers: list[FakeServer], script: Any, how: str) -> None:
    table = people(3_000)
    data: dict[str, Any] = {
        "table": table,
        "list": table.to_batches(max_chunksize=700),
        "dataset": pyarrow.dataset.dataset(table),
        "frame": Frame(table),
    }
    server = servers[0]
    server.count = failing(2, script)
    with Client(server.target, deadline=20) as client:
        result = client.count_cohorts(data[how], **ASK)
    assert result.provenance["rows_received"] == 3_000
    assert [seen.ended for seen in server.calls] == [False, False, True]
    assert server.seen.table.num_rows == 3_000


class Frame:
    """A data frame, as far as Arrow goes: it has a length, and gives its rows as often as it is asked."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._table.__arrow_c_stream__(requested_schema)


def test_records_that_are_used_up_are_not(servers: list[FakeServer]) -> None:
    server, table = servers[0], people(3_000)
    for data in (iter(table.to_batches()), table.to_reader(), (part for part in [table])):
        server.count = failing(1, dying)
        server.calls.clear()
        with Client(server.target, deadline=20) as client, pytest.raises(ServerUnavailableError):
            client.count_cohorts(data, **ASK)
        assert len(server.calls) == 1


def test_but_another_server_is_asked_before_they_are_begun(servers: list[FakeServer]) -> None:
    with Client(f"127.0.0.1:1,{servers[0].target}", deadline=20) as client:
        result = client.count_cohorts(iter(people(3_000).to_batches()), **ASK)
        assert result.provenance["rows_received"] == 3_000
        assert flagged(client, iter(people(300).to_batches())).num_rows == 300


def test_what_the_caller_must_change_is_not_tried_again(servers: list[FakeServer]) -> None:
    for code, name in (
        (Code.INVALID_ARGUMENT, "INVALID_DATA"),
        (Code.RESOURCE_EXHAUSTED, "LIMIT_EXCEEDED"),
        (Code.INTERNAL, "INTERNAL"),
    ):
        for server in servers:
            server.calls.clear()
            server.count = fails_with(code, "no", reason(name))
        with Client([server.target for server in servers], deadline=20) as client, pytest.raises(Exception, match="no"):
            client.count_cohorts(people(10), **ASK)
        assert sum(len(server.calls) for server in servers) == 1


def test_the_last_error_is_raised_after_so_many_tries(servers: list[FakeServer]) -> None:
    servers[0].count = BUSY
    with Client(servers[0].target, deadline=20, tries=3) as client, pytest.raises(ServerBusyError):
        client.count_cohorts(people(10), **ASK)
    assert len(servers[0].calls) == 3


def test_another_server_is_tried_first(servers: list[FakeServer]) -> None:
    one, other = servers
    one.count = other.count = failing(1, dying)  # whichever is asked first
    with Client([one.target, other.target], deadline=20) as client:
        client.count_cohorts(people(10), **ASK)
        assert [len(server.calls) for server in servers] == [1, 1]


def test_a_server_says_when_to_come_back(servers: list[FakeServer]) -> None:
    later = details.RetryInfo(retry_delay=duration_pb2.Duration(nanos=700_000_000))
    servers[0].count = failing(1, fails_with(Code.RESOURCE_EXHAUSTED, "full", reason("SERVER_BUSY"), later))
    start = time.monotonic()
    with Client(servers[0].target, deadline=20) as client:
        client.count_cohorts(people(10), **ASK)
    assert time.monotonic() - start >= 0.7
    # Any refusal that says so may be tried again, whatever its reason.
    servers[0].count = failing(1, fails_with(Code.RESOURCE_EXHAUSTED, "bytes", reason("NEW_IN_SOME_LATER_YEAR"), later))
    with Client(servers[0].target, deadline=20) as client:
        client.count_cohorts(people(10), **ASK)


def test_no_try_goes_beyond_the_deadline(servers: list[FakeServer]) -> None:
    later = details.RetryInfo(retry_delay=duration_pb2.Duration(seconds=30))
    servers[0].count = fails_with(Code.RESOURCE_EXHAUSTED, "full", reason("SERVER_BUSY"), later)
    start = time.monotonic()
    with Client(servers[0].target, deadline=5) as client, pytest.raises((ServerBusyError, DeadlineError)):
        client.count_cohorts(people(10), **ASK)
    assert time.monotonic() - start < 4


@pytest.mark.parametrize("after", [0, 1, 4])
def test_flags_go_on_where_a_stream_was_lost(servers: list[FakeServer], after: int) -> None:
    """after: batches of flags that have come when it is."""
    server, table = servers[0], people(9_000)

    def lost(fake_: FakeServer, seen: Seen, requests: Iterator[Any], context: Any) -> Iterator[Any]:
        answers = answer_flags(fake_, seen, requests, context)
        for _ in range(1 + after if after else 0):
            yield next(answers)
        abort(context, "UNAVAILABLE", "Socket closed")

    server.flag = failing(1, lost, answer_flags)
    with Client(server.target, deadline=20) as client:
        found = flagged(client, table)
    assert found.column("person_id").to_pylist() == table.column("person_id").to_pylist()
    assert len(server.calls) == 2


def test_flags_of_records_that_are_used_up_end_with_the_error(servers: list[FakeServer]) -> None:
    servers[0].flag = failing(1, dying, answer_flags)
    with Client(servers[0].target, deadline=20) as client, pytest.raises(ServerUnavailableError):
        flagged(client, iter(people(9_000).to_batches()))
    assert len(servers[0].calls) == 1


def test_a_closed_stream_is_not_begun_anew(servers: list[FakeServer]) -> None:
    with Client(servers[0].target, deadline=20) as client:
        stream = client.flag_patients(people(50_000), **ASK)
        stream.close()
        with pytest.raises(ServerUnavailableError, match="was cancelled"):
            list(stream)
    assert len(servers[0].calls) == 1


def test_parts_have_a_least_size() -> None:
    with pytest.raises(RequestError, match="shard_rows must be at least 1,000"):
        Client("127.0.0.1:1", shard_rows=999)


def test_data_that_cannot_be_read_are_no_reason_to_try_again(servers: list[FakeServer]) -> None:
    column = pa.Array.from_buffers(pa.string(), 2, [None, pa.py_buffer(b"\0\0\0\0\xff\xff\xff\x7f\1\0\0\0"), pa.py_buffer(b"F")])
    with Client(servers[0].target, deadline=20) as client, pytest.raises(DataError):
        client.count_cohorts(pa.record_batch({"sex": column}).slice(0, 1), **ASK)
    assert len(servers[0].calls) <= 1
