"""Case 7: from start to SERVING, with a warm and with a cold compile cache and on a read-only file system; and an import."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.benchmarks.bench import Bench
from tests.benchmarks.result import Claim, Result
from tests.e2e.process import COMMAND, running_server

TITLE = "Start"
_IMPORT = "import time; start = time.perf_counter(); import core20plus5_client; print(time.perf_counter() - start)"

#: In a mount namespace of its own, every file system that it sees is remounted read-only, but for those that the kernel makes.
_READ_ONLY = (
    "mount --make-rprivate / && mount --bind / / && mount -o remount,bind,ro / && for at in /tmp /root /home /work /var;"
    ' do [ -d $at ] && mount --bind $at $at && mount -o remount,bind,ro $at; done; exec "$@"'
)


def run(bench: Bench) -> Result:
    """The compile cache of this checkout is not touched: each server has a folder of its own for it."""
    result = Result("start", TITLE)
    with tempfile.TemporaryDirectory() as cache:
        cold = _seconds_to_serving(NUMBA_CACHE_DIR=cache)
        warm = [_seconds_to_serving(NUMBA_CACHE_DIR=cache) for _ in range(bench.repetitions)]
        result.claims.append(Claim("start to SERVING, cold compile cache", cold, 30, "s", most=True))
        result.claims.append(Claim("start to SERVING, warm compile cache", median(warm), 5, "s", most=True))
        _read_only(result)
    imports = [float(subprocess.check_output([sys.executable, "-c", _IMPORT])) for _ in range(max(5, bench.repetitions))]
    result.claims.append(Claim("import core20plus5_client", median(imports), 0.5, "s", most=True))
    return result


def _read_only(result: Result) -> None:
    unshare = shutil.which("unshare")
    command = (str(unshare), "--mount", *(() if os.geteuid() == 0 else ("--map-root-user",)), "sh", "-c", _READ_ONLY, "sh")
    works = unshare and subprocess.run([*command, "sh", "-c", "! touch /tmp/x"], capture_output=True, check=False)
    if not works or works.returncode:
        result.remarks.append("no mount namespaces here: a read-only file system was not tried")
        return
    bytecode = {"PYTHONDONTWRITEBYTECODE": "1", "NUMBA_CACHE_DIR": str(Path(tempfile.gettempdir()) / "no-such-cache")}
    seconds = _seconds_to_serving((*command, *COMMAND), **bytecode)
    result.claims.append(Claim("start to SERVING, nothing can be written", seconds, 30, "s", most=True))


def _seconds_to_serving(command: tuple[str, ...] = COMMAND, **variables: str) -> float:
    """By its log, which says so once health does; then health is asked."""
    start = perf_counter()
    with running_server(command=command, **variables) as server:
        seconds = perf_counter() - start
        with server.channel() as channel:
            health = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=5)
        assert health.status == health_pb2.HealthCheckResponse.SERVING
        return seconds
