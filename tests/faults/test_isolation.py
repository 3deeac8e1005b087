"""A caller who reads or writes slowly, or not at all, costs only its own stream; who goes, frees what was held."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pyarrow as pa
import pytest

from core20plus5_client import Client, DeadlineError
from tests.e2e.process import ServerProcess, running_server
from tests.faults.asking import ASK, RELEASED, sample
from tests.faults.watching import look

STUCK = 4


@pytest.fixture(scope="module", name="server")
def _server() -> Iterator[ServerProcess]:
    sizes = ("--max-calls", str(2 * STUCK + 2), "--max-message-bytes", str(1 << 20), "--recommended-message-bytes", str(1 << 18))
    with running_server("--allow-exact", "--idle-seconds", "60", *sizes) as server:
        yield server


@pytest.fixture(scope="module", name="people")
def _people() -> pa.Table:
    return sample(60_000)


def soon(condition: object, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < until, "it has not come true"
        time.sleep(0.02)


def in_flight(server: ServerProcess) -> float:
    return server.metric("core20plus5_streams_in_flight")


def test_others_are_answered_while_some_neither_read_nor_write(server: ServerProcess, people: pa.Table) -> None:
    go = threading.Event()

    def stuck() -> Iterator[pa.RecordBatch]:
        yield from people.slice(0, 9_000).to_batches()
        go.wait(60)
        yield from people.slice(9_000, 1_000).to_batches()

    with ExitStack() as stack, ThreadPoolExecutor(STUCK) as pool:
        stack.callback(go.set)
        client = stack.enter_context(Client(server.listen, deadline=120))
        expected = client.count_cohorts(people, **RELEASED).counts
        before = look(server.process.pid)
        readers = [stack.enter_context(Client(server.listen, deadline=120)) for _ in range(STUCK)]
        unread = [stack.enter_context(reader.flag_patients(pa.concat_tables([people] * 4), **ASK)) for reader in readers]
        writers = [pool.submit(client.count_cohorts, stuck(), **RELEASED) for _ in range(STUCK)]
        soon(lambda: in_flight(server) == 2 * STUCK)
        for _ in range(3):
            assert client.count_cohorts(people, **RELEASED).counts.equals(expected)
        assert in_flight(server) == 2 * STUCK  # nobody was pushed out
        assert look(server.process.pid).rss_mib - before.rss_mib < 60 * 2 * STUCK
        go.set()
        right = client.count_cohorts(people.slice(0, 10_000), **RELEASED).counts
        assert all(writer.result().counts.equals(right) for writer in writers)
        assert [sum(batch.num_rows for batch in flags) for flags in unread] == [240_000] * STUCK
    soon(lambda: in_flight(server) == 0)


@pytest.mark.parametrize("how", ["deadline", "close", "client"])
def test_what_ends_early_frees_its_work_at_once(server: ServerProcess, people: pa.Table, how: str) -> None:
    """All that was sent is far more than a batch; little more of it is read once the call has ended."""
    much = pa.concat_tables([people] * 40)
    with Client(server.listen, deadline=120) as client:
        if how == "deadline":
            with pytest.raises(DeadlineError):
                client.count_cohorts(much, **RELEASED, deadline=0.4)
        else:
            flags = client.flag_patients(much, **ASK)
            next(flags)
            (flags if how == "close" else client).close()
        soon(lambda: in_flight(server) == 0, 15)
        received = server.metric("core20plus5_rows_received_total")
        time.sleep(0.3)
        assert server.metric("core20plus5_rows_received_total") == received
        assert server.metric("core20plus5_queue_depth") == 0


def test_a_search_for_proofs_that_nobody_waits_for_ends(server: ServerProcess, people: pa.Table) -> None:
    """Stratum by stratum it takes seconds of two processors; a call that is late frees them."""
    asked = RELEASED | {"strata": ["imd_decile"], "completeness": False}
    with Client(server.listen, deadline=120) as client:
        begun = processor_seconds(server)
        client.count_cohorts(people.slice(0, 200), **asked)
        whole = processor_seconds(server) - begun
        begun = processor_seconds(server)
        with pytest.raises(DeadlineError):
            client.count_cohorts(people.slice(0, 200), **asked, deadline=0.3)
        time.sleep(0.6 * whole)  # long enough for all of it
        assert processor_seconds(server) - begun < 0.7 * whole


def processor_seconds(server: ServerProcess) -> float:
    return server.metric("process_cpu_seconds_total")
