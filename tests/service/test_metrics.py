"""What /metrics may hold: names and labels of an allow-list, from the start, and nothing that tells of a person."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import grpc
import pyarrow as pa
import pytest
from prometheus_client.metrics_core import Metric

from core20plus5.cohorts import CohortCounts
from core20plus5.engine.call import Call
from core20plus5.ingest import Ledger
from core20plus5_cli.population import sample_people, sample_schema
from core20plus5_proto.v1 import service_pb2
from core20plus5_service import account, servicer
from core20plus5_service.errors import LedgerImbalanceError
from core20plus5_service.labels import CODES, OTHER, REFUSALS, STAGES, findings
from core20plus5_service.metrics import Metrics
from tests.service.in_process import LocalServer, local_server, soon
from tests.service.wire import SERVICE, ask, batch, begin, begin_flags, end, whole_call
from tests.tables import people

_METHODS = {method.name for method in service_pb2.DESCRIPTOR.services_by_name["CohortService"].methods}
_OTHER_METHODS = {"Check", "Watch", "List", "ServerReflectionInfo"}
_TYPES = {"unary", "server_stream", "bidi_stream"}
_HEX = re.compile(r"[0-9a-f]{64}")

#: Label by label, every value that there may ever be: words of this project, of gRPC, or hashes of the operator's own files.
ALLOWED: dict[str, Callable[[str], bool]] = {
    "grpc_type": _TYPES.__contains__,
    "grpc_service": {SERVICE, "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"}.__contains__,
    "grpc_method": (_METHODS | _OTHER_METHODS).__contains__,
    "grpc_code": set(CODES).__contains__,
    "le": lambda value: value == "+Inf" or float(value) >= 0,
    "stage": {"decode", "validate", "flag", "count", "release", "encode"}.__contains__,
    "outcome": {"read", "refused", "unreadable", "used"}.__contains__,
    "what": {"tls", "callers", "jwt_keys"}.__contains__,
    "reason": ({name.lower() for name in REFUSALS} | {reason for _, reason in (*findings(), OTHER)}).__contains__,
    "column": {column for column, _ in (*findings(), OTHER)}.__contains__,
    "version": re.compile(r"[0-9][0-9A-Za-z.+-]*|unknown").fullmatch,  # type: ignore[dict-item]
    "ruleset": {"core20plus5-adults"}.__contains__,
    "sha256": _HEX.fullmatch,  # type: ignore[dict-item]
    "lsoa_vintage": {"2011", "2021"}.__contains__,
}

#: Dirty on purpose: every sort of finding, a local group with a name of its own, organisations.
_ROWS = 2_000
DIRTY = people(
    _ROWS,
    sex=["F", "a secret sex"] * (_ROWS // 2),
    imd_decile_2025=[1, 99] * (_ROWS // 2),
    practice_code=["V81999", "a secret practice"] * (_ROWS // 2),
    bp_date=[date(2026, 1, 1)] * _ROWS,
    bp_systolic=[1, None] * (_ROWS // 2),
    bp_diastolic=[None, 80] * (_ROWS // 2),
)
for _name in ("plus_secret_group", "autism"):
    DIRTY = DIRTY.append_column(_name, pa.array([0, 9] * (_ROWS // 2)))
KIND = service_pb2.FlagPatientsRequest


def send_dirt(channel: grpc.Channel) -> None:
    """A call of each sort that succeeds, and one of each that fails."""
    asked = {"strata": ["practice_code", "sex"], "question": {"plus_groups": ["plus_secret_group"]}}
    assert ask(channel, whole_call(DIRTY, **asked)).code is grpc.StatusCode.OK
    assert ask(channel, [begin_flags(), batch(DIRTY, kind=KIND), end(_ROWS, 1, KIND)], "FlagPatients").code is grpc.StatusCode.OK
    assert ask(channel, [begin(strata=["a_secret_column"]), batch(), end()]).code is grpc.StatusCode.INVALID_ARGUMENT
    assert ask(channel, [begin(), batch(start_offset=7), end()]).code is grpc.StatusCode.OUT_OF_RANGE
    assert ask(channel, [begin(), batch(ipc_stream=b"a secret"), end()]).code is grpc.StatusCode.INVALID_ARGUMENT
    assert ask(channel, [begin(disclosure="none"), batch(), end()]).code is grpc.StatusCode.PERMISSION_DENIED
    with pytest.raises(grpc.RpcError):
        channel.unary_unary("/a.secret.Service/Secret")(b"", timeout=10)


@pytest.fixture(scope="module", name="used")
def _used() -> Iterator[LocalServer]:
    with local_server(max_strata=3) as local:
        local.before = series(local)  # type: ignore[attr-defined]
        with local.channel() as channel:
            send_dirt(channel)
        soon(lambda: local.metric("core20plus5_streams_in_flight") == 0)
        yield local


def collected(local: LocalServer) -> list[Metric]:
    return list(local.server.metrics.registry.collect())


def series(local: LocalServer) -> set[tuple[Any, ...]]:
    return {(sample.name, *sorted(sample.labels.items())) for family in collected(local) for sample in family.samples}


def test_no_label_outside_the_allow_list(used: LocalServer) -> None:
    for name, *pairs in series(used):
        for label, value in pairs:
            assert label in ALLOWED, (name, label)
            assert ALLOWED[label](value), (name, label, value)
    assert not any("secret" in str(found) for found in series(used))


def test_every_series_is_there_before_the_first_call(used: LocalServer) -> None:
    """A series that appears with its first event has no rate: the first error of a day would be missed."""
    assert series(used) == used.before  # type: ignore[attr-defined]


def test_names_that_public_dashboards_expect(used: LocalServer) -> None:
    names = {name for name, *_ in series(used)}
    assert {f"grpc_server_{what}_total" for what in ("started", "handled", "msg_received", "msg_sent")} <= names
    assert {f"grpc_server_handling_seconds_{what}" for what in ("bucket", "count", "sum")} <= names
    codes = {dict(pairs)["grpc_code"] for name, *pairs in series(used) if name == "grpc_server_handled_total"}
    assert codes == set(CODES)
    assert {"OK", "ResourceExhausted", "DeadlineExceeded", "Internal"} <= codes


def test_dirt_is_seen(used: LocalServer) -> None:
    """By blocks, not by rows, and with nothing that was not foreseen."""
    metric = used.metric
    found = {
        (sample.labels["column"], sample.labels["reason"]): sample.value
        for family in collected(used)
        for sample in family.samples
        if sample.name == "core20plus5_batches_with_findings_total" and sample.value
    }
    assert OTHER not in found
    for pair in [("sex", "invalid"), ("plus_*", "invalid"), ("imd_decile_2025", "invalid"), ("bp_systolic", "half_a_pair")]:
        assert found[pair] in (1, 2), pair
    assert found["practice_code", "pseudo_code"] == 1
    assert metric("core20plus5_batches_total", outcome="read") == 3
    assert metric("core20plus5_batches_total", outcome="refused") == 1
    assert metric("core20plus5_batches_total", outcome="unreadable") == 1
    assert metric("core20plus5_admission_refused_total", reason="exact_counts_refused") == 1
    assert metric("core20plus5_rows_counted_total") == 4_000
    for stage in STAGES:
        assert metric("core20plus5_stage_seconds_count", stage=stage) > 0, stage


def test_what_the_sample_finds_is_foreseen() -> None:
    """Everything that the made-up population, dirty as it is, is found to have has a label of its own."""
    with local_server() as local:
        sample = pa.Table.from_batches(list(sample_people(20_000, 3)), sample_schema())
        with local.channel() as channel:
            (block,) = sample.combine_chunks().to_batches()
            content = whole_call(block, strata=["icb_code"], question={"plus_groups": ["autism"]})
            assert ask(channel, content).code is grpc.StatusCode.OK
        assert local.metric("core20plus5_batches_with_findings_total", column="other", reason="other") == 0
        assert local.metric("core20plus5_batches_with_findings_total", column="lsoa_code", reason="missing") == 0
        assert sum(value for key, value in without_times(local).items() if "findings_total" in key[0]) > 3


def without_times(local: LocalServer) -> dict[tuple[Any, ...], float]:
    """A scrape without what depends on the machine's speed alone."""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in collected(local)
        for sample in family.samples
        if not family.name.startswith(("process_", "core20plus5_compile")) and not family.name.endswith(("_seconds", "_rows"))
    }


_EARLIER = date(2024, 1, 1)

#: Two of a kind but for what nobody may find out.
TWINS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "died": ({"death_date": None}, {"death_date": _EARLIER}),
    "left the practice": ({"registration_end": None}, {"registration_end": _EARLIER}),
    "in Core20": ({"imd_decile_2025": 1}, {"imd_decile_2025": 9}),
    "homeless": ({"homeless": True}, {"homeless": False}),
    "not known": ({"sex": "F"}, {"sex": None}),
    "cannot be": ({"sex": "F"}, {"sex": "?"}),
}


@pytest.mark.parametrize("name", TWINS)
@pytest.mark.parametrize("others", [0, 900])
def test_two_scrapes_tell_nothing_of_a_person(name: str, others: int) -> None:
    """The scrape after a stream is the same whichever of the two was in it, alone or among others."""
    scrapes = []
    for variant in TWINS[name]:
        table = people(others + 1, **{column: [None] * others + [value] for column, value in variant.items()})
        with local_server() as local, local.channel() as channel:
            assert ask(channel, whole_call(table, strata=["sex"] if "sex" in variant else [])).code is grpc.StatusCode.OK
            soon(lambda: local.metric("core20plus5_streams_in_flight") == 0)
            scrapes.append(without_times(local))
    assert scrapes[0] == scrapes[1]


def test_a_scrape_of_many_people_does_tell_of_them() -> None:
    """What the test above compares is not empty: a thousand people are counted, and found to have what they have."""
    with local_server() as local, local.channel() as channel:
        assert ask(channel, whole_call(people(1_000, sex=["?"] * 1_000), strata=["sex"])).code is grpc.StatusCode.OK
        found = without_times(local)
    assert found["core20plus5_rows_counted_total",] == 1_000
    assert found["core20plus5_batches_with_findings_total", ("column", "sex"), ("reason", "invalid")] == 1


def test_steps_lose_nothing() -> None:
    metrics = Metrics()
    shown = []
    for _ in range(1_000):
        metrics.rows_counted.inc(7)
        shown.append(metrics.registry.get_sample_value("core20plus5_rows_counted_total"))
    assert shown[-1] == 7_000
    assert set(shown) == {1_000.0 * step for step in range(8)}


def test_a_lost_row_is_seen_and_nothing_is_answered(
    local: LocalServer, channel: grpc.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of the stream's own messages on one side, the engine's tallies on the other."""
    before = local.metric("core20plus5_ledger_imbalance_total")
    real = servicer.count_exactly

    def losing(*args: Any) -> CohortCounts:
        counts = real(*args)
        counts.ledger.counted -= 1
        return counts

    with monkeypatch.context() as patch:
        patch.setattr(servicer, "count_exactly", losing)
        outcome = ask(channel, whole_call(times=2))
    assert (outcome.code, outcome.replies) == (grpc.StatusCode.INTERNAL, [])
    assert local.metric("core20plus5_ledger_imbalance_total") - before == 2  # one of what was sent, one of what was summed up
    assert ask(channel, whole_call(times=2)).code is grpc.StatusCode.OK
    assert local.metric("core20plus5_ledger_imbalance_total") - before == 2


def test_imbalance_looks_at_both_sides() -> None:
    ledger = Ledger(received=10, counted=8)
    ledger.excluded["died"] = 2
    assert account.imbalance(10, ledger, 8) == 0
    assert account.imbalance(11, ledger, 8) == 1
    assert account.imbalance(10, ledger, 7) == 1


def test_blocks_may_not_make_up_for_each_other() -> None:
    """One block has a row too few, another one a row too many: in all, nothing would be missing."""
    metrics = Metrics()
    watcher = account.BlockAccount(metrics)
    right, few, many = Ledger(received=10, counted=10), Ledger(received=10, counted=9), Ledger(received=10, counted=11)
    watcher.block(right)
    for wrong in (few, many):
        with pytest.raises(LedgerImbalanceError):
            watcher.block(wrong)
    assert metrics.registry.get_sample_value("core20plus5_ledger_imbalance_total") == 2


@pytest.mark.parametrize("method", ["CountCohorts", "FlagPatients"])
def test_a_block_that_does_not_add_up_ends_its_call(
    local: LocalServer, channel: grpc.Channel, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    real = Call.answer

    def losing(self: Call, batch: Any) -> Any:
        columns, flags = real(self, batch)
        columns.ledger.counted -= 1
        return columns, flags

    kind = service_pb2.FlagPatientsRequest
    messages = whole_call() if method == "CountCohorts" else [begin_flags(), batch(kind=kind), end(kind=kind)]
    with monkeypatch.context() as patch:
        patch.setattr(Call, "answer", losing)
        outcome = ask(channel, messages, method)
    assert outcome.code is grpc.StatusCode.INTERNAL
    assert not any(reply.HasField("batch") or reply.HasField("end") for reply in outcome.replies)


def test_deadlines_are_told_from_cancelled_calls(local: LocalServer, channel: grpc.Channel) -> None:
    def handled(code: str) -> float:
        return local.metric(
            "grpc_server_handled_total", grpc_type="bidi_stream", grpc_service=SERVICE, grpc_method="CountCohorts", grpc_code=code
        )

    late = handled("DeadlineExceeded")

    def slow() -> Iterator[Any]:
        yield begin()
        yield batch()
        soon(lambda: handled("DeadlineExceeded") > late)

    assert ask(channel, slow(), timeout=0.3).code is grpc.StatusCode.DEADLINE_EXCEEDED
    soon(lambda: handled("DeadlineExceeded") == late + 1)
