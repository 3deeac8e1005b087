"""Numbers that are worked out row by row: float64 values with the plane of those that are known.

Rows that are not known keep anything. Words in which nothing is known are passed over.
"""

from core20plus5.kernels import lanes
from core20plus5.kernels._jit import kernel_part


@kernel_part
def as_numbers(values, known, out):
    """Integers and dates as float64. values: (n,) of any number type; known: (words,) uint64; out: (n,) float64."""
    for word in range(known.size):
        if known[word]:
            lanes.put_numbers(out, word * 64, values)


@kernel_part
def add(left, left_known, right, right_known, sign, out, out_known):
    """`left + sign * right`, known where both are. left, right, out: (n,) float64; sign: 1.0 or -1.0."""
    for word in range(out_known.size):
        known = left_known[word] & right_known[word]
        out_known[word] = known
        if known:
            lanes.put_sums(out, word * 64, left, right, sign)


@kernel_part
def select(condition, yes_values, yes_known, no_values, no_known, out, out_known):
    """The first value where the condition is yes, the second where it is no; unknown where it is. condition: (2, words)."""
    for word in range(out_known.size):
        yes = condition[0, word]
        known = (yes & yes_known[word]) | (~condition[1, word] & no_known[word])
        out_known[word] = known
        if known:
            lanes.put_chosen(out, word * 64, yes, yes_values, no_values)
