"""Look-up tables by sex, deprivation tenth and single year of age: a person's chance or category costs one read."""

from __future__ import annotations

import numpy as np

from core20plus5_cli.population.arrays import Codes, Doubles, Floats, Rows
from core20plus5_cli.population.assumptions import AGES, DECILES

SEXES = 2
SHAPE = (SEXES, DECILES, AGES)
SLOTS = 4096
HIGHEST = 0.97


def cell(sex: Codes, decile: Codes, age: Codes) -> Rows:
    """(n,) position of each person in a flattened (2, 10, 106) table."""
    return (sex.astype(np.intp) * DECILES + decile) * AGES + age


def deprivation(ratio: float) -> Doubles:
    """(10,) relative chance by tenth: the most deprived fifth has `ratio` times that of the least deprived."""
    middle = (np.arange(DECILES) + 0.5) / DECILES
    return np.asarray(ratio ** ((0.5 - middle) / 0.8))


def spread(by_age: Doubles, deprivation_ratio: float = 1.0, male_ratio: float = 1.0) -> Doubles:
    """(2, 10, 106) relative chance from its three parts."""
    by_sex = np.array([male_ratio, 1.0])
    return by_sex[:, None, None] * deprivation(deprivation_ratio)[None, :, None] * by_age[None, None, :]


def calibrated(relative: Doubles, overall: float, weights: Doubles) -> Doubles:
    """(2, 10, 106) chances in proportion to `relative` whose mean over `weights` is `overall`.

    A chance is at most 0.97; what that cuts off is made up elsewhere.
    """
    chance = relative.copy()
    weights = weights / weights.sum()
    for _ in range(20):
        chance = np.minimum(chance * overall / float((chance * weights).sum()), HIGHEST)
    return chance


def flat(table: Doubles) -> Floats:
    """The table as one row of float32, to be read at `cell`."""
    return np.ascontiguousarray(np.broadcast_to(table, SHAPE), np.float32).ravel()


def slots(shares: Doubles, count: int = SLOTS) -> Codes:
    """(rows, count) int8 from (rows, k) shares: each category fills its share of the slots."""
    edges = np.cumsum(shares / shares.sum(axis=1, keepdims=True), axis=1)
    middle = (np.arange(count) + 0.5) / count
    found = [np.searchsorted(row, middle) for row in edges]
    table: Codes = np.minimum(np.array(found), shares.shape[1] - 1).astype(np.int8)
    return table
