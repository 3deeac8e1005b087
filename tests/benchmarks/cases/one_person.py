"""Case 6: the flags of one person, from request to reply, on a server that has nothing else to do."""

from collections.abc import Callable
from time import perf_counter
from typing import Any
from unittest.mock import patch

import numpy as np

from core20plus5_client import Client
from core20plus5_client.calls import Deadline
from core20plus5_client.connection import Connection
from core20plus5_proto.v1 import service_pb2 as service
from tests.benchmarks.bench import Bench
from tests.benchmarks.contestants.server import benchmark_server
from tests.benchmarks.question import COARSE
from tests.benchmarks.result import Claim, Result

TITLE = "One person's flags on an idle server"
_TIMES = 200
_WARM_UP = 50
_METHOD = "/core20plus5.v1.CohortService/FlagFew"


def run(bench: Bench) -> Result:
    """The call itself, with a message each way, and the client's whole method, which describes the server to itself first."""
    result = Result("one", TITLE)
    person = bench.small.table().slice(4_321, 1)
    question = COARSE.arguments()
    asked = {name: value for name, value in question.items() if name not in ("strata", "cohorts", "disclosure")}
    with benchmark_server(bench.data) as server, Client(server.listen) as client:
        message, method = _message(client, person, asked), client.servers.connections[0].channel.unary_unary(_METHOD)
        call = _times(lambda: method(message), bench.repetitions * _TIMES)
        whole = _times(lambda: list(client.flag_patients(person, **asked)), bench.repetitions * _TIMES)
    for name, times in {"the call": call, "the client's flag_patients": whole}.items():
        result.rows.append(_row(name, times))
    result.claims.append(Claim("median of the call", float(np.median(call)) * 1e3, 2, "ms", most=True))
    result.claims.append(Claim("99th percentile of the call", float(np.quantile(call, 0.99)) * 1e3, 10, "ms", most=True))
    whole_ms = (float(np.median(whole)) * 1e3, float(np.quantile(whole, 0.99)) * 1e3)
    result.remarks.append(
        f"through the client's flag_patients: median {whole_ms[0]:.2f} ms, 99th percentile {whole_ms[1]:.2f} ms"
    )
    return result


def _message(client: Client, person: Any, asked: dict[str, Any]) -> bytes:
    """What the client sends for this person."""
    sent: list[bytes] = []
    connection = client.servers.connections[0]

    def few(request: bytes, until: Deadline) -> service.FlagFewResponse:
        sent.append(request)
        return Connection.few(connection, request, until)

    with patch.object(connection, "few", few):
        (flags,) = client.flag_patients(person, **asked)
    assert flags.num_rows == len(sent) == 1
    return sent[0]


def _times(work: Callable[[], Any], times: int) -> list[float]:
    """Seconds of each time, after some that warm up."""
    found = []
    for _ in range(_WARM_UP + times):
        start = perf_counter()
        work()
        found.append(perf_counter() - start)
    return found[_WARM_UP:]


def _row(name: str, times: list[float]) -> dict[str, Any]:
    return {
        "contestant": name,
        "part": f"one person, {len(times):,} times",
        "seconds": float(np.median(times)),
        "least": min(times),
        "most": max(times),
    }
