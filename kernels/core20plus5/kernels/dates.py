"""Rules about dates: windows, registers and age. Dates are int32 days since 1970-01-01, with the plane of those known."""

import numpy as np

from core20plus5.kernels import lanes
from core20plus5.kernels._jit import kernel, kernel_part


@kernel_part
def dated_between(dates, known, after, until, out):
    """`after < date <= until`; no date is no. dates: (n,) int32; known: (n/64,) uint64; after, until: int32; out: (2, n/64)."""
    for word in range(known.size):
        bits = known[word]
        if bits:
            bits &= lanes.greater(dates, word * 64, after) & lanes.at_most(dates, word * 64, until)
        out[0, word] = bits
        out[1, word] = bits


@kernel_part
def on_register(diagnosed, diagnosed_known, resolved, resolved_known, out):
    """Diagnosed, and not resolved since: a tie keeps the diagnosis. Shapes as in `dated_between`."""
    for word in range(diagnosed_known.size):
        bits = diagnosed_known[word]
        if bits & resolved_known[word]:
            bits &= ~resolved_known[word] | lanes.at_least_each(diagnosed, resolved, word * 64)
        out[0, word] = bits
        out[1, word] = bits


@kernel
def ages_on(births, known, reference, ages, out, out_known):
    """Completed years at the reference date, where a birth date is known and not later; other rows keep what they hold.

    births: (n,) int32; reference: int32 days; ages: (m,) int16, the age of someone born k days before the reference date,
    its last entry standing for everyone older; out: (n,) int16. A later birth date makes the age unknown.
    """
    oldest = np.int64(ages.size - 1)
    for word in range(known.size):
        bits = known[word]
        born = bits & lanes.at_most(births, word * 64, reference)
        out_known[word] = (out_known[word] & ~bits) | born
        for row in range(word * 64, word * 64 + 64):
            days = np.int64(reference) - np.int64(births[row])
            age = ages[min(max(days, np.int64(0)), oldest)]
            out[row] = age if (born >> np.uint64(row & 63)) & np.uint64(1) else out[row]
