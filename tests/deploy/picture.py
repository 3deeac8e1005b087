"""Draw the dashboard for deploy/grafana/README.md from a real Prometheus, in two minutes: `python -m tests.deploy.picture`."""

import tempfile
import time
from pathlib import Path
from typing import Any

from deploy.grafana.draw import Series, draw
from tests.deploy.live import SCRAPE_SECONDS, Prometheus
from tests.deploy.scenario import PLACES, holding, scene, under_load

PICTURE = Path(__file__).resolve().parents[2] / "deploy" / "grafana" / "dashboard.svg"
_FILLED = {"$job": "core20plus5", "$instance": ".*", "$__rate_interval": f"{round(10 * SCRAPE_SECONDS)}s"}


def fill(expr: str) -> str:
    """The expression with the dashboard's variables filled in."""
    for name, value in _FILLED.items():
        expr = expr.replace(name, value)
    return expr


def run() -> str:
    """A minute of load that grows, with a server that is full in between."""
    with tempfile.TemporaryDirectory() as folder, scene(Path(folder)) as stage:
        start = time.time()
        with under_load(stage.addresses, stage.people):
            time.sleep(25)
            with under_load(stage.addresses, stage.people, 2):
                time.sleep(25)
            with holding(stage.good.listen, PLACES - 1, stage.people), under_load(stage.addresses, stage.people, 2):
                time.sleep(15)
            time.sleep(10)
            prometheus = stage.prometheus
            return draw(lambda expr: series(prometheus, expr, start + 8, time.time()), fill)


def series(prometheus: Prometheus, expr: str, start: float, end: float) -> Series:
    """The series of an expression, a point a second, without those that are no number."""
    found: list[dict[str, Any]] = prometheus.get("query_range", query=expr, start=f"{start}", end=f"{end}", step="1")["result"]
    return [
        (one["metric"], [(moment, float(value)) for moment, value in one["values"] if value not in ("NaN", "+Inf")])
        for one in found
    ]


if __name__ == "__main__":
    PICTURE.write_text(run(), encoding="utf-8")
