"""Strata: from values to the numbers of their labels, and from the labels of a person to the number of the stratum."""

import numpy as np

from core20plus5.kernels._jit import kernel, lowest


@kernel
def label_places(places, known, table, out):
    """The label of each place, of an age or of a decile: integers (n,), anything where not known.

    table: int32, by place; beyond its last but one, places have the label of that; its last is for places that are not known.
    out: int32 (n,).
    """
    last = np.uint64(table.size - 2)
    for row in range(out.size):
        out[row] = table[min(np.uint64(places[row]), last)]
    for word in range(known.size):
        bits = ~known[word]
        while bits:
            out[np.uint64(word * 64) + lowest(bits)] = table[table.size - 1]
            bits &= bits - np.uint64(1)


@kernel
def label_codes(codes, table, out):
    """The label of each code. codes: (n,) int8, -1 where unknown; table: int32, by code + 1; out: int32 (n,)."""
    for row in range(out.size):
        out[row] = table[codes[row] + 1]


@kernel
def label_truths(truth, table, out):
    """The label of no, yes and unknown. truth: (2, words) uint64; table: int32 (3,); out: int32 (n,)."""
    for row in range(out.size):
        bit = np.uint64(row & 63)
        yes = (truth[0, row >> 6] >> bit) & np.uint64(1)
        possible = (truth[1, row >> 6] >> bit) & np.uint64(1)
        out[row] = table[1 if yes else 2 if possible else 0]


@kernel
def number_few(codes, shifts, first, met, members, slots, out):
    """As `number_strata`, where the label numbers of a stratum side by side are its place in `slots`: int32, a number or -1.

    shifts: int64 (columns,), the bit at which each column's label number begins.
    """
    # Column by column, many rows at once; and places are unsigned, because a signed one may be negative, counted from the end.
    # Row by row, and signed, takes three times as long.
    own = out[first:]
    for row in range(own.size):
        own[row] = 0
    for column in range(shifts.size):
        labels, shift = codes[column, first : out.size], np.int32(shifts[column])
        for row in range(own.size):
            own[row] |= labels[row] << shift
    for row in range(first, out.size):
        place = np.uint64(np.uint32(out[row]))
        number = slots[place]
        if number < 0:
            if met == members.shape[0]:
                return row, met
            for column in range(shifts.size):
                members[met, column] = codes[column, row]
            number = np.int32(met)
            slots[place] = number
            met += 1
        out[row] = number
    return out.size, met


@kernel
def place_few(members, met, shifts, slots):
    """Put the strata met so far into a new, empty table of `number_few`."""
    for number in range(met):
        place = np.int64(0)
        for column in range(shifts.size):
            place |= np.int64(members[number, column]) << shifts[column]
        slots[place] = number


@kernel
def number_strata(codes, first, met, members, slots, out):
    """Give each row the number of its stratum, new numbers to strata not met before. Returns the row and the strata met at which
    it stopped: after the last row, or where there is no room for another stratum.

    codes: int32 (columns, n or more), the labels of each row; first: the row to begin with; met: strata met so far;
    members: int32 (room, columns), the labels of each stratum; slots: int32 (m,), numbers of strata by hash, -1 where free, m a
    power of two and at least twice the room; out: int32 (n,).
    """
    mask = np.uint64(slots.size - 1)
    columns = codes.shape[0]
    for row in range(first, out.size):
        mixed = np.uint64(0)
        for column in range(columns):
            mixed = (mixed ^ np.uint64(codes[column, row])) * np.uint64(0x9E3779B97F4A7C15)
            mixed ^= mixed >> np.uint64(29)
        place = mixed & mask
        while True:
            number = slots[place]
            if number < 0:
                if met == members.shape[0]:
                    return row, met
                for column in range(columns):
                    members[met, column] = codes[column, row]
                slots[place] = met
                out[row] = met
                met += 1
                break
            same = True
            for column in range(columns):
                same &= members[number, column] == codes[column, row]
            if same:
                out[row] = number
                break
            place = (place + np.uint64(1)) & mask
    return out.size, met


@kernel
def place_strata(members, met, slots):
    """Put the strata met so far into a new, empty hash table. Shapes as in `number_strata`."""
    mask = np.uint64(slots.size - 1)
    for number in range(met):
        mixed = np.uint64(0)
        for column in range(members.shape[1]):
            mixed = (mixed ^ np.uint64(members[number, column])) * np.uint64(0x9E3779B97F4A7C15)
            mixed ^= mixed >> np.uint64(29)
        place = mixed & mask
        while slots[place] >= 0:
            place = (place + np.uint64(1)) & mask
        slots[place] = number
