"""The dashboard: as its panels say, in Grafana's own model, and provisioned from where compose puts it."""

import json
import warnings
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from deploy.grafana.draw import draw, shown
from deploy.grafana.panels import ROWS
from deploy.grafana.write import DASHBOARD, dashboard
from tests.programs import missing

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


def test_the_file_is_as_the_panels_say() -> None:
    assert json.loads(DASHBOARD.read_text(encoding="utf-8")) == dashboard()


def lost(before: Any, after: Any, place: str = "") -> list[str]:
    """What a reader of Grafana's model did not know, or read as something else."""
    if isinstance(before, dict):
        return [
            name
            for key, value in before.items()
            for name in (lost(value, after[key], f"{place}/{key}") if key in after else [f"{place}/{key}"])
        ]
    if isinstance(before, list):
        pairs = zip(before, after, strict=True)
        return [name for number, (one, other) in enumerate(pairs) for name in lost(one, other, f"{place}/{number}")]
    return [] if before == after else [place]


def through_grafanas_model(found: dict[str, Any]) -> Any:
    with warnings.catch_warnings():
        # The makers advise the second model for dashboards that are made with their own tools; Grafana reads files of both.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            from grafana_foundation_sdk.cog.encoder import JSONEncoder  # noqa: PLC0415
            from grafana_foundation_sdk.models.dashboard import Dashboard  # noqa: PLC0415
        except ImportError:
            missing("needs grafana-foundation-sdk, see deploy/requirements.txt")
    return json.loads(JSONEncoder().encode(Dashboard.from_json(found)))


def test_grafana_knows_every_field() -> None:
    assert lost(dashboard(), through_grafanas_model(dashboard())) == []


def test_a_field_that_grafana_does_not_know_is_noticed() -> None:
    found = dashboard()
    found["panels"][1]["fieldConfig"]["defaults"]["unti"] = "short"
    found["refrehs"] = "30s"
    unknown = ["/panels/1/fieldConfig/defaults/unti", "/refrehs"]
    assert sorted(lost(found, through_grafanas_model(found))) == unknown


def test_panels_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard()["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
    numbers = [panel["id"] for panel in dashboard()["panels"]]
    assert len(numbers) == len(set(numbers))


def test_each_panel_says_what_it_shows_and_asks_for_this_job_alone() -> None:
    for _, panels in ROWS:
        for panel in panels:
            assert panel.text
            assert all('job="$job"' in query.expr for query in panel.queries), panel.title


def test_provisioned_from_where_compose_puts_it() -> None:
    (provider,) = yaml.safe_load((DEPLOY / "grafana/provisioning/dashboards/core20plus5.yaml").read_text())["providers"]
    volumes = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["grafana"]["volumes"]
    assert f"./grafana/dashboards:{provider['options']['path']}:ro" in volumes
    (source,) = yaml.safe_load((DEPLOY / "grafana/provisioning/datasources/prometheus.yaml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090"


def test_drawing() -> None:
    """Every panel is drawn, with a line for each series, and one without data says so."""

    def fetch(expr: str) -> list[tuple[dict[str, str], list[tuple[float, float]]]]:
        if "ledger" in expr:
            return []
        return [({"instance": name, "sha256": "0" * 64}, [(0.0, 1.0), (1.0, float(place))]) for place, name in enumerate("ab")]

    picture = draw(fetch, lambda expr: expr)
    ElementTree.fromstring(picture)
    for _, panels in ROWS:
        assert all(f">{panel.title}<" in picture for panel in panels)
    assert picture.count("no data") == 1
    assert picture.count("<polyline") >= 2 * sum(panel.kind == "timeseries" for _, panels in ROWS for panel in panels)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.5, "percentunit", "50 %"),
        (0.02, "s", "20 ms"),
        (3.0, "s", "3 s"),
        (1_500, "short", "1.5 k"),
        (3 << 20, "bytes", "3MiB"),
    ],
)
def test_values_with_units(value: float, unit: str, text: str) -> None:
    assert shown(value, unit) == text
