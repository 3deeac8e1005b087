"""A short soak: many streams at once, every count right, nothing left behind. The long one: python -m tests.faults.soak."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.e2e.process import ServerProcess, running_server
from tests.faults.soak import SMALL, problems, soak

STREAMS = 12


@pytest.fixture(name="server")
def _server() -> Iterator[ServerProcess]:
    with running_server("--allow-exact", "--max-calls", str(STREAMS), "--max-message-bytes", str(4 << 20), *SMALL) as server:
        yield server


def test_many_streams_at_once(server: ServerProcess) -> None:
    """How soon health is answered is not judged here: machines that run tests are busy."""
    report = soak(server, STREAMS, seconds=5, seed=1)
    report = replace(report, rss_mib=[0.0] * 5)  # five seconds are too short to tell growth from filling up
    assert problems(report, health_ms=None) == []
    assert report.health["asked"] > 10
    assert sum(report.calls.values()) > STREAMS
    assert report.server.threads < 2 * STREAMS + 40
    assert report.server.files < 6 * STREAMS + 40
