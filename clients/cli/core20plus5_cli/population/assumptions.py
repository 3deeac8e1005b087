"""Reads ``assumptions.toml``: every number that the sample is made from, with its unit and source."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from core20plus5_cli.population.arrays import Doubles

AGES = 106
DECILES = 10


@dataclass(frozen=True)
class Assumptions:
    """The settings as a tree. Names are dotted (``bp.half_pair``); a name that is not there is a KeyError."""

    tree: dict[str, Any]

    def value(self, name: str) -> Any:
        """The setting's value as written."""
        node: Any = self.tree
        for part in name.split("."):
            node = node[part]
        return node["value"]

    def number(self, name: str) -> float:
        """A single number."""
        return float(self.value(name))

    def shares(self, name: str) -> tuple[list[str], Doubles]:
        """The names of a table of shares, and its (k,) float64 shares scaled to sum to 1."""
        table: dict[str, float] = self.value(name)
        weights = np.array(list(table.values()), np.float64)
        return list(table), weights / weights.sum()

    def numbers(self, name: str) -> Doubles:
        """A list, or the values of a table, as (k,) float64."""
        value = self.value(name)
        return np.array(list(value.values()) if isinstance(value, dict) else value, np.float64)

    def by_age(self, name: str) -> Doubles:
        """(106,) float64 by single year of age, 0 to 105."""
        knots = np.array(self.value(name), np.float64)
        return np.interp(np.arange(AGES), knots[:, 0], knots[:, 1])

    def by_decile(self, name: str) -> Doubles:
        """(10,) float64 from the most to the least deprived tenth; a single number holds for all."""
        value = self.value(name)
        most, least = value if isinstance(value, list) else (value, value)
        return np.linspace(most, least, DECILES)


@lru_cache(maxsize=1)
def assumptions() -> Assumptions:
    """The settings that come with the package."""
    text = files("core20plus5_cli.population").joinpath("assumptions.toml").read_text(encoding="utf-8")
    return Assumptions(tomllib.loads(text))
