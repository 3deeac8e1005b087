"""The exit: counts become publishable numbers here, or not at all."""

import numpy as np
import numpy.typing as npt

from core20plus5.disclosure.policies import Policy

Counts = npt.NDArray[np.int64]


def release(counts: Counts, policy: Policy) -> tuple[Counts, npt.NDArray[np.bool_] | None]:
    """Apply a policy count by count. Returns the numbers to show, and where one is hidden (0 stands there), if any can be."""
    if policy.hidden_to == 0 and policy.nearest == 1:
        return counts, None
    hidden = (counts >= 1) & (counts <= policy.hidden_to)
    # Whole-number arithmetic: rounding never meets a tie, and never a floating-point error.
    shown = (counts + policy.nearest // 2) // policy.nearest * policy.nearest
    return np.where(hidden, 0, shown), hidden
