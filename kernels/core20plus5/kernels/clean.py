"""The door: what a column holds becomes values that count, with what was refused counted.

Values are read where they lie in Arrow's memory, padded to whole words of 64 rows; `known` is the plane of those that count,
and is narrowed in place. Bits past the last row are 0 from the start.
"""

import numpy as np

from core20plus5.kernels import lanes
from core20plus5.kernels._jit import kernel, kernel_part, lowest, popcount


@kernel
def bit_plane(bitmap, offset, rows, out):
    """An Arrow bitmap as words that start at row 0; bits past the end are 0. bitmap: uint8; out: (words,) uint64."""
    shift = np.uint64(offset & 7)
    first = offset >> 3
    for word in range(out.size):
        place = first + word * 8
        if place + 9 <= bitmap.size:
            bits = lanes.word_at(bitmap, place) >> shift
            bits |= (np.uint64(bitmap[place + 8]) << np.uint64(1)) << (np.uint64(63) - shift)
        else:
            bits = np.uint64(0)
            for byte in range(min(9, bitmap.size - place)):
                value = np.uint64(bitmap[place + byte])
                bits |= (
                    (value << np.uint64(8 * byte)) >> shift if byte < 8 else (value << np.uint64(1)) << (np.uint64(63) - shift)
                )
        left = rows - word * 64
        if left < 64:
            bits &= (np.uint64(1) << np.uint64(left)) - np.uint64(1)
        out[word] = bits


@kernel
def bool_truth(values, known, out):
    """A plane of values and the plane of those that are known as a truth; unknown where there is none. out: (2, words)."""
    for word in range(known.size):
        yes = values[word] & known[word]
        out[0, word] = yes
        out[1, word] = yes | ~known[word]


@kernel
def clean_dates(dates, known, latest, later):
    """Dates later than `latest` are not known, and are marked in the plane `later`. Returns how many there are."""
    found = np.int64(0)
    for word in range(known.size):
        bits = known[word]
        marks = bits & lanes.greater(dates, word * 64, latest) if bits else bits
        known[word] = bits & ~marks
        later[word] = marks
        found += np.int64(popcount(marks))
    return found


@kernel
def clean_numbers(values, known, minimum, maximum, is_whole):
    """Numbers outside the accepted range, or not whole where they must be, are not known; nor is NaN. Returns how many of the
    former there are. minimum, maximum: float64."""
    refused = np.int64(0)
    for word in range(known.size):
        bits = known[word]
        if bits:
            numbers = bits & lanes.at_least(values, word * 64, -np.inf)
            bits = numbers & lanes.at_least(values, word * 64, minimum) & lanes.at_most(values, word * 64, maximum)
            if is_whole:
                bits &= lanes.whole(values, word * 64)
            refused += np.int64(popcount(numbers & ~bits))
            known[word] = bits
    return refused


@kernel
def clean_codes(places, known, table, refused, out):
    """Codes by the place of each value in a dictionary. Returns how many rows have a value that is refused.

    places: (n,) integers, anything where not known; table: int8, the code of each distinct value, and last that of no value;
    refused: uint8, 1 for each distinct value that is refused, and last 0; out: (n,) int8.
    """
    nothing = table[-1]
    found = np.int64(0)
    for word in range(known.size):
        bits = known[word]
        for row in range(word * 64, word * 64 + 64):
            out[row] = nothing
        while bits:
            row = np.uint64(word * 64) + lowest(bits)
            bits &= bits - np.uint64(1)
            place = np.uint64(places[row])
            out[row] = table[place]
            found += np.int64(refused[place])
    return found


@kernel
def count_places(places, known, wanted):
    """How many rows have a place that is wanted. wanted: bool, by place."""
    found = np.int64(0)
    for word in range(known.size):
        bits = known[word]
        for row in range(word * 64, word * 64 + 64):
            is_known = (bits >> np.uint64(row & 63)) & np.uint64(1)
            found += np.int64(wanted[np.int64(places[row]) if is_known else 0]) & np.int64(is_known)
    return found


@kernel
def places_within(places, known, size):
    """Whether each place that is known is from 0 to size - 1. size: float64, so that every width of places compares."""
    for word in range(known.size):
        bits = known[word]
        if bits & ~(lanes.at_least(places, word * 64, 0.0) & lanes.at_most(places, word * 64, size - 1.0)):
            return False
    return True


@kernel
def clean_truths(values, known, null_is_no, out):
    """Numbers 0 and 1 to a truth; null and NaN are unknown, or no, and every other number is unknown. Returns how many of these
    there are. values: (n,) numbers; out: (2, words)."""
    refused = np.int64(0)
    for word in range(known.size):
        numbers = known[word] & lanes.at_least(values, word * 64, -np.inf)
        yes = numbers & lanes.at_least(values, word * 64, 1.0) & lanes.at_most(values, word * 64, 1.0)
        no = numbers & lanes.at_least(values, word * 64, 0.0) & lanes.at_most(values, word * 64, 0.0)
        refused += np.int64(popcount(numbers & ~yes & ~no))
        out[0, word] = yes
        out[1, word] = numbers & ~no if null_is_no else ~no
    return refused


@kernel_part
def blank_codes(plane, code, out):
    """Make codes `code` in the rows that a plane marks: the values paired with a date that was refused."""
    for word in range(plane.size):
        if plane[word]:
            for bit in range(64):
                if (plane[word] >> np.uint64(bit)) & np.uint64(1):
                    out[word * 64 + bit] = code
