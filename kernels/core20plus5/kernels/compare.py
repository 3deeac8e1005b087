"""Comparisons: from values to the two bit planes of a three-valued answer.

A column of numbers or dates is an array of values, padded to whole words, and the plane `known` of those that count: what
stands under a 0 is anything. Words in which nothing is known are passed over: most facts are about few people.
"""

import numpy as np

from core20plus5.kernels import lanes
from core20plus5.kernels._jit import kernel_part


@kernel_part
def at_least(values, known, limit, out):
    """`values >= limit`, unknown where a value is. values: (n,) numbers; known: (n/64,) uint64; limit: float64; out: (2, n/64)"""
    for word in range(known.size):
        bits = known[word]
        yes = bits & lanes.at_least(values, word * 64, limit) if bits else bits
        out[0, word] = yes
        out[1, word] = yes | ~bits


@kernel_part
def at_most(values, known, limit, out):
    """`values <= limit`, unknown where a value is. Shapes as in `at_least`."""
    for word in range(known.size):
        bits = known[word]
        yes = bits & lanes.at_most(values, word * 64, limit) if bits else bits
        out[0, word] = yes
        out[1, word] = yes | ~bits


@kernel_part
def at_least_each(values, values_known, limits, limits_known, out):
    """`values >= limits` row by row, unknown where either is. values, limits: (n,) of one type; the rest as in `at_least`."""
    for word in range(values_known.size):
        bits = values_known[word] & limits_known[word]
        yes = bits & lanes.at_least_each(values, limits, word * 64) if bits else bits
        out[0, word] = yes
        out[1, word] = yes | ~bits


@kernel_part
def plane_as_truth(plane, out):
    """A plane as a truth without unknowns. plane: (words,) uint64; out: (2, words) uint64."""
    for word in range(plane.size):
        out[0, word] = plane[word]
        out[1, word] = plane[word]


@kernel_part
def code_in(codes, accepted, out):
    """Whether a code is in a set, unknown where the code is -1. codes: (n,) int8, 0 to 63; accepted: uint64, a bit a code."""
    for word in range(out.shape[1]):
        known = lanes.at_least(codes, word * 64, np.int8(0))
        yes = known & lanes.in_set(codes, word * 64, accepted)
        out[0, word] = yes
        out[1, word] = yes | ~known
