"""Slope and relative index of inequality: one line through the shares of all quantiles of deprivation.

The method of the Public Health Outcomes Framework, on the shares as they are (linear, not transformed): quantiles are ordered
from the most to the least deprived, each stands at the middle of its part of the population, and least squares are weighted with
that part. The slope index is the line at the least deprived end less the line at the most deprived end: above 0 the least
deprived have more. The relative index is the first divided by the second.

Intervals are by the delta method instead of the framework's simulation, so that the same counts always give the same interval.
The standard error of each share is half the width of its Wilson interval over 1.96, as there, so that 0 and 100 % have one too.
"""

from dataclasses import dataclass

import numpy as np

from core20plus5.inequality.intervals import Interval, Numbers, wilson
from core20plus5.inequality.rules import Z95


@dataclass(frozen=True)
class Slope:
    """float64 (groups,) each; rii is NaN where the line meets 0 at either end."""

    intercept: Numbers
    sii: Numbers
    sii_limits: Interval
    rii: Numbers
    rii_limits: Interval


def slope_index(yes: Numbers, people: Numbers) -> Slope:
    """The line of each group. yes, people: float64 (groups, quantiles), from the most to the least deprived, nobody missing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = yes / people
        part = people / people.sum(axis=1, keepdims=True)
    place = np.cumsum(part, axis=1) - part / 2
    mean = (part * place).sum(axis=1, keepdims=True)
    away = part * (place - mean)
    # Both ends of the line are sums of the shares with these weights.
    with np.errstate(divide="ignore", invalid="ignore"):
        to_slope = away / (away * (place - mean)).sum(axis=1, keepdims=True)
    to_most = part - mean * to_slope
    to_least = to_most + to_slope
    most, least, slope = ((weights * share).sum(axis=1) for weights in (to_most, to_least, to_slope))
    low, high = wilson(yes, people)
    error = (high - low) / (2 * Z95)
    reach = Z95 * _deviation(to_slope, error)
    with np.errstate(all="ignore"):
        positive = (most > 0) & (least > 0)
        index = np.where(positive, least / most, np.nan)
        weights = to_least / least[:, None] - to_most / most[:, None]
        spread = np.exp(Z95 * _deviation(weights, error))
        limits = (index / spread, index * spread)
    return Slope(most, slope, (slope - reach, slope + reach), index, limits)


def _deviation(weights: Numbers, error: Numbers) -> Numbers:
    """The standard deviation of a weighted sum of independent shares."""
    deviation: Numbers = np.sqrt(((weights * error) ** 2).sum(axis=1))
    return deviation
