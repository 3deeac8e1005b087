"""Which calls are taken: by number and by bytes, of one caller and of all; and how those end that take too long."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status

from core20plus5_client import Client, ServerBusyError
from core20plus5_service import servicer
from core20plus5_service.sizing import memory_needed
from tests.e2e.asking import ASK
from tests.service.in_process import LocalServer, local_server, soon
from tests.service.test_ending import Gate
from tests.service.wire import PEOPLE, ask, assert_answers, batch, begin, begin_flags, end, ipc, open_call, outcome_of, whole_call
from tests.tables import people

#: About 70 KB in a message.
CROWD = people(9_000, imd_rank_2025=list(range(1, 9_001)))
CONTENT = ipc(CROWD)
HELD = len(CONTENT)


def gate() -> Gate:
    return Gate(begin(), type(begin()), batch(start_offset=3), end(6, 2))


def retry_after(failed: Any) -> float:
    """Of google.rpc.RetryInfo."""
    status = rpc_status.from_call(failed)
    (retry,) = [detail for detail in status.details if detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR)]
    info = error_details_pb2.RetryInfo()
    retry.Unpack(info)
    seconds: float = info.retry_delay.ToTimedelta().total_seconds()
    return seconds


FULL = [({"max_calls": 2}, "SERVER_BUSY", "max_calls"), ({"max_calls_per_caller": 2}, "CALLER_BUSY", "max_calls_per_caller")]


@pytest.mark.parametrize(("limits", "reason", "name"), FULL)
def test_one_call_too_many(limits: dict[str, int], reason: str, name: str) -> None:
    """Refused at once, with the time to come back, while health answers and the others go on."""
    words = f"{name} is 2, and so many are under way; try again later"
    with local_server(**limits) as local, local.channel() as channel:
        gates = [gate(), gate()]
        calls = [open_call(channel, held) for held in gates]
        soon(lambda: local.metric("core20plus5_streams_in_flight") == 2)
        refused = open_call(channel, whole_call())
        outcome = outcome_of(refused)
        assert (outcome.code, outcome.reason, outcome.text) == (grpc.StatusCode.RESOURCE_EXHAUSTED, reason, words)
        assert 1 <= retry_after(refused) <= 2
        with Client(local.address) as client:
            with pytest.raises(ServerBusyError, match=words) as raised:
                client.count_cohorts(iter([PEOPLE]), **ASK)
            assert 1 <= (raised.value.retry_after or 0) <= 2
            assert client.server_info().max_calls_per_caller == limits.get("max_calls_per_caller", 2)
        health: Any = health_pb2_grpc.HealthStub(channel)
        assert health.Check(health_pb2.HealthCheckRequest(), timeout=5).status == health_pb2.HealthCheckResponse.SERVING
        assert local.metric("core20plus5_admission_refused_total", reason=reason.lower()) == 2
        for held, call in zip(gates, calls, strict=True):
            held.go.set()
            assert outcome_of(call).code is grpc.StatusCode.OK
        assert_answers(channel)


class Slow:
    """Threads of calls that take up no batch until they are let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go, read = threading.Event(), servicer.read_batch

        def wait(*arguments: Any) -> Any:
            self.go.wait(60)
            return read(*arguments)

        monkeypatch.setattr(servicer, "read_batch", wait)


def crowds(times: int, ready: threading.Event | None = None) -> Iterator[Any]:
    """A call of so many messages, of which all but the first wait until it is time."""
    for number, message in enumerate(whole_call(CROWD, times)):
        if number and ready is not None:
            ready.wait(60)
        yield message


def most_waiting(local: LocalServer, bound: int) -> int:
    """How much waits once nothing more comes."""
    seen = [-1.0, -2.0, -3.0]
    while len(set(seen[-3:])) > 1:
        soon(lambda: True)
        threading.Event().wait(0.15)
        seen.append(local.metric("core20plus5_rows_received_total"))
    waiting = local.server.servicer.admission.buffered()
    assert waiting <= bound
    return waiting


def test_what_waits_is_bounded_and_everything_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the limit, three calls would hold fifteen messages; with it, seven at most, and new calls are refused meanwhile."""
    slow = Slow(monkeypatch)
    with local_server(max_buffered_bytes=4 * HELD) as local, ExitStack() as opened:
        channels = [opened.enter_context(local.channel()) for _ in range(3)]
        ready = threading.Event()  # a third call that came later would find no room
        calls = [open_call(channel, crowds(8, ready)) for channel in channels]
        soon(lambda: local.metric("core20plus5_streams_in_flight") == 3)
        ready.set()
        assert most_waiting(local, 7 * HELD) >= 4 * HELD
        outcome = ask(channels[0], whole_call())
        assert (outcome.code, outcome.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "SERVER_BUSY")
        assert outcome.text.startswith(f"max_buffered_bytes is {4 * HELD}, and so many wait to be counted")
        slow.go.set()
        for call in calls:
            outcome = outcome_of(call)
            assert outcome.code is grpc.StatusCode.OK
            assert outcome.replies[-1].end.ledger.rows_received == 8 * CROWD.num_rows
        soon(lambda: local.server.servicer.admission.buffered() == 0)
        assert_answers(channels[0])


def test_a_call_that_gets_on_is_not_held_up_by_one_that_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """All the room is taken by a stream of flags that nobody reads; another call passes, one message at a time."""
    kind = type(begin_flags())
    messages = [batch(CROWD, kind, ipc_stream=CONTENT, start_offset=number * CROWD.num_rows) for number in range(60)]
    with (
        local_server(max_buffered_bytes=8 * HELD, idle_seconds=60) as local,
        local.channel() as other,
        local.channel() as channel,
    ):
        begun = gate()
        second = open_call(other, begun)
        soon(lambda: local.metric("core20plus5_streams_in_flight") == 1)
        monkeypatch.setattr(local.server.servicer.admission, "_bytes", HELD)
        stuck = open_call(channel, [begin_flags(), *messages], "FlagPatients")
        soon(lambda: local.server.servicer.admission.buffered() >= HELD)
        begun.go.set()
        assert outcome_of(second).code is grpc.StatusCode.OK
        stuck.cancel()


def test_the_bytes_of_one_caller() -> None:
    """Here all are one caller, by the address that they come from."""
    with local_server(max_buffered_bytes_per_caller=2 * HELD, max_call_seconds=30) as local, local.channel() as channel:
        outcome = ask(channel, crowds(20))
        assert outcome.replies[-1].end.ledger.rows_received == 20 * CROWD.num_rows
    assert local.server.settings.max_buffered_bytes == 0


def test_the_bytes_of_one_caller_that_are_full(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow(monkeypatch)
    with local_server(max_buffered_bytes_per_caller=2 * HELD) as local, local.channel() as channel:
        call = open_call(channel, crowds(8))
        soon(lambda: local.server.servicer.admission.buffered() >= 2 * HELD)
        outcome = ask(channel, whole_call())
        assert (outcome.reason, local.metric("core20plus5_admission_refused_total", reason="caller_busy")) == ("CALLER_BUSY", 1)
        slow.go.set()
        assert outcome_of(call).code is grpc.StatusCode.OK


@pytest.mark.parametrize("method", ["CountCohorts", "FlagPatients"])
def test_a_call_that_takes_too_long_is_ended(method: str) -> None:
    """However busy it is: this one sends a message now and then."""
    kind = type(begin()) if method == "CountCohorts" else type(begin_flags())
    content, done = ipc(PEOPLE), threading.Event()

    def messages() -> Iterator[Any]:
        yield begin() if method == "CountCohorts" else begin_flags()
        for number in range(1_000):
            yield batch(kind=kind, ipc_stream=content, start_offset=3 * number)
            if done.wait(0.05):
                return

    with local_server(max_call_seconds=1) as local, local.channel() as channel:
        outcome = outcome_of(open_call(channel, messages(), method))
        done.set()
        wanted = (grpc.StatusCode.RESOURCE_EXHAUSTED, "LIMIT_EXCEEDED", "max_call_seconds is 1")
        assert (outcome.code, outcome.reason, outcome.text) == wanted
        soon(lambda: local.metric("core20plus5_streams_in_flight") == 0)
        assert_answers(channel)


@pytest.mark.parametrize("limit", ["idle_seconds", "max_call_seconds"])
def test_answers_that_nobody_takes_hold_no_place(limit: str) -> None:
    """A client that sends and never reads: the place is free after a while, and the call has ended for the client too."""
    kind = type(begin_flags())
    messages = [batch(CROWD, kind, ipc_stream=CONTENT, start_offset=number * CROWD.num_rows) for number in range(60)]
    finish = threading.Event()

    def slowly() -> Iterator[Any]:
        yield begin_flags()
        yield from messages
        finish.wait(30)

    with local_server(**{limit: 1}) as local, local.channel() as channel:
        call = open_call(channel, slowly(), "FlagPatients")
        soon(lambda: local.metric("core20plus5_streams_in_flight") == 1)
        soon(lambda: local.metric("core20plus5_streams_in_flight") == 0)
        finish.set()
        outcome = outcome_of(call)
        words = "nothing was taken for 1 seconds" if limit == "idle_seconds" else "max_call_seconds is 1"
        assert (outcome.code.name, outcome.text) == ("ABORTED" if limit == "idle_seconds" else "RESOURCE_EXHAUSTED", words)
        assert_answers(channel)


def test_memory_by_what_waits() -> None:
    mib = 1 << 20
    free = memory_needed(2, 10, 8 * mib, 0)
    assert memory_needed(2, 10, 8 * mib, 0, 1 << 40) == free
    of_three = free - 10 * 8 * mib  # without what waits, a call holds three messages instead of four
    assert memory_needed(2, 10, 8 * mib, 0, 64 * mib) == of_three + 64 * mib
