"""Numbers that add up to a total, released so that a hidden one cannot be worked out from the others."""

from collections.abc import Hashable, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt

from core20plus5.disclosure import Policy
from core20plus5.disclosure.release import release

#: Values that must stay possible for a hidden number.
POSSIBLE = 3

#: No policy rounds further than this.
_NEAR = 12

Shown = list[int | None]


def protect(exact: npt.NDArray[np.int64], groups: Sequence[Hashable], policy: Policy) -> tuple[Shown, Shown]:
    """Release parts and their totals. exact: int64 (rows, 2), part and total; rows of one group, side by side, are all its parts.

    Returns both as shown, None where hidden. Further parts of a group are hidden, the smallest first, until each number that the
    policy hides may be any of three or more.
    """
    shown, hidden = release(exact, policy)
    start = 0
    for _, rows in groupby(groups):
        size = len(list(rows))
        _hide_more(exact[start : start + size], hidden[start : start + size], policy)
        start += size
    both = [[None if gone else int(number) for number, gone in zip(*row, strict=True)] for row in zip(shown, hidden, strict=True)]
    return [row[0] for row in both], [row[1] for row in both]


def _hide_more(exact: Any, hidden: Any, policy: Policy) -> None:
    parts, gone = exact[:, 0], hidden[:, 0]
    if len(parts) < 2 or not gone.any():
        return
    ranges = [_range(int(part), policy) for part in parts]
    total = (0, 10**18) if hidden[0, 1] else _range(int(exact[0, 1]), policy)
    primary = gone.copy()
    order = [int(place) for place in np.argsort(parts, kind="stable") if not gone[place]]
    while order and not _safe(ranges, gone, primary, total):
        gone[order.pop(0)] = True


def _safe(ranges: list[tuple[int, int]], gone: Any, primary: Any, total: tuple[int, int]) -> bool:
    """Whether each number hidden by the policy keeps its possible values, for someone who knows which those are."""
    # What was hidden besides can be anything, as far as the others go.
    low = [0 if hid and not first else bounds[0] for bounds, hid, first in zip(ranges, gone, primary, strict=True)]
    high = [10**18 if hid and not first else bounds[1] for bounds, hid, first in zip(ranges, gone, primary, strict=True)]
    for place in np.flatnonzero(primary):
        others_low, others_high = sum(low) - low[place], sum(high) - high[place]
        least, most = max(low[place], total[0] - others_high), min(high[place], total[1] - others_low)
        if most - least + 1 < min(POSSIBLE, high[place] - low[place] + 1):
            return False
    return True


def _range(number: int, policy: Policy) -> tuple[int, int]:
    """The numbers that are shown as this one is."""
    near = np.arange(max(0, number - _NEAR), number + _NEAR + 1)
    shown, hidden = release(near, policy)
    mine = near == number
    alike = near[(shown == shown[mine]) & (hidden == hidden[mine])]
    return int(alike.min()), int(alike.max())
