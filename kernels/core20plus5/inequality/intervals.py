"""95 % confidence intervals, vectorised. They tell of chance alone: error from rounded counts is not in them.

Every function takes and gives float64 arrays of one shape; NaN in, or nobody asked, is NaN out.
"""

import numpy as np
import numpy.typing as npt

from core20plus5.inequality.rules import Z95

Numbers = npt.NDArray[np.float64]
Interval = tuple[Numbers, Numbers]


def wilson(yes: Numbers, people: Numbers) -> Interval:
    """Wilson's score interval of a share (Wilson 1927; Newcombe 1998, Statistics in Medicine 17:857, method 3)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share, square = yes / people, Z95**2
        half = Z95 * np.sqrt(square + 4 * yes * (1 - share))
        scale = 2 * (people + square)
        lower, upper = (2 * yes + square - half) / scale, (2 * yes + square + half) / scale
    # At 0 and 100 % the limit is exact; rounding error must not carry it past.
    lower, upper = np.where(yes == 0, 0.0, lower), np.where(yes == people, 1.0, upper)
    nobody = ~(people > 0)
    return np.where(nobody, np.nan, lower), np.where(nobody, np.nan, upper)


def byar(events: Numbers) -> Interval:
    """Byar's interval of a count (Breslow and Day 1987, volume 2, chapter 2); 0 has the lower limit 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        lower = events * (1 - 1 / (9 * events) - Z95 / (3 * np.sqrt(events))) ** 3
        more = events + 1
        upper = more * (1 - 1 / (9 * more) + Z95 / (3 * np.sqrt(more))) ** 3
    return np.where(events == 0, 0.0, lower), upper


def difference(share: Numbers, limits: Interval, other: Numbers, other_limits: Interval) -> Interval:
    """The interval of share - other from the Wilson interval of each (Newcombe 1998, Statistics in Medicine 17:873, 10)."""
    (low, high), (other_low, other_high) = limits, other_limits
    gap = share - other
    return gap - np.hypot(share - low, other_high - other), gap + np.hypot(high - share, other - other_low)


def ratio(share: Numbers, limits: Interval, other: Numbers, other_limits: Interval) -> Interval:
    """The interval of share / other from the Wilson interval of each (MOVER-R: Donner and Zou 2012, Statistical Methods in
    Medical Research 21:347). The lower limit is written so that no difference of nearly equal numbers is divided by another."""
    (low, high), (other_low, other_high) = limits, other_limits
    with np.errstate(divide="ignore", invalid="ignore"):
        product = share * other
        below = low * (2 * share - low)
        root = np.sqrt(np.maximum(product**2 - below * other_high * (2 * other - other_high), 0))
        lower = np.where(share == 0, 0.0, below / (product + root))
        beneath = other_low * (2 * other - other_low)
        root = np.sqrt(np.maximum(product**2 - high * (2 * share - high) * beneath, 0))
        upper = (product + root) / beneath
    undefined = ~(other > 0) | np.isnan(share)
    return np.where(undefined, np.nan, lower), np.where(undefined, np.nan, upper)
