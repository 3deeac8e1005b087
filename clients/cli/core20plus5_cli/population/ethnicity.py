"""Ethnic groups: who lives where, and what the record has of it."""

from __future__ import annotations

import numpy as np

from core20plus5_cli.population.arrays import Codes, Doubles, Rows
from core20plus5_cli.population.assumptions import DECILES, Assumptions
from core20plus5_cli.population.draws import Draws
from core20plus5_cli.population.tables import slots

LETTERS = "ABCDEFGHJKLMNPRS"
LOCAL = "123"
INVALID = ("T", "W", "ZZ", "9", "not asked")
BROAD_GROUPS = {"White": "ABC", "Mixed": "DEFG", "Asian": "HJKL", "Black": "MNP", "Other": "RS"}
AGE_STARTS = (18, 40, 65)
CODES = [*LETTERS, "Z", "99", *(letter + local for letter in LETTERS for local in LOCAL), *INVALID]
"""Every text of the column: the sixteen groups, not stated, not known, local forms, and codes that are none."""
Z, UNKNOWN_99, FIRST_LOCAL, FIRST_INVALID = 16, 17, 18, 18 + 16 * len(LOCAL)


def by_broad_group(values: dict[str, float]) -> Doubles:
    """(16,) float64: a value for White, Mixed, Asian, Black and Other as one for each of the sixteen codes."""
    return np.array([next(values[name] for name, codes in BROAD_GROUPS.items() if code in codes) for code in LETTERS])


def slope_for_share(share: float) -> float:
    """The log slope over the deprivation order that puts `share` of a group in the most deprived tenth."""
    slopes = np.linspace(-8, 8, 1601)
    weights = np.exp(slopes[:, None] * (0.5 - (np.arange(DECILES) + 0.5) / DECILES))
    return float(np.interp(share, weights[:, 0] / weights.sum(axis=1), slopes))


class Ethnicity:
    """Draws the sixteen groups by kind of system, deprivation and age, with national shares over all people."""

    def __init__(self, settings: Assumptions, kind_share: Doubles, age_share: Doubles) -> None:
        """`kind_share` is (3,) people by kind of system, `age_share` (10, 4) people by tenth and age group."""
        national = settings.numbers("ethnicity.shares")
        weights = kind_share[:, None, None] * (age_share / age_share.sum())[None]
        self.table = slots(self._shares(settings, national / national.sum(), weights).reshape(-1, len(LETTERS)), 8192)
        names, recorded = settings.shares("ethnicity.recorded")
        self.recorded = dict(zip(names, recorded.tolist(), strict=True))

    def _shares(self, settings: Assumptions, national: Doubles, weights: Doubles) -> Doubles:
        """(3, 10, 4, 16) shares of the groups, fitted so that their mean over `weights` is `national`."""
        slope = np.array([slope_for_share(share) for share in settings.numbers("ethnicity.in_most_deprived_tenth")])
        middle = (np.arange(DECILES) + 0.5) / DECILES
        by_decile = np.exp(slope * (0.5 - middle)[:, None])
        minority = (np.arange(len(LETTERS)) > 0).astype(np.float64)
        by_age = settings.numbers("ethnicity.minority_odds_by_age")[:, None] ** minority
        by_kind = settings.numbers("ethnicity.minority_odds_by_place")[:, None] ** minority
        relative = by_kind[:, None, None] * by_decile[None, :, None] * by_age[None, None]
        base = national.copy()
        for _ in range(50):
            shares = base * relative
            shares /= shares.sum(axis=-1, keepdims=True)
            base *= national / np.tensordot(weights, shares, axes=3)
        return np.asarray(shares)

    def group(self, kind: Rows, decile: Codes, age: Codes, draws: Draws) -> Codes:
        """(n,) int8 position in the sixteen codes."""
        band = np.zeros(len(age), np.intp)
        for start in AGE_STARTS:
            band += age >= start
        return draws.pick(self.table, (kind * DECILES + decile) * (len(AGE_STARTS) + 1) + band)

    def record(self, group: Codes, draws: Draws) -> Codes:
        """(n,) int8 position in CODES, -1 for null: what the column has for people of these groups."""
        n = len(group)
        edges = np.cumsum([self.recorded[name] for name in ("as it is", "with a local character", "Z", "99", "missing")])
        kind = np.searchsorted(edges, np.arange(4096) / 4096, side="right").astype(np.int8)
        found = draws.pick_one(kind, n)
        local = FIRST_LOCAL + group * len(LOCAL) + draws.generator.integers(0, len(LOCAL), n, dtype=np.int8)
        invalid = FIRST_INVALID + draws.generator.integers(0, len(INVALID), n, dtype=np.int8)
        fixed = [np.full(n, code, np.int8) for code in (Z, UNKNOWN_99, -1)]
        return np.choose(found, [group, local, *fixed, invalid])
