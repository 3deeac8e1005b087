"""Numbers that add up to a total, released so that a small one cannot be worked out from the others."""

from collections.abc import Hashable, Sequence
from itertools import groupby

import numpy as np
import numpy.typing as npt

from core20plus5.disclosure import Policy
from core20plus5.disclosure.release import known_limits, round_counts

#: Values that must stay possible for a number that the policy hides or protects.
POSSIBLE = 3

#: More people than there are.
_ANY = 10**18

Shown = list[int | None]
Bounds = tuple[int, int]


def protect(exact: npt.NDArray[np.int64], groups: Sequence[Hashable], policy: Policy) -> tuple[Shown, Shown]:
    """Release parts and their totals. exact: int64 (rows, 2), part and total; rows of one group, side by side, are all its parts.

    Returns both as shown, None where hidden. Further parts of a group are hidden, the smallest first, until each number that the
    policy hides or protects may be any of three or more.
    """
    shown, hidden = round_counts(exact, policy)
    bounds = np.stack(known_limits(exact, policy), axis=2)
    parts, totals = ([(low, high) for low, high in side] for side in bounds.transpose(1, 0, 2).tolist())
    gone, small = hidden[:, 0].tolist(), (hidden[:, 0] | (exact[:, 0] >= 1) & (exact[:, 0] <= policy.protected_to)).tolist()
    start = 0
    for _, rows in groupby(groups):
        end = start + len(list(rows))
        if end - start > 1 and any(small[start:end]):
            total = (0, _ANY) if hidden[start, 1] else totals[start]
            gone[start:end] = _hide_more(exact[start:end, 0].tolist(), parts[start:end], gone[start:end], small[start:end], total)
        start = end
    people = [None if hid else number for number, hid in zip(shown[:, 0].tolist(), gone, strict=True)]
    of = [None if hid else number for number, hid in zip(shown[:, 1].tolist(), hidden[:, 1].tolist(), strict=True)]
    return people, of


def _hide_more(parts: list[int], known: list[Bounds], primary: list[bool], small: list[bool], total: Bounds) -> list[bool]:
    """Which parts to hide, so that the small ones keep their possible values. primary: those that the policy hides."""
    bounds, gone = list(known), list(primary)
    order = sorted((place for place, hid in enumerate(gone) if not hid), key=lambda place: -parts[place])
    while order and not _safe(bounds, small, total):
        place = order.pop()
        gone[place], bounds[place] = True, (0, _ANY)  # as far as the others go, it can be anything
    return gone


def _safe(bounds: list[Bounds], small: list[bool], total: Bounds) -> bool:
    """Whether each small number keeps its possible values, for someone who knows which numbers those are."""
    least, most = sum(low for low, _ in bounds), sum(high for _, high in bounds)
    for (low, high), is_small in zip(bounds, small, strict=True):
        if is_small:
            from_here, to_here = max(low, total[0] - most + high), min(high, total[1] - least + low)
            if to_here - from_here + 1 < min(POSSIBLE, high - low + 1):
                return False
    return True
