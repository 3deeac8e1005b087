"""Numbers that add up to a total, released so that a small one cannot be worked out from the others."""

import numpy as np
import numpy.typing as npt

from core20plus5.disclosure import Policy
from core20plus5.disclosure.release import known_limits, round_counts

#: Values that must stay possible for a number that the policy hides or protects.
POSSIBLE = 3

#: More people than there are.
_ANY = 10**18

Bounds = tuple[int, int]


def protect(
    exact: npt.NDArray[np.int64], groups: npt.NDArray[np.int64], policy: Policy
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Release parts and their totals. exact: int64 (rows, 2), part and total; rows of one group, side by side, are all its parts.

    Returns both as shown, and which are hidden (0 stands there). Further parts of a group are hidden, the smallest first, until
    each number that the policy hides or protects may be any of three or more.
    """
    shown, hidden = round_counts(exact, policy)
    bounds = np.stack(known_limits(exact, policy), axis=2)
    small = hidden[:, 0] | (exact[:, 0] >= 1) & (exact[:, 0] <= policy.protected_to)
    edges = np.flatnonzero(np.diff(groups, prepend=-1, append=-1))
    are_small = np.diff(np.append(0, np.cumsum(small))[edges])
    to_look_at = (np.diff(edges) > 1) & (are_small > 0)
    for start, end in zip(edges[:-1][to_look_at].tolist(), edges[1:][to_look_at].tolist(), strict=True):
        total = (0, _ANY) if hidden[start, 1] else tuple(bounds[start, 1].tolist())
        known = [(low, high) for low, high in bounds[start:end, 0].tolist()]
        parts, primary = exact[start:end, 0].tolist(), hidden[start:end, 0].tolist()
        hidden[start:end, 0] = _hide_more(parts, known, primary, small[start:end].tolist(), total)
    return np.where(hidden, 0, shown), hidden


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
