"""Parameter values: which are allowed, and how a request overrides them."""

import math
import re
from collections.abc import Mapping
from datetime import date
from typing import TypeGuard

from core20plus5.errors import RequestError
from core20plus5.rulesets.model import ParameterSpec, ParameterValue

_MONTH_DAY = re.compile(r"(\d\d)-(\d\d)")


def is_month_day(text: str) -> bool:
    """Whether a text is a day that every year has, as "09-01"."""
    match = _MONTH_DAY.fullmatch(text)
    try:
        return match is not None and bool(date(2001, int(match.group(1)), int(match.group(2))))
    except ValueError:
        return False


def month_day(text: str) -> tuple[int, int]:
    """Month and day of a month-day text."""
    return int(text[:2]), int(text[3:])


def override(specs: Mapping[str, ParameterSpec], overrides: Mapping[str, ParameterValue]) -> dict[str, ParameterValue]:
    """The values to use: those of the ruleset, with the request's in their place, each in the type that the ruleset has it in, so
    that requests which ask the same are the same. Raises RequestError for a wrong one."""
    values = {name: spec.value for name, spec in specs.items()}
    for name, value in overrides.items():
        if name not in values:
            raise RequestError(f"parameters: there is no parameter {name!r}; known are {', '.join(values)}")
        if not _is_like(value, values[name]):
            raise RequestError(f"parameters: {name} is given in {specs[name].unit}, like {values[name]!r}")
        values[name] = type(values[name])(value)
    return values


def _is_like(value: object, standard: ParameterValue) -> TypeGuard[ParameterValue]:
    """Whole numbers stay whole (months cannot be halved), no number is negative, a month-day stays a month-day."""
    if isinstance(standard, str):
        return isinstance(value, str) and is_month_day(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    if isinstance(standard, int) and not float(value).is_integer():
        return False
    return math.isfinite(value) and 0 <= value <= 100_000
