"""Numbers that add up to a total, released so that a hidden one cannot be worked out from the others."""

from collections.abc import Hashable, Sequence
from functools import lru_cache
from itertools import groupby

import numpy as np
import numpy.typing as npt

from core20plus5.disclosure import Policy
from core20plus5.disclosure.release import round_counts

#: Values that must stay possible for a hidden number.
POSSIBLE = 3

#: No policy rounds further than this.
_NEAR = 12

#: More people than there are.
_ANY = 10**18

Shown = list[int | None]
Bounds = tuple[int, int]


def protect(exact: npt.NDArray[np.int64], groups: Sequence[Hashable], policy: Policy) -> tuple[Shown, Shown]:
    """Release parts and their totals. exact: int64 (rows, 2), part and total; rows of one group, side by side, are all its parts.

    Returns both as shown, None where hidden. Further parts of a group are hidden, the smallest first, until each number that the
    policy hides may be any of three or more.
    """
    shown, hidden = round_counts(exact, policy)
    parts, totals, gone = exact[:, 0].tolist(), exact[:, 1].tolist(), hidden[:, 0].tolist()
    start = 0
    for _, rows in groupby(groups):
        end = start + len(list(rows))
        if end - start > 1 and any(gone[start:end]):
            total = (0, _ANY) if hidden[start, 1] else _range(totals[start], policy)
            gone[start:end] = _hide_more(parts[start:end], gone[start:end], total, policy)
        start = end
    people = [None if hid else number for number, hid in zip(shown[:, 0].tolist(), gone, strict=True)]
    of = [None if hid else number for number, hid in zip(shown[:, 1].tolist(), hidden[:, 1].tolist(), strict=True)]
    return people, of


def _hide_more(parts: list[int], primary: list[bool], total: Bounds, policy: Policy) -> list[bool]:
    """Which parts to hide, so that those that the policy hides keep their possible values."""
    bounds, gone = [_range(part, policy) for part in parts], list(primary)
    order = sorted((place for place, hid in enumerate(gone) if not hid), key=lambda place: -parts[place])
    while order and not _safe(bounds, primary, total):
        place = order.pop()
        gone[place], bounds[place] = True, (0, _ANY)  # as far as the others go, it can be anything
    return gone


def _safe(bounds: list[Bounds], primary: list[bool], total: Bounds) -> bool:
    """Whether each number hidden by the policy keeps its possible values, for someone who knows which numbers those are."""
    least, most = sum(low for low, _ in bounds), sum(high for _, high in bounds)
    for (low, high), hid in zip(bounds, primary, strict=True):
        if hid:
            from_here, to_here = max(low, total[0] - most + high), min(high, total[1] - least + low)
            if to_here - from_here + 1 < min(POSSIBLE, high - low + 1):
                return False
    return True


@lru_cache(maxsize=1 << 16)
def _range(number: int, policy: Policy) -> Bounds:
    """The numbers that are shown as this one is."""
    near = np.arange(max(0, number - _NEAR), number + _NEAR + 1)
    shown, hidden = round_counts(near, policy)
    mine = near == number
    alike = near[(shown == shown[mine]) & (hidden == hidden[mine])]
    return int(alike.min()), int(alike.max())
