"""The exit: counts become publishable numbers here, or not at all."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Policy:
    """A disclosure policy: counts from 1 to `hidden_to` are hidden, others are rounded to the nearest `nearest`."""

    name: str
    title: str
    hidden_to: int
    nearest: int
    source: str
    protection: str


POLICIES = {
    policy.name: policy
    for policy in (
        Policy(
            "hes",
            "0 stays 0, 1 to 7 is hidden, other counts are rounded to the nearest 5",
            7,
            5,
            "NHS England, Hospital Episode Statistics analysis guide, since September 2018",
            "primary suppression only: each count by itself, so linked counts may give a hidden one away",
        ),
        Policy("none", "exact counts", 0, 1, "the caller's own decision", "none: exact counts, not for publication"),
    )
}


def release(counts: Counts, policy: Policy) -> tuple[Counts, npt.NDArray[np.bool_]]:
    """Apply a policy count by count. Returns the numbers to show, and where a number is hidden (0 stands there)."""
    hidden = (counts >= 1) & (counts <= policy.hidden_to)
    # Whole-number arithmetic: rounding never meets a tie, and never a floating-point error.
    shown = (counts + policy.nearest // 2) // policy.nearest * policy.nearest
    return np.where(hidden, 0, shown), hidden
