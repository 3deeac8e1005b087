"""Case 8: four streams at once, each from a process of its own, while health is asked."""

import threading
from functools import partial
from time import perf_counter, sleep

import grpc
import numpy as np
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.benchmarks.bench import Bench, children
from tests.benchmarks.contestants.server import benchmark_server
from tests.benchmarks.contestants.service import Service
from tests.benchmarks.measure import Samples
from tests.benchmarks.question import BY_ICB_AND_QUINTILE
from tests.benchmarks.result import Claim, Result

TITLE = "Four streams at once"
_STREAMS = 4
_EVERY = 0.01


class Prober:
    """Asks for health over and over in a thread; `seconds` has how long each answer took."""

    def __init__(self, address: str) -> None:
        self.seconds: list[float] = []
        self._stop = threading.Event()
        self._channel = grpc.insecure_channel(address)
        self._check = health_pb2_grpc.HealthStub(self._channel).Check
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Prober":
        self._check(health_pb2.HealthCheckRequest(), timeout=10)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._channel.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            start = perf_counter()
            self._check(health_pb2.HealthCheckRequest(), timeout=10)
            self.seconds.append(perf_counter() - start)
            sleep(_EVERY)


def run(bench: Bench) -> Result:
    """Everyone by one stream, and by four at once that have everyone each, in turn."""
    result = Result("streams", TITLE)
    one, four = Samples(), Samples()
    with benchmark_server(bench.data) as server:
        make = partial(Service, bench.data, BY_ICB_AND_QUINTILE, server.listen)
        with children({f"stream {k + 1}": make for k in range(_STREAMS)}) as streams:
            alone = streams[0]
            for child in streams:  # to warm up
                child.run("count")
            with Prober(server.listen) as prober:
                for _ in range(bench.repetitions):
                    one.add(alone.run("count"))
                    start = perf_counter()
                    for child in streams:
                        child.start("count")
                    for child in streams:
                        child.finish()
                    four.add({"total": perf_counter() - start})
    result.rows = one.rows("one stream", bench.people) + four.rows("four streams", _STREAMS * bench.people)
    ratio = _STREAMS * one.median("total") / four.median("total")
    result.claims.append(Claim("throughput of four streams over that of one", ratio, 1))
    slowest = max(prober.seconds) * 1e3
    result.claims.append(Claim("slowest answer about health", slowest, 100, "ms", most=True))
    share = float(np.quantile(prober.seconds, 0.99)) * 1e3
    result.remarks.append(f"health was asked {len(prober.seconds):,} times: 99th percentile {share:.1f} ms")
    return result
