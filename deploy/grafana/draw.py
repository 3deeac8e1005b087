"""The dashboard as a picture: its own panels and places, filled with what a Prometheus has. Plain SVG, and no Grafana."""

import math
from collections.abc import Callable
from html import escape
from typing import Any

from deploy.grafana.write import dashboard

#: Of one expression: the legend of each series, and its points, (seconds, value).
Series = list[tuple[dict[str, str], list[tuple[float, float]]]]
Fetch = Callable[[str], Series]

_CELL, _ROW, _GAP = 50, 24, 6
_COLORS = ("#3274d9", "#e0752d", "#299c46", "#a352cc", "#d44a3a", "#56a6a6", "#806eb7", "#b7a200", "#7c7c7c", "#c15c99")
_INK, _FAINT, _LINE = "#24292e", "#6b7280", "#d8dce2"


def draw(fetch: Fetch, fill: Callable[[str], str]) -> str:
    """fetch: the series of an expression over the time to draw; fill: puts values in the place of the dashboard's variables."""
    panels = dashboard()["panels"]
    height = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in panels) * _ROW
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {24 * _CELL} {height}"'
        ' font-family="Helvetica, Arial, sans-serif" font-size="11">',
        '<rect width="100%" height="100%" fill="#f4f5f7"/>',
    ]
    for panel in panels:
        place = panel["gridPos"]
        left, top = place["x"] * _CELL, place["y"] * _ROW
        parts.append(f'<g transform="translate({left},{top})">{_panel(panel, fetch, fill)}</g>')
    return "\n".join([*parts, "</svg>\n"])


def _panel(panel: dict[str, Any], fetch: Fetch, fill: Callable[[str], str]) -> str:
    width, height = panel["gridPos"]["w"] * _CELL - _GAP, panel["gridPos"]["h"] * _ROW - _GAP
    if panel["type"] == "row":
        return _text(4, 17, panel["title"], 14, _INK, bold=True)
    frame = f'<rect x="2" y="2" width="{width}" height="{height}" rx="3" fill="#fff" stroke="{_LINE}"/>'
    series = [
        (_legend(target["legendFormat"], labels), points)
        for target in panel["targets"]
        for labels, points in fetch(fill(target["expr"]))
        if points
    ]
    unit = panel["fieldConfig"]["defaults"]["unit"]
    body = {"stat": _stat, "timeseries": _lines, "table": _rows}[panel["type"]](series, unit, width, height, panel)
    return frame + _text(10, 18, panel["title"], 12, _INK, bold=True) + body


def _legend(pattern: str, labels: dict[str, str]) -> str:
    for name, value in labels.items():
        pattern = pattern.replace(f"{{{{{name}}}}}", value)
    return pattern + (f" {_hash(labels)}" if "sha256" in labels else "")


def _hash(labels: dict[str, str]) -> str:
    return " ".join([*(value for name, value in labels.items() if name != "sha256"), labels["sha256"][:12]])


def _stat(series: list[Any], unit: str, width: int, height: int, panel: dict[str, Any]) -> str:
    value = series[0][1][-1][1] if series else math.nan
    color = _INK
    for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"][1:]:
        if value >= step["value"]:
            color = {"#EAB839": "#b8860b"}.get(step["color"], step["color"])
    return _text(width / 2, height / 2 + 20, shown(value, unit), 26, color, anchor="middle")


def _rows(series: list[Any], unit: str, width: int, height: int, panel: dict[str, Any]) -> str:
    lines = [f"{legend}: {points[-1][1]:g}" for legend, points in series]
    return "".join(_text(12, 44 + 20 * place, line, 12, _INK) for place, line in enumerate(lines))


def _lines(series: list[Any], unit: str, width: int, height: int, panel: dict[str, Any]) -> str:
    if panel["fieldConfig"]["defaults"]["custom"]["stacking"]["mode"] == "normal":
        series = _stacked(series)
    series = series[: len(_COLORS)]
    left, top, right, bottom = 62, 30, width - 10, height - 38
    times = [time for _, points in series for time, _ in points]
    first, last = min(times, default=0), max(times, default=1)
    most = _nice(max((value for _, points in series for _, value in points), default=1))
    parts = []
    for tick in range(5):
        y = bottom - (bottom - top) * tick / 4
        parts.append(f'<line x1="{left}" x2="{right}" y1="{y:.0f}" y2="{y:.0f}" stroke="{_LINE}"/>')
        parts.append(_text(left - 5, y + 4, shown(most * tick / 4, unit), 10, _FAINT, anchor="end"))
    for (_, points), color in zip(series, _COLORS, strict=False):
        path = " ".join(
            f"{left + (right - left) * (time - first) / max(last - first, 1):.0f},{bottom - (bottom - top) * value / most:.1f}"
            for time, value in points
        )
        parts.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.6"/>')
    parts.append(_text(left, bottom + 14, "0 s", 10, _FAINT))
    parts.append(_text(right, bottom + 14, f"{last - first:.0f} s", 10, _FAINT, anchor="end"))
    return "".join(parts) + _names([legend for legend, _ in series], left, height - 10, width)


def _stacked(series: list[Any]) -> list[Any]:
    """Each series on top of those before it; a point that one of them lacks is 0 there."""
    below: dict[float, float] = {}
    found = []
    for legend, points in series:
        for time, value in points:
            below[time] = below.get(time, 0.0) + value
        found.append((legend, [(time, below[time]) for time, _ in points]))
    return found


def _names(legends: list[str], left: float, y: float, width: float) -> str:
    parts, x = [], left - 50.0
    for legend, color in zip(legends, _COLORS, strict=False):
        needed = 16 + 5.1 * len(legend)
        if x + needed > width:
            parts.append(_text(x, y, "…", 10, _FAINT))
            break
        parts.append(f'<rect x="{x:.0f}" y="{y - 7:.0f}" width="10" height="4" fill="{color}"/>')
        parts.append(_text(x + 13, y, legend, 10, _FAINT))
        x += needed + 6
    return "".join(parts)


def _nice(most: float) -> float:
    """The next of 1, 2, 4, 5, 8 and 10 times a power of ten."""
    if most <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(most))
    return next(step * power for step in (1, 2, 4, 5, 8, 10) if step * power >= most * 0.999)


def shown(value: float, unit: str) -> str:
    """A value with its unit, short."""
    if math.isnan(value):
        return "no data"
    if unit == "percentunit":
        return f"{100 * value:.3g} %"
    if unit == "s":
        return f"{value * 1_000:.3g} ms" if 0 < value < 1 else f"{value:.3g} s"
    names = ("", "Ki", "Mi", "Gi", "Ti") if unit in ("bytes", "Bps") else ("", " k", " M", " G")
    step = 1_024 if unit in ("bytes", "Bps") else 1_000
    place = min(len(names) - 1, int(math.log(value, step))) if value >= step else 0
    suffix = {"bytes": "B", "Bps": "B/s", "reqps": "/s"}.get(unit, "")
    return f"{value / step**place:.3g}{names[place] if suffix or place else ''}{suffix}"


def _text(x: float, y: float, text: str, size: int, color: str, anchor: str = "start", *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" fill="{color}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'
