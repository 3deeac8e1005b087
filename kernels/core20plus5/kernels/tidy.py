"""From compact counts to the rows of the tidy table, and the texts of its columns."""

import numpy as np

from core20plus5.kernels import lanes
from core20plus5.kernels._jit import kernel, kernel_part, lowest
from core20plus5.kernels.counting import fill_cells


@kernel
def find_rows(
    table, rows, people, starts, strata, cohorts, cells, everyone, groups, places, where, all_yes, all_no, all_unknown
):  # fmt: skip
    """Find the populated rows of some strata, in order, and fill in their counts. Returns how many there are.

    table, rows, people, starts, strata, cohorts: see `fill_cells`; cells: int64 (s, 2c - 1, w), room for some strata that stay in
    cache; everyone: the place of this indicator; groups: int64 (g, 2), the place of a cohort and the answer to it, 0 yes, 1 no, 2
    unknown; places: int64, the indicators wanted. where: int32 (3, room), gets the numbers of stratum, group and place, the first
    stratum being 0; the others get the counts: int64 (room,).
    """
    found = np.int64(0)
    for first in range(0, strata.size, cells.shape[0]):
        some = strata[first : first + cells.shape[0]]
        is_in_table = True
        for stratum in some:
            is_in_table &= stratum < table.shape[0]
        if not is_in_table:
            fill_cells(table, rows, people, starts, some, cohorts, cells)
        for s in range(some.size):
            if is_in_table:
                found = rows_of(table, some[s], first + s, everyone, groups, places, found, where, all_yes, all_no, all_unknown)
            else:
                found = rows_of(cells, s, first + s, everyone, groups, places, found, where, all_yes, all_no, all_unknown)
    return found


@kernel_part
def rows_of(cells, place, stratum, everyone, groups, places, found, where, all_yes, all_no, all_unknown):
    """The populated rows of one stratum, whose cells are cells[place]; `found` before and after."""
    # One axis and unsigned places: a signed one may be negative, counted from the end, and to look, on three axes, takes longer
    # than all else.
    flat, width = cells.reshape(-1), cells.shape[2]
    all_of_them = np.uint64(place * cells.shape[1] * width)
    for g in range(groups.shape[0]):
        cohort, answer = groups[g, 0], groups[g, 1]
        first = all_of_them + np.uint64((max(0, 2 * cohort - 1) + (answer == 2)) * width)
        there = flat[first + np.uint64(3 * everyone)]
        if answer == 1:
            there = flat[all_of_them + np.uint64(3 * everyone)] - there - flat[first + np.uint64(width + 3 * everyone)]
        if there == 0:  # most cohorts are small, and empty in a fine stratum
            continue
        before = found
        for p in range(places.size):
            place_of = np.uint64(3 * places[p])
            yes, no, unknown = three_at(flat, first + place_of)
            if answer == 1:  # not counted itself: what remains of everyone
                yes_of_all, no_of_all, unknown_of_all = three_at(flat, all_of_them + place_of)
                yes_of_unknown, no_of_unknown, unknown_of_unknown = three_at(flat, first + np.uint64(width) + place_of)
                yes = yes_of_all - yes - yes_of_unknown
                no = no_of_all - no - no_of_unknown
                unknown = unknown_of_all - unknown - unknown_of_unknown
            row = np.uint64(found)
            where[2, row] = p
            all_yes[row], all_no[row], all_unknown[row] = yes, no, unknown
            found += (yes + no + unknown) != 0  # a row that is not populated is written over by the next
        where[0, before:found] = stratum
        where[1, before:found] = g
    return found


@kernel_part
def three_at(flat, place):
    """Three numbers from a place on."""
    return flat[place], flat[place + np.uint64(1)], flat[place + np.uint64(2)]


@kernel
def find_runs(places, ends):
    """Where the same place stops, in rows that have it many times on end. Returns how many runs there are.

    places: int32 (n,); ends: int32 (n,), gets the row after each run.
    """
    row, found = np.int64(0), np.int64(0)
    while row < places.size:
        row = end_of_run(places, row)
        ends[found] = row
        found += 1
    return found


@kernel
def write_runs(places, ends, label_of, lengths, starts, patterns, offsets, text):
    """The text of each row, one after the other, in a column that has the same text in many rows on end. Returns how many bytes
    they take.

    places: int32 (n,), into label_of: int32, into lengths and starts: int32, the bytes of each label and where its pattern begins
    in patterns: uint8, which is the label over and over, in 64 bytes more than it has itself. ends: see `find_runs`. offsets:
    int32 (n + 1,); text: uint8, with room for 64 bytes more than all texts have.
    """
    end, row = np.int64(0), np.int64(0)
    for after in ends:
        label = label_of[places[row]]
        length, start = np.int64(lengths[label]), np.int64(starts[label])
        size = (after - row) * length
        for place in range(0, size, 64):  # without the division it took as long
            lanes.copy(text, end + place, patterns, start + place % length)
        own = offsets[row:after]
        for k in range(own.size):
            own[k] = end + k * length
        end += size
        row = np.int64(after)
    offsets[places.size] = end
    return end


@kernel_part
def end_of_run(places, row):
    """The first row that has another place than this one, or one past the last."""
    place, after = places[row], np.int64(row + 1)
    while after + 64 <= places.size:
        others = ~lanes.equal(places, after, place)
        if others:
            return after + np.int64(lowest(others))
        after += 64
    while after < places.size and places[after] == place:
        after += 1
    return after


@kernel
def write_sequences(places, starts, labels, offsets, text):
    """As `write_runs`, in a column that has one label after the other in many rows on end.

    places: int32 (n,), of labels; starts: int32 (l + 1,), where each begins in labels: uint8, and 64 bytes more.
    """
    end, row = np.int64(0), np.int64(0)
    while row < places.size:
        after = end_of_sequence(places, row)
        first = np.int64(places[row])
        start = np.int64(starts[first])
        size = starts[first + after - row] - start
        for place in range(0, size, 64):
            lanes.copy(text, end + place, labels, start + place)
        own, theirs = offsets[row:after], starts[first : first + after - row]
        for k in range(own.size):
            own[k] = theirs[k] + (end - start)
        end += size
        row = after
    offsets[places.size] = end
    return end


@kernel_part
def end_of_sequence(places, row):
    """The first row whose place is not one more than that of the row before it, or one past the last."""
    if row + 64 <= places.size:
        follows = lanes.counts_up(places, row)
        return row + np.int64(lowest(~follows))
    after = np.int64(row + 1)
    while after < places.size and places[after] == places[after - 1] + 1:
        after += 1
    return after
