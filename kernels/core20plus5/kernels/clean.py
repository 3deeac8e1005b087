"""The door: from raw Arrow values and a validity plane to clean values, with what was refused counted.

Raw arrays may be read-only views of Arrow buffers and have n rows; outputs are padded to whole words of 64 rows.
"""

import numpy as np

from core20plus5.kernels._jit import kernel


@kernel
def bit_plane(bitmap, offset, rows, out):
    """An Arrow bitmap as words that start at row 0; bits past the end are 0. bitmap: uint8; out: (words,) uint64."""
    shift = np.uint64(offset & 7)
    first = offset >> 3
    for word in range(out.size):
        bits = np.uint64(0)
        for byte in range(8):
            place = first + word * 8 + byte
            low = np.uint64(bitmap[place]) if place < bitmap.size else np.uint64(0)
            high = np.uint64(bitmap[place + 1]) if place + 1 < bitmap.size else np.uint64(0)
            both = ((low | (high << np.uint64(8))) >> shift) & np.uint64(255)
            bits |= both << np.uint64(8 * byte)
        left = rows - word * 64
        if left < 64:
            bits &= (np.uint64(1) << np.uint64(left)) - np.uint64(1)
        out[word] = bits


@kernel
def clean_dates(raw, valid, latest, null, out, later):
    """Dates later than `latest` become null and are marked in the plane `later`. Returns how many dates were later."""
    found = 0
    for word in range(valid.size):
        bits = valid[word]
        marks = np.uint64(0)
        for bit in range(min(64, raw.size - word * 64)):
            row = word * 64 + bit
            known = (bits >> np.uint64(bit)) & np.uint64(1)
            is_later = known & np.uint64(raw[row] > latest)
            # A date that happens to be the null itself is moved by a day: it is too early for that to matter.
            out[row] = max(raw[row], np.int32(null + 1)) if known > is_later else null
            marks |= is_later << np.uint64(bit)
            found += int(is_later)
        later[word] = marks
    out[raw.size :] = null
    return found


@kernel
def clean_numbers(raw, valid, minimum, maximum, whole, out):
    """Numbers outside the accepted range, or not whole where they must be, become NaN. Returns how many."""
    refused = 0
    for word in range(valid.size):
        bits = valid[word]
        for bit in range(min(64, raw.size - word * 64)):  # no branch in here: it is vectorised
            row = word * 64 + bit
            value = raw[row]
            known = (bits >> np.uint64(bit)) & np.uint64(1)
            # NaN compares false with everything: it is neither inside the range nor refused.
            inside = (value >= minimum) & (value <= maximum) & ((not whole) | (value == np.floor(value)))
            refused += int(known & np.uint64(value == value) & np.uint64(not inside))
            out[row] = value if known & np.uint64(inside) else np.nan
    out[raw.size :] = np.nan
    return refused


@kernel
def clean_codes(places, valid, table, refused, null, out):
    """Codes by the place of each value among the distinct values. Returns how many rows have a value that is refused.

    places: (n,) int32, anything under a null; table: int8, the code of each distinct value; refused: bool, whether it is refused;
    out: (n or more,) int8, rows past n are left as they are.
    """
    found = 0
    for row in range(places.size):
        known = (valid[row >> 6] >> np.uint64(row & 63)) & np.uint64(1)
        place = places[row] if known else 0
        out[row] = table[place] if known else null
        found += int(known & np.uint64(refused[place]))
    return found


@kernel
def clean_truths(raw, valid, out):
    """Numbers 0 and 1 to a truth; null, NaN and every other number are unknown. Returns how many other numbers there were."""
    refused = 0
    out[0, :] = 0
    out[1, :] = ~np.uint64(0)
    for row in range(raw.size):
        bit = np.uint64(1) << np.uint64(row & 63)
        value = raw[row]
        if valid[row >> 6] & bit and value == value:
            if value == 1:
                out[0, row >> 6] |= bit
            elif value == 0:
                out[1, row >> 6] &= ~bit
            else:
                refused += 1
    return refused


@kernel
def blank_numbers(plane, out):
    """Make numbers NaN in the rows that a plane marks: the values paired with a date that was refused."""
    for word in range(plane.size):
        if plane[word]:
            for bit in range(64):
                if (plane[word] >> np.uint64(bit)) & np.uint64(1):
                    out[word * 64 + bit] = np.nan


@kernel
def blank_codes(plane, code, out):
    """Make codes `code` in the rows that a plane marks: the values paired with a date that was refused."""
    for word in range(plane.size):
        if plane[word]:
            for bit in range(64):
                if (plane[word] >> np.uint64(bit)) & np.uint64(1):
                    out[word * 64 + bit] = code
