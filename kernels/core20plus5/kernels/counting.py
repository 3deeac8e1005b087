"""Counting by popcount: sort people by stratum, turn 64 of them at a time into bit planes, add up bits.

Scattered increments, a counter a person and cell, take about ten times as long.
"""

import numpy as np

from core20plus5.kernels._jit import kernel, popcount
from core20plus5.kernels.planes import transpose


@kernel
def sort_by_stratum(strata, rows, starts, sorted_rows):
    """Counting sort. strata: (n,) int32; rows, sorted_rows: (n, parts) uint64; starts: (strata + 1,) int64, filled here.

    Stratum s has the sorted rows from starts[s] up to starts[s + 1].
    """
    starts[:] = 0
    for stratum in strata:
        starts[stratum + 1] += 1
    for stratum in range(1, starts.size):
        starts[stratum] += starts[stratum - 1]
    places = starts.copy()
    for row in range(strata.size):
        place = places[strata[row]]
        places[strata[row]] = place + 1
        for part in range(rows.shape[1]):
            sorted_rows[place, part] = rows[row, part]


@kernel
def count_strata(rows, starts, first, last, cohorts, counts):
    """Add the people of strata first..last-1 to the counts.

    rows: (n, parts) uint64 sorted by stratum; cohorts: (c,) int64, the indicator of each cohort, the first of them everyone.
    counts: (strata, 2c - 1, 3i) int64. Its second axis is: everyone yes, then yes and unknown of each further cohort (their
    "no" is what remains). Its third axis is yes, no and unknown of each of the i indicators.
    """
    indicators = counts.shape[2] // 3
    parts = rows.shape[1]
    block = np.empty(64, np.uint64)
    decided = np.zeros(parts * 32, np.uint64)
    possible = np.zeros(parts * 32, np.uint64)
    cells = np.empty(counts.shape[2], np.uint64)
    for stratum in range(first, last):
        for start in range(starts[stratum], starts[stratum + 1], 64):
            people = min(64, starts[stratum + 1] - start)
            for part in range(parts):
                for bit in range(people):
                    block[bit] = rows[start + bit, part]
                block[people:] = 0
                transpose(block)
                for k in range(32):
                    decided[part * 32 + k] = block[2 * k]
                    possible[part * 32 + k] = block[2 * k + 1]
            for k in range(indicators):
                cells[3 * k] = decided[k] & possible[k]
                cells[3 * k + 1] = decided[k] & ~possible[k]
                cells[3 * k + 2] = possible[k] & ~decided[k]
            for c in range(cohorts.size):
                yes = decided[cohorts[c]] & possible[cohorts[c]]
                add_group(yes, cells, counts[stratum, max(0, 2 * c - 1)])
                if c:
                    add_group(possible[cohorts[c]] & ~yes, cells, counts[stratum, 2 * c])


@kernel
def add_group(group, cells, counts):
    """Add, for one group of up to 64 people, how many of them are in each cell. Most groups are small and often empty."""
    if group == 0:
        return
    for cell in range(cells.size):
        counts[cell] += np.int64(popcount(group & cells[cell]))  # type: ignore[call-arg]
