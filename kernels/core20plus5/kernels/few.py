"""A block of up to 64 people in one call: every column, where it lies in Arrow's memory, to the values that count.

For a few people nearly all time goes into calls from Python, so there is one for all columns instead of several for each. What is
done is the same, by the same kernels; what is not foreseen here is left to them: the block is then read once more, as large ones
are. Columns are found by Arrow's C data interface (https://arrow.apache.org/docs/format/CDataInterface.html), where an array is
ten words of 64 bits. It has no sizes of buffers: only a batch that was validated in full may come here.
"""

import numpy as np
from numba import carray  # type: ignore[attr-defined]

from core20plus5.kernels import clean, dates, lsoa
from core20plus5.kernels._jit import kernel, popcount
from core20plus5.kernels.steps import pointer
from core20plus5.kernels.texts import LONGEST, key_near_end

#: Rows of a block that is read here: one word of a plane.
ROWS = 64

#: Words that a column takes: 64 values of 8 bytes or less, then their plane. A truth takes its first two.
WORDS = 66
KNOWN = 64

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
def read_few(array, rows, wanted, limits, spellings, latest, out, found):
    """Read columns of a record batch. Returns whether all of it was foreseen; if not, nothing of it counts.

    array: the address of the batch; wanted: int64 (c, 8), in the order in which a column comes after the one that it is paired
    with; limits: float64 (c, 2), least and greatest number; spellings: uint64 (s, 3), two words of a text as in `number_texts`,
    and its code; latest: int32, the reference date. out: uint64 (c or more, WORDS) of zeros; found: int64 (c, 2) of zeros.
    """
    batch = carray(pointer(array), 10, np.int64)
    children = carray(pointer(batch[6]), batch[4], np.int64)
    later = np.zeros((wanted.shape[0], 1), np.uint64)
    for place in range(wanted.shape[0]):
        column = wanted[place]
        child = carray(pointer(children[column[COLUMN]]), 10, np.int64)
        buffers = carray(pointer(child[5]), child[3], np.int64)
        if child[0] != rows or buffers[1] == 0:
            return False
        known = out[place, KNOWN : KNOWN + 1]
        bits_at(buffers[0], child[2], rows, known)
        found[place, THERE] = np.int64(popcount(known[0]))
        late = later[max(column[PAIR], 0), 0] if column[PAIR] >= 0 else np.uint64(0)
        if column[KIND] == DATE:
            read_dates(buffers[1], child[2], rows, column, known, latest, out[place], later[place], found[place])
        elif column[KIND] == NUMBER:
            if not read_numbers(buffers[1], child[2], rows, column, limits[place], known, out[place], found[place]):
                return False
            known[0] &= ~late
        elif column[KIND] == CODE:
            codes = out[place].view(np.int8)[: KNOWN * 8]
            if not read_codes(buffers, child[2], rows, column, spellings, known[0], codes):
                return False
            clean.blank_codes(np.array([late]), np.int8(column[NULL]), codes)
        else:
            values = np.zeros(1, np.uint64)
            bits_at(buffers[1], child[2], rows, values)
            truth = out[place, :2].reshape(2, 1)
            clean.bool_truth(values, known, truth)
            if column[OPTION]:
                truth[1, 0] = truth[0, 0]
    return True


@kernel
def bits_at(address, offset, rows, out):
    """The word of a bitmap, all ones where there is none. out: uint64 (1,)."""
    if address:
        clean.bit_plane(carray(pointer(address), (offset + rows + 7) // 8, np.uint8), offset, rows, out)
    else:
        out[0] = ~np.uint64(0) >> np.uint64(64 - rows)


@kernel
def read_dates(address, offset, rows, column, known, latest, out, later, found):
    """Dates as days. later: uint64 (1,), gets those that are after the reference date."""
    days, values = out.view(np.int32), carray(pointer(address), offset + rows, np.int32)
    for row in range(rows):
        days[row] = values[offset + row]
    if not column[OPTION]:
        found[REFUSED] = clean.clean_dates(days[: KNOWN * 2], known, latest, later)


@kernel
def read_numbers(address, offset, rows, column, limits, known, out, found):
    """Numbers as float64. Returns False where one would be another number then."""
    numbers = out.view(np.float64)[:KNOWN]
    if not numbers_at(address, offset, rows, column[TYPE], numbers):
        return False
    found[REFUSED] = clean.clean_numbers(numbers, known, limits[0], limits[1], column[OPTION] != 0)
    return True


@kernel
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


@kernel
def text_at(buffers, offset, row, kind):
    """Where a text begins and ends."""
    at = offset + row
    if kind == STRING:
        offsets = carray(pointer(buffers[1]), at + 2, np.int32)
        return np.int64(offsets[at]), np.int64(offsets[at + 1])
    large = carray(pointer(buffers[1]), at + 2, np.int64)
    return large[at], large[at + 1]


@kernel
def read_codes(buffers, offset, rows, column, spellings, known, codes):
    """Codes of texts. Returns False where a text is none of those that are known beforehand."""
    codes[:] = column[NULL]
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


@kernel
def few_ages(years, births, latest, ages, out):
    """Age in completed years. years, births: uint64 (WORDS,), numbers and dates as read; ages: see `ages_on`; out: uint64
    (WORDS,), gets int16 and their plane."""
    numbers, completed = years.view(np.float64), out.view(np.int16)
    for row in range(ROWS):
        if (years[KNOWN] >> np.uint64(row)) & np.uint64(1):
            completed[row] = np.int16(min(max(numbers[row], -32767.0), 32767.0))
    out[KNOWN] = years[KNOWN]
    born = births[KNOWN : KNOWN + 1]
    dates.ages_on(births.view(np.int32)[: KNOWN * 2], born, latest, ages, completed[: KNOWN * 4], out[KNOWN : KNOWN + 1])


@kernel
def few_deciles(array, rows, column, kind, highest, deciles, given, reason_of, out, reasons, tally):
    """Deprivation of each person. Returns False where a code or a number is not foreseen.

    array: as in `read_few`; column, kind: which column it comes from, and its type: texts are codes of LSOAs, numbers ranks or
    deciles up to `highest`; deciles: see `lsoa_deciles`; given, reason_of, reasons, tally: see `deciles_and_reasons`; out: uint64
    (WORDS,), gets int16 and their plane.
    """
    batch = carray(pointer(array), 10, np.int64)
    child = carray(pointer(carray(pointer(batch[6]), batch[4], np.int64)[column]), 10, np.int64)
    buffers, outcomes = carray(pointer(child[5]), child[3], np.int64), np.zeros(ROWS, np.int8)
    if child[0] != rows or buffers[1] == 0:
        return False
    known = np.zeros(1, np.uint64)
    bits_at(buffers[0], child[2], rows, known)
    if kind in (STRING, LARGE_STRING):
        foreseen = lsoa_outcomes(buffers, child[2], rows, kind, known, deciles, outcomes)
    else:
        foreseen = rank_outcomes(buffers[1], child[2], rows, kind, known, highest, outcomes)
    numbers, plane = out.view(np.int16)[: KNOWN * 4], out[KNOWN : KNOWN + 1]
    lsoa.deciles_and_reasons(outcomes, given, reason_of, rows, numbers, plane, reasons, tally)
    return foreseen


@kernel
def lsoa_outcomes(buffers, offset, rows, kind, known, deciles, outcomes):
    """See `lsoa_deciles`. Returns False for a code that is not ASCII."""
    first, offsets = text_at(buffers, offset, 0, kind)[0], np.zeros(rows + 1, np.int64)
    for row in range(rows):
        offsets[row + 1] = text_at(buffers, offset, row, kind)[1] - first
    text = carray(pointer(buffers[2] + first), offsets[rows], np.uint8)
    lsoa.lsoa_deciles(offsets, text, known, deciles, outcomes[:rows])
    for row in range(rows):
        if outcomes[row] == lsoa.NOT_ASCII:
            outcomes[row] = lsoa.BLANK
            return False
    return True


@kernel
def rank_outcomes(address, offset, rows, kind, known, highest, outcomes):
    """See `rank_deciles`. Returns False for a number that float64 cannot hold."""
    numbers, given = np.zeros(ROWS, np.float64), known.copy()
    if not numbers_at(address, offset, rows, kind, numbers):
        return False
    clean.clean_numbers(numbers, given, -np.inf, np.inf, False)  # NaN is null, not a number that is refused
    clean.clean_numbers(numbers, known, 1.0, np.float64(highest), True)
    lsoa.rank_deciles(numbers, known, given, highest, outcomes)
    return True
