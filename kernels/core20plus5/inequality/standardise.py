"""Directly age-standardised shares: what the share would be if the group had the ages of a standard population."""

import numpy as np

from core20plus5.inequality.intervals import Interval, Numbers, byar


def standardised(yes: Numbers, people: Numbers, weights: Numbers) -> tuple[Numbers, Numbers, Interval]:
    """The standardised share of each group, its variance and its interval (Dobson 1991 on Byar's limits, as in the Public Health
    England Technical Guide: Confidence intervals, 2018).

    yes, people, weights: float64 (groups, age bands). A band of weight 0 is left out; one with weight and nobody in it makes the
    share NaN.
    """
    used = weights > 0
    total = weights.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(used, weights * yes / people, 0).sum(axis=1) / total
        variance = np.where(used, weights**2 * yes / people**2, 0).sum(axis=1) / total**2
    events = np.where(used, yes, 0).sum(axis=1)
    low, high = byar(events)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.sqrt(variance / events)
    lower, upper = value + scale * (low - events), value + scale * (high - events)
    return value, variance, (lower, upper)
