"""What operators see: health, /metrics, /livez, /readyz, reflection, and a server that is full."""

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from prometheus_client.parser import text_string_to_metric_families

from core20plus5_proto.v1 import service_pb2 as service
from core20plus5_service import heartbeat
from core20plus5_service import server as server_module
from core20plus5_service.labels import STAGES
from tests.e2e.process import ServerProcess, running_server
from tests.service.in_process import LocalServer, local_server, soon
from tests.service.wire import SERVICE, ask, assert_answers, batch, begin, begin_flags, end, open_call, outcome_of, whole_call
from tests.tables import people

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


@pytest.fixture(scope="module", name="process")
def _process() -> Iterator[ServerProcess]:
    with running_server("--max-calls", "4", "--reflection") as server:
        yield server


def health(channel: grpc.Channel, name: str = "") -> Any:
    stub: Any = health_pb2_grpc.HealthStub(channel)
    return stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=10).status


def test_not_serving_before_everything_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = threading.Event()
    monkeypatch.setattr(server_module, "warm_up", lambda processors: waiting.wait(60))
    local = LocalServer(metrics_listen="127.0.0.1:0")
    try:
        starting = threading.Thread(target=local.start)
        starting.start()
        soon(lambda: local.server._grpc is not None)
        assert not local.server.ready
        assert [status_of(local, page) for page in ("/livez", "/readyz", "/startupz")] == [200, 503, 503]
        statuses = [local.run(local.server._health.Check(health_pb2.HealthCheckRequest(service=n), None)) for n in ("", SERVICE)]
        assert [found.status for found in statuses] == [NOT_SERVING] * 2
        waiting.set()
        starting.join(60)
        assert local.server.ready
        assert [status_of(local, page) for page in ("/livez", "/readyz", "/startupz")] == [200, 200, 200]
        with local.channel() as channel:
            assert [health(channel, name) for name in ("", SERVICE)] == [SERVING] * 2
            with pytest.raises(grpc.RpcError) as raised:
                health(channel, "no.such.Service")
            assert raised.value.code() is grpc.StatusCode.NOT_FOUND
        local.stop()
        assert not local.server.ready
    finally:
        waiting.set()
        local.close()


def status_of(local: LocalServer, page: str) -> int:
    try:
        with urllib.request.urlopen(f"http://{local.server.operators_address}{page}", timeout=10) as answer:
            status: int = answer.status
    except urllib.error.HTTPError as error:
        with error:
            status = error.code
    return status


def test_not_alive_when_the_event_loop_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "DEAD_AFTER", 1.5)
    with local_server(metrics_listen="127.0.0.1:0") as local:
        assert status_of(local, "/livez") == 200
        go = threading.Event()
        local.loop.call_soon_threadsafe(go.wait, 60)
        soon(lambda: status_of(local, "/livez") == 503)
        go.set()
        soon(lambda: status_of(local, "/livez") == 200)


def test_health_answers_at_once_under_load(process: ServerProcess) -> None:
    crowd, outcomes = people(50_000, imd_decile_2025=[1] * 50_000, sex=["F"] * 50_000), []

    def count() -> None:
        with process.channel(use_local_subchannel_pool=1) as channel:
            outcomes.append(ask(channel, whole_call(crowd, 40, strata=["sex"])).code)

    busy = [threading.Thread(target=count) for _ in range(4)]
    for thread in busy:
        thread.start()
    slowest, together = 0.0, 0.0
    with process.channel(use_local_subchannel_pool=1) as channel:
        while any(thread.is_alive() for thread in busy):
            start = time.perf_counter()
            assert health(channel, SERVICE) == SERVING
            assert process.get("/readyz")[0] == 200
            slowest = max(slowest, time.perf_counter() - start)
            together = max(together, process.metric("core20plus5_streams_in_flight"))
    assert outcomes == [grpc.StatusCode.OK] * 4
    assert slowest < 1
    assert together >= 2


def test_pages(process: ServerProcess) -> None:
    assert process.get("/livez") == (200, "alive\n")
    assert process.get("/readyz") == (200, "ready\n")
    assert process.get("/metrics?x=1")[0] == 200
    assert process.get("/startupz") == (200, "started\n")
    assert process.get("/") == (404, "/metrics, /livez, /readyz, /startupz\n")


def test_metrics_move_by_what_was_sent(process: ServerProcess) -> None:
    with process.channel() as channel:
        before = process.metrics()
        messages = list(whole_call(times=7))
        assert ask(channel, messages).code is grpc.StatusCode.OK
        kind = service.FlagPatientsRequest
        assert ask(channel, [begin_flags(), batch(kind=kind), end(kind=kind)], "FlagPatients").code is grpc.StatusCode.OK
        assert ask(channel, [begin(), batch()]).code is grpc.StatusCode.OUT_OF_RANGE
    after = process.metrics()

    def moved(name: str, *labels: str) -> float:
        key = (name, *sorted(labels))
        return after[key] - before.get(key, 0)

    count, flag = ("bidi_stream", SERVICE, "CountCohorts"), ("bidi_stream", SERVICE, "FlagPatients")
    # The last stream may break off before its batch is read.
    assert moved("core20plus5_batches_total", "read") in (
        7 + 1,
        7 + 1 + 1,
    )
    assert moved("core20plus5_rows_received_total") == 21 + 3 + 3
    assert moved("core20plus5_rows_counted_total") == moved("core20plus5_rows_excluded_total") == 0  # no whole thousand
    assert moved("grpc_server_started_total", *count) == 2
    assert moved("grpc_server_handled_total", *count, "OK") == 1
    assert moved("grpc_server_handled_total", *count, "OutOfRange") == 1
    assert moved("grpc_server_handled_total", *flag, "OK") == 1
    assert moved("grpc_server_msg_received_total", *count) == 9 + 2
    assert moved("grpc_server_msg_sent_total", *flag) == 3
    assert moved("grpc_server_handling_seconds_count", *count) == 2
    for stage in STAGES:
        assert moved("core20plus5_stage_seconds_count", stage) >= 1, stage
    assert process.metric("core20plus5_streams_in_flight") == process.metric("core20plus5_ledger_imbalance_total") == 0
    assert process.metric("core20plus5_compile_seconds") > 0
    for info in ("core20plus5_build_info", "core20plus5_ruleset_info"):
        assert [value for key, value in after.items() if key[0] == info] == [1]


def test_metrics_are_described_and_hold_nothing_that_is_sent(process: ServerProcess) -> None:
    with process.channel() as channel:
        ask(channel, [begin(strata=["a_secret_column"], question={"ruleset": "a_secret_ruleset"}), batch(), end()])
    text = process.get("/metrics")[1]
    families = list(text_string_to_metric_families(text))
    assert all(family.documentation for family in families)
    assert "a_secret" not in text
    assert "a_secret" not in "".join(process.lines)


def test_a_full_server_refuses_and_goes_on(process: ServerProcess) -> None:
    go = threading.Event()

    def waiting() -> Iterator[Any]:
        yield begin()
        go.wait(60)
        yield from (batch(), end())

    busy = ("core20plus5_admission_refused_total", "server_busy")
    before = process.metrics()[busy]
    with process.channel() as channel:
        calls = [open_call(channel, waiting()) for _ in range(4)]
        soon(lambda: process.metric("core20plus5_streams_in_flight") == 4)
        refused = outcome_of(open_call(channel, whole_call()))
        assert (refused.code, refused.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "SERVER_BUSY")
        assert refused.text == "max_calls is 4, and so many are under way; try again later"
        assert process.metrics()[busy] - before == 1
        assert health(channel) == SERVING
        go.set()
        assert [outcome_of(call).code for call in calls] == [grpc.StatusCode.OK] * 4
        assert_answers(channel)


def reflected(channel: grpc.Channel, **asked: str) -> Any:
    stub: Any = reflection_pb2_grpc.ServerReflectionStub(channel)
    (answer,) = stub.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest(**asked)]), timeout=10)
    return answer


def test_reflection(process: ServerProcess) -> None:
    with process.channel() as channel:
        names = {found.name for found in reflected(channel, list_services="").list_services_response.service}
        assert SERVICE in names
        files = reflected(channel, file_containing_symbol=SERVICE).file_descriptor_response.file_descriptor_proto
    services = [found.name for content in files for found in descriptor_pb2.FileDescriptorProto.FromString(content).service]
    assert services == ["CohortService"]


def test_no_reflection_unless_asked_for() -> None:
    with local_server() as local, local.channel() as channel:
        with pytest.raises(grpc.RpcError) as raised:
            reflected(channel, list_services="")
        assert raised.value.code() is grpc.StatusCode.UNIMPLEMENTED
