"""The server as operators run it: a process of its own, on real sockets, ended by SIGTERM."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import grpc
from prometheus_client.parser import text_string_to_metric_families

COMMAND = (sys.executable, "-m", "core20plus5_service")

#: Compiling the kernels takes a minute where nothing is cached yet.
_START_SECONDS = 180
_STOP_SECONDS = 60
_SERVING = re.compile(r"serving listen=(\S+) metrics=(\S+)")


def environment(**more: str) -> dict[str, str]:
    """The environment of this process, where a child finds the same packages and writes its output unwrapped."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "COLUMNS": "120"} | more


class ServerProcess:
    """A server that has said that it serves. Its stderr is a file: to read along would take time of whoever measures it.

    log: that file, empty; its name is not needed.
    """

    def __init__(self, process: "subprocess.Popen[str]", log: IO[bytes]) -> None:
        self.process = process
        self.listen = self.operators = ""
        self._log = log

    @property
    def lines(self) -> list[str]:
        """What it has written so far."""
        number = self._log.fileno()
        # Not by reading on: the server writes where this process stopped reading.
        return os.pread(number, os.fstat(number).st_size, 0).decode().splitlines(keepends=True)

    def wait_until_serving(self) -> None:
        """Fails with what the server wrote where it does not start."""
        until = time.monotonic() + _START_SECONDS
        while not (found := _SERVING.search("".join(self.lines))):
            ended = self.process.poll() is not None or time.monotonic() > until
            assert not ended, "the server did not start:\n" + "".join(self.lines)
            time.sleep(0.01)
        self.listen, self.operators = found.groups()

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(_STOP_SECONDS)

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of a page of the operators' port."""
        try:
            with urllib.request.urlopen(f"http://{self.operators}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def metrics(self) -> dict[tuple[str, ...], float]:
        """Every sample of /metrics, by its name and the values of its labels, sorted: their order is not ours."""
        families = text_string_to_metric_families(self.get("/metrics")[1])
        return {(found.name, *sorted(found.labels.values())): found.value for family in families for found in family.samples}

    def metric(self, name: str) -> float:
        """One sample without labels."""
        return self.metrics()[(name,)]

    def channel(self, **options: Any) -> grpc.Channel:
        """A raw connection, without any client around it."""
        return grpc.insecure_channel(self.listen, [(f"grpc.{name}", value) for name, value in options.items()])


@contextmanager
def running_server(*flags: str, command: tuple[str, ...] = COMMAND, **variables: str) -> Iterator[ServerProcess]:
    """A server for as long as it is wanted. It must end with exit code 0."""
    arguments = [*command, "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0", *flags]
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(arguments, env=environment(**variables), stderr=log, text=True) as process,
    ):
        server = ServerProcess(process, log)
        try:
            server.wait_until_serving()
            yield server
            assert server.stop() == 0, "".join(server.lines)
        finally:
            process.kill()
