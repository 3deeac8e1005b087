"""Rulesets: the only place where a rule is stated. See README.md beside this file."""

import re
from functools import cache
from importlib.resources import files
from pathlib import Path

from core20plus5.errors import RulesetError
from core20plus5.rulesets.columns import indicator_columns, rule_columns, ruleset_columns
from core20plus5.rulesets.load import load_ruleset
from core20plus5.rulesets.model import Indicator, ParameterSpec, ParameterValue, Rule, Ruleset, Sensitive
from core20plus5.rulesets.parameters import month_day, override

__all__ = [
    "Indicator",
    "ParameterSpec",
    "ParameterValue",
    "Rule",
    "Ruleset",
    "Sensitive",
    "find_ruleset",
    "indicator_columns",
    "list_rulesets",
    "load_ruleset",
    "month_day",
    "override",
    "rule_columns",
    "ruleset_columns",
]


@cache  # the files of an installed package do not change
def list_rulesets() -> tuple[Ruleset, ...]:
    """Every ruleset that comes with the engine, by name, the newest version of a name first."""
    folder = Path(str(files(__name__)))
    rulesets = [load_ruleset(path) for path in folder.glob("*.toml")]
    return tuple(sorted(sorted(rulesets, key=_age, reverse=True), key=lambda ruleset: ruleset.name))


def _age(ruleset: Ruleset) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", ruleset.version)]


def find_ruleset(name: str) -> Ruleset:
    """A ruleset by name (its newest version), by name@version, or by the path of a .toml file of your own."""
    if name.endswith(".toml"):
        return load_ruleset(Path(name))
    known = list_rulesets()
    for ruleset in known:
        if name in (ruleset.name, f"{ruleset.name}@{ruleset.version}"):
            return ruleset
    names = ", ".join(f"{ruleset.name}@{ruleset.version}" for ruleset in known)
    raise RulesetError(f"there is no ruleset {name!r}; known are {names}")
