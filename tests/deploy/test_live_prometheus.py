"""A real Prometheus over real servers: every panel has data, and each fault wakes whom it should and lets them sleep again."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.live import RULES, Prometheus, scaled, until
from tests.deploy.scenario import PEOPLE, PLACES, Scene, holding, scene, under_load

ROOT = Path(__file__).resolve().parents[2]
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "dashboards" / "core20plus5.json").read_text(encoding="utf-8"))
QUERIES = [(panel["title"], target["expr"]) for panel in DASHBOARD["panels"] for target in panel.get("targets", [])]
GROUPS = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
RECORDED = {rule["record"] for group in GROUPS for rule in group["rules"] if "record" in rule}
ALERTS = {rule["alert"]: rule["expr"] for group in GROUPS for rule in group["rules"] if "alert" in rule}

#: Variables of the dashboard, as Grafana would fill them in.
FILLED = {"$job": "core20plus5", "$instance": ".*", "$__rate_interval": "4s"}

_METRIC = re.compile(r"\b(?:core20plus5_|grpc_server_|process_|slo:|core20plus5:)[a-z0-9_:]+|\bup\b")


def filled(expr: str) -> str:
    for name, value in FILLED.items():
        expr = expr.replace(name, value)
    assert "$" not in expr, expr
    return expr


@pytest.fixture(scope="module", name="stage")
def _stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene(tmp_path_factory.mktemp("live")) as found:
        yield found


def is_firing(prometheus: Prometheus, *names: str) -> bool:
    alerts = prometheus.alerts()
    return all(alerts.get(name) == "firing" for name in names)


def test_every_panel_has_data_and_nothing_fires(stage: Scene) -> None:
    prometheus = stage.prometheus
    with under_load(stage.addresses, stage.people) as load:
        until(lambda: load.answered > 20, "twenty answers", 120)
        empty = until_not_empty(prometheus)
        unknown = {name for _, expr in QUERIES for name in _METRIC.findall(expr)} - prometheus.names()
    assert load.errors == {}
    assert empty == []
    assert unknown == set()
    # On a machine that is busy with other things calls may really be slow: then to say so is right, and nothing else is.
    slow = prometheus.query('core20plus5:bad_calls:increase6h{sloth_id="core20plus5-latency"} > 0')
    assert set(prometheus.alerts()) <= ({"Core20Plus5LatencyFastBurn", "Core20Plus5LatencySlowBurn"} if slow else set())
    assert sum(float(found["value"][1]) for found in prometheus.query("core20plus5_rows_received_total")) >= 20 * PEOPLE


def until_not_empty(prometheus: Prometheus, seconds: float = 20) -> list[tuple[str, str]]:
    """The queries of the dashboard that have no data, after a while of waiting for all to have some."""
    end, empty = time.monotonic() + seconds, QUERIES
    while empty and time.monotonic() < end:
        empty = [(title, expr) for title, expr in QUERIES if not prometheus.query(filled(expr))]
        time.sleep(0.5)
    return empty


def test_every_alert_asks_for_what_there_is(stage: Scene) -> None:
    """Every expression of the rules is evaluated over what was scraped, and every recorded series has values."""
    names = stage.prometheus.names()
    rules = yaml.safe_load(scaled(RULES.read_text(encoding="utf-8")))
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        stage.prometheus.query(rule["expr"])
        assert set(_METRIC.findall(rule["expr"])) <= names, rule
    assert names >= RECORDED
    health = stage.prometheus.get("rules")["groups"]
    assert {rule["health"] for group in health for rule in group["rules"]} == {"ok"}


def test_a_lost_row_and_a_slow_engine(stage: Scene) -> None:
    """Of one of two servers; it has other rules besides. It is told of, and then no longer."""
    prometheus = stage.prometheus
    stage.restart_second("other-rules lose")
    with under_load(stage.addresses, stage.people) as load:
        until(lambda: is_firing(prometheus, "Core20Plus5LedgerImbalance", "Core20Plus5AvailabilityFastBurn"), "a lost row")
        until(lambda: is_firing(prometheus, "Core20Plus5AvailabilitySlowBurn"), "a lost row, slowly")
        lost = prometheus.query("sum by (instance) (core20plus5_ledger_imbalance_total)")
        stage.faults.write_text("slow", encoding="ascii")
        until(lambda: is_firing(prometheus, "Core20Plus5LatencyFastBurn", "Core20Plus5LatencySlowBurn"), "a slow engine")
        until(lambda: is_firing(prometheus, "Core20Plus5InstancesDisagree"), "other rules")
    assert set(load.errors) == {"ServerFaultError"}
    assert sorted(float(found["value"][1]) > 0 for found in lost) == [False, True]
    stage.restart_second("")
    assert_quiet_again(stage)


def test_a_full_server(stage: Scene) -> None:
    prometheus = stage.prometheus
    with holding(stage.good.listen, PLACES, stage.people):
        until(lambda: stage.good.metric("core20plus5_streams_in_flight") == PLACES, "every place is taken")
        with under_load([stage.good.listen], stage.people) as load:
            until(lambda: is_firing(prometheus, "Core20Plus5Saturated", "Core20Plus5AvailabilityFastBurn"), "a full server")
    assert set(load.errors) == {"ServerBusyError"}
    assert_quiet_again(stage)


def test_servers_that_do_not_answer(stage: Scene) -> None:
    prometheus = stage.prometheus
    with stage.frozen(stage.good):
        until(lambda: is_firing(prometheus, "Core20Plus5InstanceDown"), "one is gone")
        assert not is_firing(prometheus, "Core20Plus5Down")
        with stage.frozen(stage.bad):
            until(lambda: is_firing(prometheus, "Core20Plus5Down"), "both are gone")
    until(lambda: not {"Core20Plus5Down", "Core20Plus5InstanceDown"} & set(prometheus.alerts()), "both are back")


def assert_quiet_again(stage: Scene) -> None:
    """With good calls and nothing else, alerts go. Tickets look back for hours, minutes here: they may stay a while."""
    slow: dict[str, Any] = {name: None for name in ALERTS if name.endswith("SlowBurn")}
    with under_load(stage.addresses, stage.people) as load:
        until(lambda: set(stage.prometheus.alerts()) <= set(slow), f"quiet again; {stage.prometheus.alerts()}", 90)
    assert load.errors == {}
