"""From the texts of options to the arguments of the engine, which checks everything else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from core20plus5_cli.errors import CliError

NO_DEFAULT_DATE = (
    "--reference-date is missing: there is no default, because every answer is as at this date; give the date of the extract,"
    " such as --reference-date 2026-03-31"
)
NO_DEFAULT_VERSION = (
    "--imd-version is missing: there is no default, because IMD 2019 and IMD 2025 put different people in Core20; it is"
    " 2025 for LSOA 2021 codes, 2019 for LSOA 2011 codes"
)


def engine_arguments(
    *,
    reference_date: str | None,
    imd_version: str | None,
    imd_table: Path | None,
    plus: str | None,
    indicators: str | None,
    imd_from: str | None,
    null_means_no: str | None,
    settings: Sequence[str],
    ruleset: str,
    allow_later_facts: bool,
) -> dict[str, Any]:
    """What counts and flags have in common, as keyword arguments. Raises CliError for what cannot be read."""
    if imd_version is None:
        raise CliError(NO_DEFAULT_DATE if reference_date is None else NO_DEFAULT_VERSION)
    return {
        "reference_date": day("--reference-date", reference_date),
        "imd_version": imd_version,
        "imd_table": imd_table,
        "plus_groups": names(plus) or (),
        "indicators": names(indicators),
        "imd_from": imd_from,
        "null_means_no": names(null_means_no) or (),
        "parameters": parameters(settings),
        "ruleset": ruleset,
        "allow_later_facts": allow_later_facts,
    }


def day(option: str, text: str | None) -> date:
    """A date as 2026-03-31."""
    if text is None:
        raise CliError(NO_DEFAULT_DATE)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CliError(f"{option} must be a date such as 2026-03-31, not {text!r}") from None


def names(text: str | None) -> list[str] | None:
    """A list with commas; None where the option was not given."""
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def parameters(settings: Sequence[str]) -> dict[str, int | float | str]:
    """Parameter values by name, from texts such as bp_target_systolic=135."""
    found: dict[str, int | float | str] = {}
    for setting in settings:
        name, equals, value = (part.strip() for part in setting.partition("="))
        if not (name and equals and value):
            raise CliError(f"--set takes NAME=VALUE, such as bp_target_systolic=135, not {setting!r}")
        if name in found:
            raise CliError(f"--set names {name} more than once")
        found[name] = _value(value)
    return found


def _value(text: str) -> int | float | str:
    if re.fullmatch(r"[+-]?\d+", text):
        return int(text)
    try:
        return float(text)
    except ValueError:
        return text
