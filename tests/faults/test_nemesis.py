"""Servers that die and connections that break: the answer is exactly that of an undisturbed run, or a clear error."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from core20plus5_client import Client
from tests.faults.asking import EXACT, RELEASED, all_flags, assert_same_flags, assert_same_result, sample
from tests.faults.fleet import Fleet
from tests.faults.nemesis import Fate, nemesis
from tests.faults.schedule import Schedule

#: Seeds whose schedules are short and unlike each other. By hand: python -m tests.faults --schedules 200.
SEEDS = (12, 16, 22, 23)


@pytest.fixture(scope="module", name="fleet")
def _fleet() -> Iterator[Fleet]:
    with Fleet() as fleet:
        yield fleet


@pytest.fixture(scope="module", name="people")
def _people() -> pa.Table:
    return sample(60_000)


@pytest.mark.parametrize("seed", SEEDS)
def test_exactly_right_or_a_clear_error(fleet: Fleet, seed: int) -> None:
    """To see one again: python -m tests.faults --schedule SEED."""
    assert Schedule.of(seed).run(fleet) in ("exact", "ServerUnavailableError", "DeadlineError", "ServerBusyError")


def test_a_schedule_follows_from_its_seed() -> None:
    found = [Schedule.of(seed) for seed in range(200)]
    assert found == [Schedule.of(seed) for seed in range(200)]
    assert {schedule.how for schedule in found} == {"parts", "whole", "flags", "once"}
    assert {schedule.ending for schedule in found} == {"", "KILL", "TERM"}
    assert {fate.kind for schedule in found for fates in schedule.fates for fate in fates} == set(Fate.KINDS)


@pytest.mark.parametrize("how", ["KILL", "TERM"])
def test_a_server_that_dies_in_mid_question_changes_nothing(fleet: Fleet, people: pa.Table, how: str) -> None:
    fleet.heal()
    ways: list[tuple[dict[str, Any], Any]] = [({"shard_rows": 3_000}, EXACT)]
    if how == "KILL":  # the other signal lets a stream that has begun end as it should
        ways.append(({}, RELEASED))
    for more, asked in ways:
        fleet.heal()
        with Client(fleet.addresses[1], deadline=120) as client:
            expected = client.count_cohorts(people, **asked)
        with Client(fleet.addresses, deadline=120, tries=8, **more) as client:
            ender = _end_once_it_has_rows(fleet, how)
            found = client.count_cohorts(_slow(people), **asked)
            ender.join()
        assert_same_result(found, expected)


def _slow(people: pa.Table) -> "list[pa.RecordBatch]":
    return _Slow(people.to_batches(max_chunksize=2_000))


class _Slow(list[Any]):
    """Batches that come slowly enough for a server to be ended among them."""

    def __iter__(self) -> Iterator[Any]:
        for batch in super().__iter__():
            time.sleep(0.02)
            yield batch


def _end_once_it_has_rows(fleet: Fleet, how: str) -> threading.Thread:
    server = fleet.servers[0]
    before = server.metric("core20plus5_rows_received_total")

    def end() -> None:
        while server.metric("core20plus5_rows_received_total") < before + 6_000:
            time.sleep(0.01)
        fleet.end(0, how)

    thread = threading.Thread(target=end)
    thread.start()
    return thread


def test_nor_does_it_change_flags(fleet: Fleet, people: pa.Table) -> None:
    fleet.heal()
    some = people.slice(0, 40_000)
    with Client(fleet.addresses[1], deadline=60) as client:
        expected = all_flags(client, some)
    with Client(fleet.addresses[0], deadline=60) as first:
        first.server_info()
    with nemesis(fleet.addresses[0], [Fate("reset", 3_000_000)]) as broken:
        with Client(broken.address, deadline=60) as client:
            assert_same_flags(all_flags(client, some), expected)
        assert broken.met == 1
        assert broken.connections == 2


def test_a_server_that_was_started_anew_is_found(fleet: Fleet) -> None:
    fleet.heal()
    people = sample(9_000, 3)
    with Client(fleet.addresses[1], deadline=60) as client:
        expected = client.count_cohorts(people, **RELEASED)
    with nemesis(fleet.addresses[0], [Fate("reset", 200_000), Fate("refuse"), Fate("truncate", 500_000)]) as proxy:
        with Client(proxy.address, deadline=60, tries=8) as client:
            for _ in range(3):
                assert_same_result(client.count_cohorts(people, **RELEASED), expected)
        assert proxy.met == 3


def test_nothing_stays_behind(fleet: Fleet) -> None:
    fleet.heal()
    until = time.monotonic() + 20
    while any(server.metric("core20plus5_streams_in_flight") for server in fleet.servers):
        assert time.monotonic() < until
        time.sleep(0.1)
    fleet.check()
