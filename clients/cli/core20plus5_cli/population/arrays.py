"""The array types that the parts of the sample hand to each other, and how a missing value is written in each."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
"""(n,) float32. A column of decimals uses NaN for null."""
Ints: TypeAlias = NDArray[np.int32]
"""(n,) int32. A column of dates (days since 1970-01-01) or ranks uses NONE for null."""
Small: TypeAlias = NDArray[np.int16]
"""(n,) int16. A column of small numbers uses NONE_SMALL for null."""
Codes: TypeAlias = NDArray[np.int8]
"""(n,) int8. A position in a list of texts, or 1 yes, 0 no; -1 is null."""
Mask: TypeAlias = NDArray[np.bool_]
"""(n,) bool."""
Rows: TypeAlias = NDArray[np.intp]
"""(m,) positions of rows."""
Doubles: TypeAlias = NDArray[np.float64]
"""float64: settings and weights, and decimals that are compared with thresholds."""

Column: TypeAlias = NDArray[Any]
Columns: TypeAlias = dict[str, Column]
"""Record columns by name, each (n,) in one of the forms above."""

NONE = np.int32(-(2**31))
NONE_SMALL = np.int16(-(2**15))
EPOCH = 719_163
"""``date(1970, 1, 1).toordinal()``."""


def nowhere(n: int) -> Ints:
    """(n,) int32 of nulls: a date column before anything has happened."""
    return np.full(n, NONE, np.int32)
