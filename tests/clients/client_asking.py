"""A client and a fake server for a test, and short ways to ask."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import grpc
import pyarrow as pa
import pytest

from core20plus5_client import Client
from tests.clients import client_fake as fake
from tests.clients.client_fake import FakeServer

ASK: dict[str, Any] = {"reference_date": date(2026, 3, 31), "imd_version": "2025"}


@pytest.fixture(name="server")
def server_fixture() -> Iterator[FakeServer]:
    with fake.fake_server() as server:
        yield server
        assert [seen.problems for seen in server.calls if seen.problems] == []


@pytest.fixture(name="client")
def client_fixture(server: FakeServer) -> Iterator[Client]:
    before = set(threading.enumerate())
    with Client(server.target, deadline=20, tries=1) as client:
        yield client
    assert_soon(lambda: not [thread for thread in set(threading.enumerate()) - before if not _of_the_server(thread)])


def _of_the_server(thread: threading.Thread) -> bool:
    return thread.name.startswith("ThreadPoolExecutor")


def assert_soon(condition: Callable[[], bool], seconds: float = 20) -> None:
    """What happens in another thread, or at the server, happens soon, even on a busy machine."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it has not happened"
        time.sleep(0.01)


def people(rows: int, first: int = 0) -> pa.Table:
    ids = [f"person {number:09d}" for number in range(first, first + rows)]
    return pa.table({"person_id": ids, "age_years": pa.array([40] * rows, pa.int32()), "sex": ["F"] * rows})


def flagged(client: Client, data: Any, **more: Any) -> pa.Table:
    stream = client.flag_patients(data, **ASK | more)
    return pa.Table.from_batches(list(stream), schema=stream.schema)


def abort(context: Any, code: str, text: str = "") -> Any:
    """End a call of a fake server with a status."""
    return context.abort(getattr(grpc.StatusCode, code), text)


def many(batches: int, rows: int = 1_000) -> Iterator[pa.Table]:
    """People without end, or nearly."""
    return (people(rows, first=rows * number) for number in range(batches))


class OwnError(Exception):
    """Raised by the caller's own code."""


def failing(after: int, error: BaseException) -> Iterator[pa.Table]:
    """Records whose source fails after some batches."""
    yield from many(after)
    raise error
