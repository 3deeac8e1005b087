"""Write the dashboard from its panels: python -m deploy.grafana.write. The file is committed, and must be as this writes it."""

import json
from pathlib import Path
from typing import Any

from deploy.grafana.panels import ROWS, Panel

DASHBOARD = Path(__file__).parent / "dashboards" / "core20plus5.json"

#: The classic model of dashboards, which every Grafana from 10 on reads; newer ones migrate it as they load it.
_SCHEMA_VERSION = 42
_WIDTH = 24
_HEIGHTS = {"stat": 4, "timeseries": 8, "table": 8}
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_GREEN, _YELLOW, _RED = "green", "#EAB839", "red"


def dashboard() -> dict[str, Any]:
    """The dashboard as Grafana's JSON."""
    return {
        "uid": "core20plus5",
        "title": "core20plus5",
        "description": "Rate, errors, duration and saturation of the Core20PLUS5 counting service.",
        "tags": ["core20plus5", "grpc"],
        "schemaVersion": _SCHEMA_VERSION,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": _variables()},
        "panels": _panels(),
    }


def _variables() -> list[dict[str, Any]]:
    return [
        {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"},
        _variable("job", "Job", "label_values(core20plus5_build_info, job)"),
        _variable("instance", "Instance", 'label_values(core20plus5_build_info{job="$job"}, instance)')
        | {"multi": True, "includeAll": True, "allValue": ".*", "current": {"text": ["All"], "value": ["$__all"]}},
    ]


def _variable(name: str, label: str, query: str) -> dict[str, Any]:
    return {"name": name, "label": label, "type": "query", "datasource": _SOURCE, "query": query, "refresh": 2, "sort": 1}


def _panels() -> list[dict[str, Any]]:
    """Rows of panels, placed from left to right and from top to bottom."""
    found: list[dict[str, Any]] = []
    top = 0
    for title, panels in ROWS:
        found.append({"id": len(found) + 1, "type": "row", "title": title, "gridPos": {"x": 0, "y": top, "w": _WIDTH, "h": 1}})
        top, left, tallest = top + 1, 0, 0
        for panel in panels:
            if left + panel.width > _WIDTH:
                top, left, tallest = top + tallest, 0, 0
            place = {"x": left, "y": top, "w": panel.width, "h": _HEIGHTS[panel.kind]}
            found.append(_panel(len(found) + 1, panel, place))
            left, tallest = left + panel.width, max(tallest, place["h"])
        top += tallest
    return found


def _panel(number: int, panel: Panel, place: dict[str, int]) -> dict[str, Any]:
    table = panel.kind == "table"
    targets = [
        {"refId": chr(ord("A") + place), "datasource": _SOURCE, "expr": query.expr, "legendFormat": query.legend}
        | ({"instant": True, "range": False, "format": "table"} if table or panel.kind == "stat" else {})
        for place, query in enumerate(panel.queries)
    ]
    if panel.kind == "stat":
        targets = [target | {"format": "time_series"} for target in targets]
    made = {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.text,
        "datasource": _SOURCE,
        "gridPos": place,
        "targets": targets,
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": _options(panel),
    }
    if table:
        hidden = {"Time": True, "Value #A": True, "Value #B": True, "Value #C": True}
        made["transformations"] = [
            {"id": "merge", "options": {}},
            {"id": "organize", "options": {"excludeByName": hidden}},
        ]
    return made


def _defaults(panel: Panel) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": _GREEN, "value": None}]
    if panel.limits:
        steps += [{"color": color, "value": limit} for color, limit in zip((_YELLOW, _RED), panel.limits, strict=True)]
    defaults: dict[str, Any] = {"unit": panel.unit, "min": 0, "thresholds": {"mode": "absolute", "steps": steps}}
    if panel.kind == "timeseries":
        stacking = {"mode": "normal" if panel.stacked else "none", "group": "A"}
        custom: dict[str, Any] = {
            "lineWidth": 1,
            "fillOpacity": 30 if panel.stacked else 8,
            "showPoints": "never",
            "stacking": stacking,
        }
        if panel.limits:
            custom["thresholdsStyle"] = {"mode": "dashed"}
        defaults["custom"] = custom
    return defaults


def _options(panel: Panel) -> dict[str, Any]:
    if panel.kind == "stat":
        reduce = {"calcs": ["lastNotNull"], "fields": "", "values": False}
        return {"reduceOptions": reduce, "colorMode": "value", "graphMode": "none", "textMode": "value"}
    if panel.kind == "table":
        return {"showHeader": True}
    return {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }


if __name__ == "__main__":
    DASHBOARD.write_text(json.dumps(dashboard(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
