"""What is around a server fails: its log cannot be written, its clock jumps. It answers as before."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.e2e.process import COMMAND, environment, running_server
from tests.programs import missing
from tests.service.wire import ask, assert_answers, batch, begin, end

#: Until the kernels are compiled.
_START_SECONDS = 120


# A server that may write files of so many bytes and no larger ones.
_LIMITED = """
import resource, sys
from core20plus5_service.__main__ import main
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
sys.exit(main(sys.argv[1:]))
"""


@contextmanager
def server_at(port: int, stderr: Any, command: tuple[str, ...] = COMMAND) -> Iterator["subprocess.Popen[bytes]"]:
    """A server whose log nobody can read: it is known by its port."""
    arguments = [*command, "--listen", f"127.0.0.1:{port}", "--metrics-listen", "", "--idle-seconds", "2"]
    with subprocess.Popen(arguments, env=environment(), stdout=stderr, stderr=stderr) as process:
        try:
            wait_until_serving(port, process)
            yield process
        finally:
            process.kill()


def wait_until_serving(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _START_SECONDS
    with grpc.insecure_channel(f"127.0.0.1:{port}", [("grpc.use_local_subchannel_pool", 1)]) as channel:
        check = health_pb2_grpc.HealthStub(channel).Check
        while True:
            assert process.poll() is None, "the server ended"
            assert time.monotonic() < until
            try:
                answer = check(health_pb2.HealthCheckRequest(), timeout=2, wait_for_ready=True)
                if answer.status == health_pb2.HealthCheckResponse.SERVING:
                    return
            except grpc.RpcError:
                time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def assert_serves_and_stops(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Right calls, wrong ones that are logged, and an end by SIGTERM with exit code 0."""
    with grpc.insecure_channel(f"127.0.0.1:{port}", [("grpc.use_local_subchannel_pool", 1)]) as channel:
        for _ in range(3):
            assert_answers(channel)
            assert ask(channel, [begin()]).code is grpc.StatusCode.OUT_OF_RANGE
    process.terminate()
    assert process.wait(60) == 0


def test_a_full_disk_under_the_log() -> None:
    port = free_port()
    with Path("/dev/full").open("wb") as full, server_at(port, full) as process:
        assert_serves_and_stops(port, process)


def test_a_log_that_may_not_grow(tmp_path: Path) -> None:
    """The log is a file at its largest size: each write fails, and the kernel sends a signal with it."""
    port = free_port()
    log = tmp_path / "log"
    log.write_bytes(b"x" * 4_096)

    with log.open("ab") as file, server_at(port, file, (sys.executable, "-c", _LIMITED)) as process:
        assert_serves_and_stops(port, process)
    assert log.stat().st_size == 4_096


def test_a_log_that_nobody_reads_any_more() -> None:
    port = free_port()
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe, server_at(port, pipe) as process:
        assert_serves_and_stops(port, process)


# The wall clock of one process, moved by a library that stands before libc's.
_CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <sys/time.h>
static long shift(void) {
    long seconds = 0;
    const char *path = getenv("CLOCK_SHIFT_FILE");
    FILE *file = path ? fopen(path, "r") : NULL;
    if (file) { if (fscanf(file, "%ld", &seconds) != 1) seconds = 0; fclose(file); }
    return seconds;
}
int clock_gettime(clockid_t which, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(which, now);
    if (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE) now->tv_sec += shift();
    return result;
}
int gettimeofday(struct timeval *now, void *zone) {
    struct timespec found;
    int result = clock_gettime(CLOCK_REALTIME, &found);
    now->tv_sec = found.tv_sec; now->tv_usec = found.tv_nsec / 1000;
    return result;
}
time_t time(time_t *out) {
    struct timespec found;
    clock_gettime(CLOCK_REALTIME, &found);
    if (out) *out = found.tv_sec;
    return found.tv_sec;
}
"""


@pytest.fixture(name="clock")
def _clock(tmp_path: Path) -> tuple[Path, Path]:
    """The library, and the file that says by how many seconds the clock is wrong."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        missing("needs a C compiler, to move the clock of one process")
    source, library, shift = tmp_path / "clock.c", tmp_path / "clock.so", tmp_path / "shift"
    source.write_text(_CLOCK, encoding="ascii")
    subprocess.run([str(compiler), "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"], check=True)
    shift.write_text("0", encoding="ascii")
    return library, shift


def test_a_clock_that_jumps(clock: tuple[Path, Path]) -> None:
    """A day forth and ten years back, in mid-call: no call is late, idle or refused for it, and the process lives."""
    library, shift = clock
    moved = {"LD_PRELOAD": str(library), "CLOCK_SHIFT_FILE": str(shift)}
    shift.write_text("86400", encoding="ascii")
    now = subprocess.run([sys.executable, "-c", _NOW], capture_output=True, text=True, check=True, env=os.environ | moved)
    assert 80_000 < float(now.stdout) - time.time() < 90_000
    shift.write_text("0", encoding="ascii")

    def jumping(seconds: int) -> Iterator[Any]:
        yield begin()
        yield batch()
        shift.write_text(str(seconds), encoding="ascii")
        time.sleep(0.3)
        yield batch(start_offset=3)
        yield end(6, 2)

    with running_server("--idle-seconds", "2", **moved) as server:
        with server.channel(use_local_subchannel_pool=1) as channel:
            for seconds in (86_400, -315_360_000, 0):
                outcome = ask(channel, jumping(seconds), timeout=20)
                assert outcome.code is grpc.StatusCode.OK
                assert outcome.replies[-1].end.ledger.rows_counted == 6
                assert server.get("/livez")[0] == server.get("/readyz")[0] == 200
        assert server.metric("core20plus5_ledger_imbalance_total") == 0


_NOW = "import time; print(time.time())"
