"""The rules of Prometheus: valid, tested alert by alert, and each alert with an entry in the runbook."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from core20plus5_proto.v1 import service_pb2
from core20plus5_service.metrics import Metrics
from deploy.grafana import panels
from tests.programs import program

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
PROMETHEUS = DEPLOY / "prometheus"
TESTS = sorted(path.name for path in PROMETHEUS.glob("*_test.yml"))
RULES = [rule for group in yaml.safe_load((PROMETHEUS / "rules.yml").read_text())["groups"] for rule in group["rules"]]
ALERTS: list[dict[str, Any]] = [rule for rule in RULES if "alert" in rule]


def promtool(*arguments: str, text: str | None = None) -> str:
    command = [program("promtool", "Debian's package prometheus"), *arguments]
    done = subprocess.run(command, cwd=PROMETHEUS, input=text, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_configuration_and_rules_are_valid() -> None:
    assert "SUCCESS" in promtool("check", "config", "prometheus.yml")


def test_metrics_are_named_as_prometheus_wants_them() -> None:
    """Ours: the names of gRPC's and of the process' are given."""
    families = [found for found in Metrics().registry.collect() if found.name.startswith("core20plus5_")]
    registry = CollectorRegistry()
    registry.register(Given(families))
    assert promtool("check", "metrics", text=generate_latest(registry).decode()) == ""


class Given(Collector):
    """Families as they are."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> list[Metric]:
        return self._families


@pytest.mark.parametrize("text", [(PROMETHEUS / "rules.yml").read_text(), panels.CALLS], ids=["rules", "dashboard"])
def test_calls_with_records_are_all_of_them(text: str) -> None:
    """An alert that left out a method would be silent about it."""
    methods = service_pb2.DESCRIPTOR.services_by_name["CohortService"].methods
    with_records = {method.name for method in methods if "batch" in method.input_type.fields_by_name}
    found = re.findall(r'grpc_method=~"([^"]*)"', text)
    assert found
    assert all(set(names.split("|")) == with_records for names in found)


@pytest.mark.parametrize("name", TESTS)
def test_cases(name: str) -> None:
    assert "SUCCESS" in promtool("test", "rules", name)


def test_each_alert_has_a_case_that_fires_and_one_that_does_not() -> None:
    fires: set[str] = set()
    silent: set[str] = set()
    for name in TESTS:
        for case in yaml.safe_load((PROMETHEUS / name).read_text())["tests"]:
            for found in case["alert_rule_test"]:
                (fires if found["exp_alerts"] else silent).add(found["alertname"])
                labels = [labels for alert in found["exp_alerts"] for labels in [alert["exp_labels"]]]
                if "instance" in str(labels):  # one of two instances, and not the other
                    silent.add(found["alertname"])
    names = {alert["alert"] for alert in ALERTS}
    assert fires == names
    assert silent == names


def test_each_alert_has_an_entry_in_the_runbook() -> None:
    entries = re.findall(r"^## (Core20Plus5\w+)$", (DEPLOY / "runbook.md").read_text(), re.MULTILINE)
    assert sorted(entries) == sorted(alert["alert"] for alert in ALERTS)
    for alert in ALERTS:
        assert alert["annotations"]["runbook_url"] == f"deploy/runbook.md#{alert['alert'].lower()}"
        assert alert["labels"]["severity"] in ("page", "ticket")
        assert {"summary", "description"} <= set(alert["annotations"])
