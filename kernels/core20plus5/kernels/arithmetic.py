"""Numbers that are worked out row by row: float64 values with the plane of those that are known.

Rows that are not known keep whatever was in memory.
"""

import numpy as np

from core20plus5.kernels._jit import kernel, popcount

#: People of a word of 64 up to whom it is quicker to go from one to the next than through all of them.
FEW = 12


@kernel
def lowest(bits):
    """The place of the lowest set bit."""
    return np.int64(popcount((bits & (~bits + np.uint64(1))) - np.uint64(1)))


@kernel
def as_numbers(values, known, out):
    """Integers and dates as float64. values: (n,) of any number type; known: (words,) uint64; out: (n,) float64."""
    for word in range(known.size):
        bits = known[word]
        if popcount(bits) < FEW:
            while bits:
                row = word * 64 + lowest(bits)
                out[row] = np.float64(values[row])
                bits &= bits - np.uint64(1)
        else:
            for row in range(word * 64, word * 64 + 64):
                out[row] = np.float64(values[row])


@kernel
def add(left, left_known, right, right_known, sign, out, out_known):
    """`left + sign * right`, known where both are. left, right, out: (n,) float64; sign: 1.0 or -1.0."""
    for word in range(out_known.size):
        known = left_known[word] & right_known[word]
        out_known[word] = known
        if popcount(known) < FEW:
            while known:
                row = word * 64 + lowest(known)
                out[row] = left[row] + sign * right[row]
                known &= known - np.uint64(1)
        else:
            for row in range(word * 64, word * 64 + 64):
                out[row] = left[row] + sign * right[row]


@kernel
def select(condition, yes_values, yes_known, no_values, no_known, out, out_known):
    """The first value where the condition is yes, the second where it is no; unknown where it is. condition: (2, words)."""
    for word in range(out_known.size):
        yes = condition[0, word]
        known = (yes & yes_known[word]) | (~condition[1, word] & no_known[word])
        out_known[word] = known
        if known:
            for row in range(word * 64, word * 64 + 64):
                is_yes = (yes >> np.uint64(row & 63)) & np.uint64(1)
                out[row] = yes_values[row] if is_yes else no_values[row]
