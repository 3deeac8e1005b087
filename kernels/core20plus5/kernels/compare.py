"""Comparisons: from typed values to the two bit planes of a three-valued answer."""

import numpy as np

from core20plus5.kernels._jit import kernel

#: The null of int32 dates; earlier than every real date, so that "later than" is false for it.
NULL_DATE = np.int32(-(2**31))


@kernel
def at_least(values, limit, out):
    """`values >= limit`, unknown where a value is NaN. values: (n,) float64; limit: float64; out: (2, n/64) uint64."""
    for word in range(out.shape[1]):
        yes = np.uint64(0)
        possible = np.uint64(0)
        for bit in range(64):
            value = values[word * 64 + bit]
            yes |= np.uint64(value >= limit) << np.uint64(bit)
            possible |= np.uint64((value >= limit) | (value != value)) << np.uint64(bit)
        out[0, word] = yes
        out[1, word] = possible


@kernel
def at_most(values, limit, out):
    """`values <= limit`, unknown where a value is NaN. Shapes as in `at_least`."""
    for word in range(out.shape[1]):
        yes = np.uint64(0)
        possible = np.uint64(0)
        for bit in range(64):
            value = values[word * 64 + bit]
            yes |= np.uint64(value <= limit) << np.uint64(bit)
            possible |= np.uint64((value <= limit) | (value != value)) << np.uint64(bit)
        out[0, word] = yes
        out[1, word] = possible


@kernel
def at_least_each(values, limits, out):
    """`values >= limits` row by row, unknown where either is NaN. values, limits: (n,) float64."""
    for word in range(out.shape[1]):
        yes = np.uint64(0)
        no = np.uint64(0)
        for bit in range(64):
            row = word * 64 + bit
            yes |= np.uint64(values[row] >= limits[row]) << np.uint64(bit)
            no |= np.uint64(values[row] < limits[row]) << np.uint64(bit)
        out[0, word] = yes
        out[1, word] = ~no


@kernel
def number_recorded(values, out):
    """Whether a number is recorded: yes or no, never unknown. values: (n,) float64."""
    for word in range(out.shape[1]):
        yes = np.uint64(0)
        for bit in range(64):
            value = values[word * 64 + bit]
            yes |= np.uint64(value == value) << np.uint64(bit)
        out[0, word] = yes
        out[1, word] = yes


@kernel
def code_in(codes, accepted, out):
    """Whether a code is in a set, unknown where the code is -1. codes: (n,) int8, 0 to 63; accepted: uint64, a bit a code."""
    for word in range(out.shape[1]):
        yes = np.uint64(0)
        possible = np.uint64(0)
        for bit in range(64):
            code = codes[word * 64 + bit]
            inside = (accepted >> np.uint64(code & 63)) & np.uint64(1)
            known = np.uint64(code >= 0)
            yes |= (inside & known) << np.uint64(bit)
            possible |= (inside | (known ^ np.uint64(1))) << np.uint64(bit)
        out[0, word] = yes
        out[1, word] = possible


@kernel
def select(condition, if_yes, if_no, out):
    """`if_yes` where the condition is yes, `if_no` where it is no, NaN where it is unknown. Values and out: (n,) float64."""
    for word in range(condition.shape[1]):
        yes = condition[0, word]
        possible = condition[1, word]
        for bit in range(64):
            row = word * 64 + bit
            is_yes = (yes >> np.uint64(bit)) & np.uint64(1)
            is_possible = (possible >> np.uint64(bit)) & np.uint64(1)
            value = if_yes[row] if is_yes else if_no[row]
            out[row] = value if is_yes == is_possible else np.nan
