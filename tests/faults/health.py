"""How long a server takes to say how it is, asked over and over from a process of its own, which nothing else delays."""

import json
import subprocess
import sys
import threading
import time

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.e2e.process import environment

_EVERY = 0.05


class Prober:
    """Asks every 50 ms for as long as it is entered."""

    def __init__(self, address: str) -> None:
        command = [sys.executable, "-m", "tests.faults.health", address]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment())
        self._found: dict[str, float] = {}

    def __enter__(self) -> "Prober":
        assert self._child.stdout is not None
        assert self._child.stdout.readline() == "asking\n"
        return self

    def __exit__(self, *_: object) -> None:
        text, _ = self._child.communicate(timeout=60)
        self._found = json.loads(text)

    def summary(self) -> dict[str, float]:
        """asked: how often; p50, p99, max: milliseconds. Fails where the server did not say that it serves."""
        assert self._found, "health was not answered"
        return self._found


def ask(address: str, stop: threading.Event) -> list[float]:
    """Seconds of each answer."""
    seconds: list[float] = []
    with grpc.insecure_channel(address) as channel:
        check = health_pb2_grpc.HealthStub(channel).Check
        while not stop.wait(_EVERY):
            start = time.perf_counter()
            answer = check(health_pb2.HealthCheckRequest(), timeout=30)
            seconds.append(time.perf_counter() - start)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
            if len(seconds) == 1:
                sys.stdout.write("asking\n")
                sys.stdout.flush()
    return seconds[1:]  # the first one had to connect


def main(address: str) -> None:
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    found = sorted(ask(address, stop)) or [0.0]
    places = {"p50": len(found) // 2, "p99": len(found) * 99 // 100, "max": len(found) - 1}
    numbers = {name: round(1e3 * found[place], 1) for name, place in places.items()}
    sys.stdout.write(json.dumps({"asked": len(found)} | numbers) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
