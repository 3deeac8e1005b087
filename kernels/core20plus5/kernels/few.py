"""A block of up to 64 people in one call: every column, where it lies in Arrow's memory, to the values that count.

For a few people nearly all time goes into calls from Python, so there is one for all columns instead of several for each. What is
done is the same, by the same kernels; what is not foreseen here is left to them: the block is then read once more, as large ones
are. Columns are found by Arrow's C data interface (https://arrow.apache.org/docs/format/CDataInterface.html), where an array is
ten words of 64 bits. It has no sizes of buffers: only a batch that was validated in full may come here.
"""

import numpy as np
from numba import carray  # type: ignore[attr-defined]

from core20plus5.kernels import clean
from core20plus5.kernels._jit import kernel, kernel_part, popcount
from core20plus5.kernels.steps import pointer
from core20plus5.kernels.texts import LONGEST, key_near_end

#: Rows of a block that is read here: one word of a plane.
ROWS = 64

#: Words that a column takes: 64 values of 8 bytes or less, then their plane, then that of dates which are too late. A truth takes
#: its first two.
WORDS = 66
KNOWN, LATER = 64, 65

#: What becomes of a column.
DATE, NUMBER, CODE, TRUTH = range(4)

#: Types that are read here.
DATE32, BOOL, INT16, INT32, INT64, FLOAT64, STRING, LARGE_STRING = range(8)

#: Places in the row of a column: which column it is of those sent, what becomes of it, its type, the place of the dates that it
#: is paired with, or -1; of dates whether they are taken as they stand, of numbers whether they must be whole, of truths whether
#: null is no; the code of null; the first of its spellings, and the one after its last.
COLUMN, KIND, TYPE, PAIR, OPTION, NULL, FIRST, LAST = range(8)

#: Places in what is found of a column: values that are there, and those that were refused.
THERE, REFUSED = range(2)

#: Whole numbers up to here are the same as float64.
_EXACT = 1 << 53


@kernel
def read_few(array, rows, wanted, limits, spellings, latest, room, found):
    """Read columns of a record batch. Returns whether all of it was foreseen; if not, nothing of it counts.

    array: the address of the batch; wanted: int64 (c, 8), in the order in which a column comes after the one that it is paired
    with; limits: float64 (c, 2), least and greatest number; spellings: uint64 (s, 3), two words of a text as in `number_texts`,
    and its code; latest: int32, the reference date; room: the address of WORDS words for each column, all 0; found: int64 (c, 2).
    """
    batch = carray(pointer(array), 10, np.int64)
    children = carray(pointer(batch[6]), batch[4], np.int64)
    for place in range(wanted.shape[0]):
        column, out = wanted[place], room + 8 * WORDS * place
        child = carray(pointer(children[column[COLUMN]]), 10, np.int64)
        buffers = carray(pointer(child[5]), child[3], np.int64)
        if child[0] != rows or buffers[1] == 0:
            return False
        known = word_of(out, KNOWN)
        bits_at(buffers[0], child[2], rows, known)
        found[place, THERE], found[place, REFUSED] = np.int64(popcount(known[0])), 0
        later = word_of(room + 8 * WORDS * max(column[PAIR], 0), LATER)
        if column[KIND] == DATE:
            read_dates(buffers[1], child[2], rows, column, known, latest, out, found[place])
        elif column[KIND] == NUMBER:
            if not read_numbers(buffers[1], child[2], rows, column, limits[place], known, out, found[place]):
                return False
            if column[PAIR] >= 0:
                known[0] &= ~later[0]
        elif column[KIND] == CODE:
            codes = carray(pointer(out), ROWS, np.int8)
            if not read_codes(buffers, child[2], rows, column, spellings, known[0], codes):
                return False
            if column[PAIR] >= 0:
                clean.blank_codes(later, np.int8(column[NULL]), codes)
        else:
            read_truth(buffers[1], child[2], rows, column, known, out)
    return True


@kernel_part
def word_of(address, place):
    """A word of the room of a column: uint64 (1,)."""
    return carray(pointer(address + 8 * place), 1, np.uint64)


@kernel_part
def bits_at(address, offset, rows, out):
    """The word of a bitmap, all ones where there is none. out: uint64 (1,)."""
    if address:
        clean.bit_plane(carray(pointer(address), (offset + rows + 7) // 8, np.uint8), offset, rows, out)
    else:
        out[0] = ~np.uint64(0) >> np.uint64(64 - rows)


@kernel_part
def read_dates(address, offset, rows, column, known, latest, out, found):
    """Dates as days, and the plane of those that are after the reference date."""
    days, values = carray(pointer(out), ROWS, np.int32), carray(pointer(address), offset + rows, np.int32)
    for row in range(rows):
        days[row] = values[offset + row]
    if not column[OPTION]:
        found[REFUSED] = clean.clean_dates(days, known, latest, word_of(out, LATER))


@kernel_part
def read_truth(address, offset, rows, column, known, out):
    """A bool as a truth."""
    truth, values = carray(pointer(out), (2, 1), np.uint64), word_of(out, LATER)
    bits_at(address, offset, rows, values)
    clean.bool_truth(values, known, truth)
    if column[OPTION]:
        truth[1, 0] = truth[0, 0]


@kernel_part
def read_numbers(address, offset, rows, column, limits, known, out, found):
    """Numbers as float64. Returns False where one would be another number then."""
    numbers = carray(pointer(out), ROWS, np.float64)
    if not numbers_at(address, offset, rows, column[TYPE], numbers):
        return False
    found[REFUSED] = clean.clean_numbers(numbers, known, limits[0], limits[1], column[OPTION] != 0)
    return True


@kernel_part
def numbers_at(address, offset, rows, kind, out):
    """Numbers of a type as float64. Returns False where one would be another number then."""
    for row in range(rows):
        at = offset + row
        if kind == FLOAT64:
            out[row] = carray(pointer(address), at + 1, np.float64)[at]
        elif kind == INT16:
            out[row] = carray(pointer(address), at + 1, np.int16)[at]
        elif kind == INT32:
            out[row] = carray(pointer(address), at + 1, np.int32)[at]
        else:
            number = carray(pointer(address), at + 1, np.int64)[at]
            if not -_EXACT <= number <= _EXACT:
                return False
            out[row] = number
    return True


@kernel_part
def text_at(buffers, offset, row, kind):
    """Where a text begins and ends."""
    at = offset + row
    if kind == STRING:
        offsets = carray(pointer(buffers[1]), at + 2, np.int32)
        return np.int64(offsets[at]), np.int64(offsets[at + 1])
    large = carray(pointer(buffers[1]), at + 2, np.int64)
    return large[at], large[at + 1]


@kernel_part
def read_codes(buffers, offset, rows, column, spellings, known, codes):
    """Codes of texts. Returns False where a text is none of those that are known beforehand."""
    for row in range(ROWS):
        codes[row] = column[NULL]
    for row in range(rows):
        if not (known >> np.uint64(row)) & np.uint64(1):
            continue
        start, end = text_at(buffers, offset, row, column[TYPE])
        if end - start > LONGEST:
            return False
        low, high = key_near_end(start, end - start, carray(pointer(buffers[2]), end, np.uint8))
        high |= np.uint64(end - start) << np.uint64(56)
        place = column[FIRST]
        while place < column[LAST] and (spellings[place, 0] != low or spellings[place, 1] != high):
            place += 1
        if place == column[LAST]:
            return False
        codes[row] = np.int8(spellings[place, 2])
    return True
