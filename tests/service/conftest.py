"""A server in this process with exact counts and low limits, and a connection to it."""

from collections.abc import Iterator

import grpc
import pytest

from tests.service.in_process import LocalServer, local_server, soon


@pytest.fixture(scope="session", name="local")
def _local() -> Iterator[LocalServer]:
    limits = {"max_batch_rows": 1_000, "max_stream_rows": 2_000, "max_stream_bytes": 1 << 20, "max_columns": 20, "max_strata": 2}
    sizes = {"max_message_bytes": 1 << 17, "recommended_message_bytes": 1 << 16, "idle_seconds": 2, "max_calls": 4}
    with local_server(allow_exact=True, **limits, **sizes) as server:
        yield server


@pytest.fixture(name="channel")
def _channel(local: LocalServer) -> Iterator[grpc.Channel]:
    with local.channel() as channel:
        yield channel
    soon(lambda: local.metric("core20plus5_streams_in_flight") == 0)
