"""Calls that end in the middle: cancelled, too late, or with one of the two sides gone. Nothing stays behind."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import grpc
import pytest

from tests.e2e.process import ServerProcess, environment, running_server
from tests.service.in_process import LocalServer, local_server, soon
from tests.service.wire import PEOPLE, assert_answers, batch, begin, begin_flags, end, ipc, open_call, outcome_of, whole_call

# A client that sends without end; it is killed.
_ENDLESS = """
import itertools, sys, grpc
from tests.service.wire import PEOPLE, batch, begin, ipc, open_call
content = ipc(PEOPLE)
def messages():
    yield begin()
    for number in itertools.count():
        yield batch(ipc_stream=content, start_offset=3 * number)
with grpc.insecure_channel(sys.argv[1]) as channel:
    list(open_call(channel, messages(), timeout=120))
"""


class Gate:
    """Messages that stop after a Begin and a batch until they are let go, or for good."""

    def __init__(self, first: Any, kind: Any, *rest: Any) -> None:
        self.go, self.sent = threading.Event(), threading.Event()
        self.messages = [first, batch(kind=kind)]
        self.rest = rest

    def __iter__(self) -> Iterator[Any]:
        yield from self.messages
        self.sent.set()
        self.go.wait(60)
        yield from self.rest


METHODS = {"CountCohorts": begin(), "FlagPatients": begin_flags()}


@pytest.fixture(name="process")
def _process() -> Iterator[ServerProcess]:
    with running_server("--stop-seconds", "20") as server:
        yield server


@pytest.mark.parametrize("method", METHODS)
def test_cancelled_in_mid_stream(local: LocalServer, channel: grpc.Channel, method: str) -> None:
    gate = Gate(METHODS[method], type(METHODS[method]))
    call = open_call(channel, gate, method)
    soon(lambda: local.metric("core20plus5_streams_in_flight") == 1)
    call.cancel()
    assert outcome_of(call).code is grpc.StatusCode.CANCELLED
    soon(lambda: local.metric("core20plus5_streams_in_flight") == 0)
    gate.go.set()
    assert_threads_are_idle(local)
    assert_answers(channel)


def assert_threads_are_idle(local: LocalServer) -> None:
    """Every thread of a call waits for the next one: as many short tasks as there are threads are done at once."""
    pool = local.server._calls
    barrier = threading.Barrier(local.server.settings.max_calls + 1)
    for _ in range(local.server.settings.max_calls):
        pool.submit(barrier.wait, 10)
    barrier.wait(10)


@pytest.mark.parametrize("method", METHODS)
def test_deadline_in_mid_stream(local: LocalServer, channel: grpc.Channel, method: str) -> None:
    gate = Gate(METHODS[method], type(METHODS[method]))
    assert outcome_of(open_call(channel, gate, method, timeout=0.5)).code is grpc.StatusCode.DEADLINE_EXCEEDED
    soon(lambda: local.metric("core20plus5_streams_in_flight") == 0)
    gate.go.set()
    assert_threads_are_idle(local)


def test_replies_that_nobody_reads(local: LocalServer, channel: grpc.Channel) -> None:
    """Flags pile up to a bound and no further; cancelling ends it all."""
    kind, content = type(begin_flags()), ipc(PEOPLE)
    first = [batch(kind=kind, ipc_stream=content, start_offset=3 * number) for number in range(600)]
    call = open_call(channel, [begin_flags(), *first, end(1_800, 600, kind)], "FlagPatients")
    next(call)
    call.cancel()
    soon(lambda: local.metric("core20plus5_streams_in_flight") == 0)
    assert_threads_are_idle(local)
    assert_answers(channel)


def test_a_client_that_is_killed(process: ServerProcess) -> None:
    command = [sys.executable, "-c", _ENDLESS, process.listen]
    with subprocess.Popen(command, env=environment(), stderr=subprocess.DEVNULL) as client:
        try:
            soon(lambda: process.metric("core20plus5_rows_received_total") > 15, 60)
            assert process.metric("core20plus5_streams_in_flight") == 1
        finally:
            client.send_signal(signal.SIGKILL)
    soon(lambda: process.metric("core20plus5_streams_in_flight") == 0)
    assert process.metric("core20plus5_rows_counted_total") == 0
    with process.channel() as channel:
        assert_answers(channel)


def test_a_running_call_finishes_when_the_server_is_told_to_stop(process: ServerProcess) -> None:
    gate = Gate(begin(), type(begin()), batch(start_offset=3), end(6, 2))
    with process.channel() as channel, process.channel(use_local_subchannel_pool=1) as other:
        assert_answers(other)
        call = open_call(channel, gate)
        soon(lambda: process.metric("core20plus5_rows_received_total") == 6)
        process.process.send_signal(signal.SIGTERM)
        soon(lambda: any("stopping" in line for line in process.lines))
        soon(lambda: process.get("/readyz")[0] == 503)
        assert process.get("/livez")[0] == 200
        refused = outcome_of(open_call(other, whole_call(), timeout=5))
        assert refused.code is grpc.StatusCode.UNAVAILABLE
        gate.go.set()
        outcome = outcome_of(call)
        assert outcome.code is grpc.StatusCode.OK
        assert outcome.replies[-1].end.ledger.rows_received == 6
    assert process.process.wait(20) == 0


def test_calls_are_taken_until_load_balancers_know() -> None:
    with running_server("--drain-seconds", "3") as process, process.channel() as channel:
        assert_answers(channel)
        process.process.send_signal(signal.SIGTERM)
        soon(lambda: process.get("/readyz")[0] == 503)
        assert process.get("/livez")[0] == process.get("/startupz")[0] == 200
        assert_answers(channel)
        with process.channel(use_local_subchannel_pool=1) as newcomer:
            assert_answers(newcomer)
        assert process.process.wait(20) == 0


def test_the_whole_drain_within_its_time() -> None:
    """Readiness off, calls still taken; then none, while one that runs finishes and one that does not is ended; exit 0."""
    with running_server("--drain-seconds", "1.5", "--stop-seconds", "2") as process, ExitStack() as stack:
        channels = [stack.enter_context(process.channel(use_local_subchannel_pool=1)) for _ in range(3)]
        finishing, stuck = Gate(begin(), type(begin()), batch(start_offset=3), end(6, 2)), Gate(begin(), type(begin()))
        calls = [open_call(channel, gate) for channel, gate in zip(channels, (finishing, stuck), strict=False)]
        soon(lambda: process.metric("core20plus5_streams_in_flight") == 2)
        start = time.monotonic()
        process.process.send_signal(signal.SIGTERM)
        soon(lambda: process.get("/readyz")[0] == 503)
        assert_answers(channels[2])
        time.sleep(max(0.0, start + 2.2 - time.monotonic()))
        assert outcome_of(open_call(channels[2], whole_call(), timeout=5)).code is grpc.StatusCode.UNAVAILABLE
        finishing.go.set()
        assert outcome_of(calls[0]).code is grpc.StatusCode.OK
        assert outcome_of(calls[1]).code is not grpc.StatusCode.OK
        assert process.process.wait(20) == 0
        assert time.monotonic() - start < 1.5 + 2 + 2
        stuck.go.set()


def test_a_call_outlives_its_connection() -> None:
    """A connection that is told to go takes no new calls; what runs on it ends as it should, and new calls connect anew."""
    with local_server(connection_seconds=1) as local, local.channel() as channel:
        gate = Gate(begin(), type(begin()), batch(start_offset=3), end(6, 2))
        call = open_call(channel, gate)
        time.sleep(2.5)
        gate.go.set()
        assert outcome_of(call).code is grpc.StatusCode.OK
        assert_answers(channel)


def test_a_call_that_does_not_finish_is_ended() -> None:
    with running_server("--stop-seconds", "0.5") as process, process.channel() as channel:
        gate = Gate(begin(), type(begin()))
        call = open_call(channel, gate)
        soon(lambda: process.metric("core20plus5_rows_received_total") == 3)
        start = time.monotonic()
        process.process.send_signal(signal.SIGTERM)
        outcome = outcome_of(call)
        assert outcome.code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.UNKNOWN)
        assert outcome.replies == []
        assert process.process.wait(20) == 0
        assert time.monotonic() - start < 10
        gate.go.set()
