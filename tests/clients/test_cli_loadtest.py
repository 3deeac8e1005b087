"""`core20plus5 loadtest`: what it sends is bounded, what it says is what happened."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core20plus5_cli.connection import Connection
from core20plus5_cli.loadtest import Plan, Tally, _quantile, summarise
from tests.e2e.process import ServerProcess, environment, running_server

SMALL = ("--people", "20000", "--streams", "2")


def loadtest(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "core20plus5_cli", "loadtest", *arguments]
    return subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module", name="server")
def _server() -> Iterator[ServerProcess]:
    with running_server("--max-calls", "2") as server:
        yield server


def test_what_it_says_is_what_the_server_saw(server: ServerProcess, tmp_path: Path) -> None:
    before = server.metric("core20plus5_rows_received_total")
    done = loadtest(
        "--server", server.listen, *SMALL, "--calls", "6", "--seconds", "120", "--report", str(tmp_path / "report.json")
    )
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["calls_answered"], report["rows"], report["errors"]) == (6, 120_000, {})
    assert server.metric("core20plus5_rows_received_total") - before == 120_000
    assert 0 < report["call_seconds"]["p50"] <= report["call_seconds"]["max"] < report["seconds"]
    assert report["rows_per_second"] == pytest.approx(120_000 / report["seconds"], rel=0.01)
    assert "rows/s over 2 streams" in done.stdout
    assert "failed calls       none" in done.stdout


def test_flags(server: ServerProcess) -> None:
    done = loadtest("--server", server.listen, *SMALL, "--calls", "2", "--seconds", "120", "--flags")
    assert done.returncode == 0, done.stderr
    assert server.metrics()["grpc_server_handled_total", "FlagPatients", "OK", "bidi_stream", "core20plus5.v1.CohortService"] == 2


def test_it_ends_by_itself(server: ServerProcess) -> None:
    start = time.monotonic()
    assert loadtest("--server", server.listen, *SMALL, "--seconds", "1").returncode == 0
    assert time.monotonic() - start < 30


def test_refusals_are_counted(server: ServerProcess) -> None:
    done = loadtest("--server", server.listen, "--people", "100000", "--streams", "6", "--calls", "12")
    assert done.returncode == 2
    assert "ServerBusyError" in done.stdout


def test_no_server() -> None:
    done = loadtest("--server", "127.0.0.1:1", *SMALL)
    assert done.returncode == 2
    assert done.stderr.startswith("core20plus5: no core20plus5 server answers at 127.0.0.1:1 ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value"), [("seconds", "1e9"), ("calls", "0"), ("streams", "1000"), ("people", "-1"), ("seconds", "nan")]
)
def test_bounds(name: str, value: str) -> None:
    done = loadtest("--server", "127.0.0.1:1", f"--{name}", value)
    assert (done.returncode, done.stderr.partition(" must be")[0]) == (2, f"core20plus5: --{name}")


def test_quantiles() -> None:
    assert [_quantile([float(number) for number in range(1, 101)], share) for share in (0.5, 0.9, 0.99, 1.0)] == [50, 90, 99, 100]
    assert _quantile([7.0], 0.99) == 7
    summary = summarise(Plan(Connection("here"), 1, 1, 1, 1, (), False), Tally(), 2.0, 1.0)
    assert (summary.call_seconds, summary.rows_per_second, summary.client_processors) == ({}, 0, 0.5)
