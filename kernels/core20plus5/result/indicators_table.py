"""The indicators of a result in words, so that a table can be read without this project at hand."""

from typing import Any

import pyarrow as pa

from core20plus5.flags import Plan
from core20plus5.flags.calendar import season_is_open
from core20plus5.rulesets import Indicator

_TEXTS = ("name", "title", "kind", "area", "direction", "window", "source", "caveat")
_ORDER = ("name", "title", "kind", "area", "direction", "target", "window", "source", "caveat")
_SCHEMA = pa.schema([pa.field(name, pa.string() if name in _TEXTS else pa.float64()) for name in _ORDER])


def indicators_table(plan: Plan) -> pa.Table:
    """One row per reported indicator, in the order of the ruleset. target: a share, between 0 and 1."""
    return pa.Table.from_pylist([_row(indicator, plan) for indicator in plan.reported], schema=_SCHEMA)


def _row(indicator: Indicator, plan: Plan) -> dict[str, Any]:
    request = plan.request
    target = request.parameters[indicator.target] if indicator.target else None
    windows = [_window(name, plan) for name in indicator.windows]
    return {
        "name": indicator.name,
        "title": indicator.title,
        "kind": indicator.kind,
        "area": indicator.area,
        "direction": indicator.direction,
        "target": None if target is None else float(target) / 100,
        "window": " to ".join(windows) or None,
        "source": indicator.source,
        "caveat": " ".join(filter(None, (indicator.caveat, _open_season(indicator, plan)))) or None,
    }


def _window(name: str, plan: Plan) -> str:
    value, unit = plan.request.parameters[name], plan.request.ruleset.parameters[name].unit
    return str(value) if isinstance(value, str) else f"{value} {unit}"


def _open_season(indicator: Indicator, plan: Plan) -> str | None:
    """A season that is still open at the reference date: the share can only rise."""
    request = plan.request
    ends = [str(request.parameters[name]) for name in indicator.windows if isinstance(request.parameters[name], str)]
    if len(ends) == 2 and season_is_open(request.reference_date, *ends):
        return "The season was still open at the reference date."
    return None
