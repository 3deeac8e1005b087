"""Counting by popcount: sort people by stratum, turn 64 of them at a time into bit planes, add up bits.

Scattered increments, a counter a person and cell, take about ten times as long.
"""

import numpy as np

from core20plus5.kernels import lanes
from core20plus5.kernels._jit import kernel, kernel_part
from core20plus5.kernels.memory import copy_words

#: Groups of 64 people whose bits are added up before a counter is touched: counters lie farther away than the groups do.
GROUPS = 8


@kernel
def tally_strata(strata, tally):
    """Add how many people each stratum has. strata: int32 (n,); tally: int64 (strata,)."""
    for stratum in strata:
        tally[stratum] += 1


@kernel
def sort_rows(strata, rows, places, sorted_rows):
    """Put rows where their strata begin. strata: int32 (n,); rows, sorted_rows: uint64 (…, parts); places: int64, the next free
    place of each stratum, moved on here."""
    for row in range(strata.size):
        place = places[strata[row]]
        places[strata[row]] = place + 1
        for part in range(rows.shape[1]):
            sorted_rows[place, part] = rows[row, part]


@kernel
def count_strata(rows, starts, first, last, cohorts, counts):
    """Add the people of strata first..last-1 to the counts.

    rows: (n, parts) uint64 sorted by stratum, those of stratum s from starts[s] up to starts[s + 1]; cohorts: (c,) int64, the
    indicator of each cohort, the first of them everyone. counts: int64 (strata, 2c - 1, w), see `add_people`.
    """
    planes = np.zeros((2, rows.shape[1] * 32), np.uint64)
    cells = np.zeros((GROUPS, counts.shape[2]), np.uint64)
    block = np.empty(64, np.uint64)
    yes, unknown = np.empty((cohorts.size, GROUPS), np.uint64), np.empty((cohorts.size, GROUPS), np.uint64)
    for stratum in range(first, last):
        for start in range(starts[stratum], starts[stratum + 1], 64 * GROUPS):
            end = min(start + 64 * GROUPS, starts[stratum + 1])
            groups = (end - start + 63) // 64
            for group in range(groups):
                to_planes(rows[start + 64 * group : min(start + 64 * group + 64, end)], block, planes)
                to_cells(planes, cells[group])
                to_masks(planes, cohorts, ~np.uint64(0), group, yes, unknown)
            add_people(cells, groups, yes, unknown, counts, stratum * counts.shape[1] * counts.shape[2])


@kernel
def count_records(rows, people, starts, strata, cohorts, counts):
    """As `count_strata`, for rows that stand for several people each, into counts[k] for stratum strata[k].

    strata: int64; a negative one stands for none. people: int64 (n,), 1 or more, each power of two in which is counted by itself.
    """
    planes = np.zeros((2, rows.shape[1] * 32), np.uint64)
    cells = np.zeros((1, counts.shape[2]), np.uint64)
    block = np.empty(64, np.uint64)
    yes, unknown = np.empty((cohorts.size, 1), np.uint64), np.empty((cohorts.size, 1), np.uint64)
    size = counts.shape[1] * counts.shape[2]
    weighted = np.zeros((1, counts.shape[1], counts.shape[2]), np.int64)
    for place in range(strata.size):
        stratum = strata[place]
        if stratum < 0:
            continue
        for start in range(starts[stratum], starts[stratum + 1], 64):
            end = min(start + 64, starts[stratum + 1])
            to_planes(rows[start:end], block, planes)
            to_cells(planes, cells[0])
            power = 0
            more = True
            while more:
                more = False
                chosen = np.uint64(0)
                for row in range(start, end):
                    chosen |= np.uint64((people[row] >> power) & 1) << np.uint64(row - start)
                    more |= people[row] >> (power + 1) != 0
                if power == 0 or chosen:
                    to_masks(planes, cohorts, chosen, 0, yes, unknown)
                if power == 0:
                    add_people(cells, 1, yes, unknown, counts, place * size)
                elif chosen:
                    add_people(cells, 1, yes, unknown, weighted, 0)
                    move_counts(weighted, power, counts, place)
                power += 1


@kernel
def fill_cells(table, rows, people, starts, strata, cohorts, cells):
    """The counts of some strata, into the first of `cells`: int64 (n or more, 2c - 1, w).

    table: int64 (t, 2c - 1, w), those of the first t strata; the others have records, see `count_records`.
    """
    for place in range(strata.size):
        own = cells[place].reshape(-1)
        if strata[place] < table.shape[0]:
            copy_words(table[strata[place]].reshape(-1), own)
        else:
            for cell in range(own.size):
                own[cell] = 0
    count_records(rows, people, starts, strata - table.shape[0], cohorts, cells)


@kernel_part
def move_counts(weighted, power, counts, place):
    """Add the counts of weighted[0], times a power of two, to counts[place], and leave zeros behind."""
    for line in range(counts.shape[1]):
        for cell in range(counts.shape[2]):
            counts[place, line, cell] += weighted[0, line, cell] << power
            weighted[0, line, cell] = 0


@kernel_part
def to_planes(rows, block, planes):
    """The rows of up to 64 people, (n, parts) uint64, as planes: uint64 (2, parts * 32), decided and possible."""
    people = rows.shape[0]
    for part in range(rows.shape[1]):
        for bit in range(people):
            block[bit] = rows[bit, part]
        for bit in range(people, 64):
            block[bit] = 0
        lanes.transpose(block, 0)
        for k in range(32):
            planes[0, part * 32 + k] = block[2 * k]
            planes[1, part * 32 + k] = block[2 * k + 1]


@kernel_part
def to_cells(planes, cells):
    """Who answers yes, no and unknown to each indicator, one after the other: uint64, 3 an indicator and then zeros."""
    for k in range(cells.size // 3):
        decided, possible = planes[0, k], planes[1, k]
        cells[3 * k] = decided & possible
        cells[3 * k + 1] = decided & ~possible
        cells[3 * k + 2] = possible & ~decided


@kernel_part
def to_masks(planes, cohorts, chosen, group, yes, unknown):
    """Who of a group is in each cohort, and of whom it is unknown. chosen: a bit for each who counts; yes, unknown: uint64
    (c, groups)."""
    for c in range(cohorts.size):
        decided, possible = planes[0, cohorts[c]] & chosen, planes[1, cohorts[c]] & chosen
        yes[c, group] = decided & possible
        unknown[c, group] = possible & ~decided


@kernel_part
def add_people(cells, groups, yes, unknown, counts, first):
    """Add groups of up to 64 people to the counts of a stratum, which begin at place `first`.

    cells: uint64 (groups or more, w); yes, unknown: see `to_masks`. counts: int64 (…, 2c - 1, w). Its second but last axis is:
    everyone yes, then yes and unknown of each further cohort (their "no" is what remains). Its last axis is that of `cells`, a
    multiple of 8.
    """
    width, room = counts.shape[-1], yes.shape[1]
    for c in range(yes.shape[0]):
        line = first + max(0, 2 * c - 1) * width
        if any_bit(yes[c], groups):  # most cohorts are small and often empty
            for place in range(0, width, 8):
                lanes.add_popcounts(counts, line + place, cells, place, yes, c * room, groups)
        if c and any_bit(unknown[c], groups):
            for place in range(0, width, 8):
                lanes.add_popcounts(counts, line + width + place, cells, place, unknown, c * room, groups)


@kernel_part
def any_bit(masks, groups):
    """Whether there is anyone in some groups."""
    together = np.uint64(0)
    for group in range(groups):
        together |= masks[group]
    return together != 0
