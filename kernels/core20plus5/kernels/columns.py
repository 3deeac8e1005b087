"""All columns of a block, from where they lie in Arrow's memory to the values that count, in one or two calls.

A call from Python for each column, and a few more to look at its buffers, took a quarter of all time, and for a few people nearly
all of it. What is done is what the kernels of one column do, and they do it; what is not foreseen here is left to them. Columns
are found by Arrow's C data interface (https://arrow.apache.org/docs/format/CDataInterface.html), where an array is ten words of
64 bits. It has no sizes of buffers: only a batch that was validated in full may come here.
"""

import numpy as np
from numba import carray  # type: ignore[attr-defined]

from core20plus5.kernels import clean, lanes
from core20plus5.kernels._jit import kernel, kernel_part, lowest, popcount
from core20plus5.kernels.memory import (
    LINE,
    codes_at,
    copy_bytes,
    days_at,
    fetch,
    longs_at,
    numbers_at,
    pointer,
    shorts_at,
    words_at,
)
from core20plus5.kernels.texts import FIRST_BYTES, LONGEST, SECOND_BYTES, key_near_end, mixed

#: What becomes of a column.
DATE, NUMBER, CODE, TRUTH = range(4)

#: Types that are read here; of no column, whose values are all null, and of one that is read elsewhere.
BOOL, STRING, LARGE_STRING, DATE32, INT16, INT32, INT64, FLOAT64, NOTHING, OTHER = range(10)

#: Places in the row of a column: which column it is of those sent, what becomes of it, its type, the row of the dates that it is
#: paired with, or -1; of dates whether they are taken as they stand, of numbers whether they must be whole, of truths whether
#: null is no; the code of null; its room, and the room for a copy of its values, in words for each word of a plane; the first of
#: its slots, and one less than how many there are.
COLUMN, KIND, TYPE, PAIR, OPTION, NULL, ROOM, COPY, SLOTS, MASK = range(10)

#: Places in where a column lies: the addresses of its values and of their plane, and the place of the values' type, as
#: `run_steps` takes them; the address of the plane of dates that are too late, or 0; of Arrow's bitmap, and of that of the values
#: of a truth, and the bit at which these begin; what has been done; and which of `odd` are its rows: the first, and one past the
#: last.
VALUES, KNOWN, NUMBERS, LATER, BITMAP, BITS, OFFSET, STATE, ODD, ODD_END = range(10)

#: What can have been done: nothing, all, or all that can be done here.
UNREAD, READ, NOT_FORESEEN = range(3)

#: Places in what is found of a column: values that are there, and those that were refused.
THERE, REFUSED = range(2)

#: Words of room for each word of a plane, by what becomes of a column: planes of dates and of those too late, a plane of numbers,
#: a plane and codes, a truth.
ROOMS = (2, 1, 9, 2)


@kernel
def open_block(array, rows, wanted, keys, slots, room, nothing, places, odd):
    """Find the columns of a record batch, and read the texts.

    array: the address of the batch; wanted: int64 (c, 10), see above; keys: uint64 (k, 3), two words of a text, as in
    `number_texts`, and its code; slots: int16, the numbers of keys by hash, -1 where free; room: the address of as many words as
    the columns take for each word of a plane; nothing: the address of zeros, as many as the values of a column; places: int64
    (c or more, 10), gets where the columns lie; odd: int64, gets the rows of texts that are none of the keys, whose codes are
    left to be told.
    """
    met = np.int64(0)
    batch = carray(pointer(array), 10, np.int64)
    children = carray(pointer(batch[6]), batch[4], np.int64)
    words = (rows + 63) // 64
    for number in range(wanted.shape[0]):
        column, place = wanted[number], places[number]
        own = room + 8 * words * column[ROOM]
        set_room(column, own, words, place)
        if column[TYPE] == OTHER:
            place[STATE] = NOT_FORESEEN
        elif column[TYPE] == NOTHING:
            read_nothing(column, own, words, nothing, place)
        else:
            child = carray(pointer(children[column[COLUMN]]), 10, np.int64)
            buffers = carray(pointer(child[5]), child[3], np.int64)
            if child[0] != rows or buffers[1] == 0:
                place[STATE] = NOT_FORESEEN
                continue
            place[BITMAP], place[OFFSET], place[STATE] = buffers[0], child[2], UNREAD
            if column[KIND] == CODE:
                bits_at(buffers[0], child[2], 0, rows, words_at(own, 0, words))
                end = read_codes(buffers, child[2], rows, column, keys, slots, own, words, odd, met)
                place[STATE] = READ if end <= odd.size else NOT_FORESEEN
                if place[STATE] == READ:
                    place[ODD], place[ODD_END], met = met, end, end
            elif column[KIND] == TRUTH:
                place[BITS] = buffers[1]
            else:
                place[VALUES] = values_of(buffers[1], child[2], rows, column, room + 8 * words * column[COPY])


@kernel_part
def set_room(column, own, words, place):
    """What a column has room for, where nothing of it has been read."""
    place[KNOWN], place[NUMBERS] = own, max(0, column[TYPE] - INT16) if column[TYPE] != NOTHING else FLOAT64 - INT16
    if column[KIND] == DATE:
        place[NUMBERS] = INT32 - INT16
        place[LATER] = 0 if column[OPTION] else own + 8 * words
    elif column[KIND] == CODE:
        place[VALUES] = own + 8 * words
    elif column[KIND] == TRUTH:
        place[VALUES] = own


@kernel_part
def read_nothing(column, own, words, nothing, place):
    """A column that is not there, or that has no type: all null."""
    place[STATE] = READ
    planes = words_at(own, 0, words * (2 if column[KIND] in (DATE, TRUTH) else 1))
    for word in range(planes.size):
        planes[word] = 0
    if column[KIND] == CODE:
        codes = codes_at(place[VALUES], 0, words)
        for row in range(codes.size):
            codes[row] = column[NULL]
    elif column[KIND] == TRUTH and not column[OPTION]:
        for word in range(words, 2 * words):
            planes[word] = ~np.uint64(0)
    elif column[KIND] != TRUTH:
        place[VALUES] = nothing


@kernel_part
def values_of(address, offset, rows, column, copy):
    """The address of fixed-width values: where they are, if they fill whole words, else of a copy with room for these."""
    width = width_of(column)
    first = address + offset * width
    if rows % 64 == 0:
        return first
    copy_bytes(first, rows * width, copy)
    return copy


@kernel_part
def width_of(column):
    """Bytes of a value of a fixed width."""
    return 2 if column[TYPE] == INT16 else 4 if column[TYPE] in (INT32, DATE32) else 8


@kernel_part
def bits_at(bitmap, offset, first, rows, out):
    """The words of a bitmap from word `first` on; without one, ones for all rows."""
    left = rows - first * 64
    if bitmap:
        clean.bit_plane(carray(pointer(bitmap + first * 8), (offset + left + 7) // 8, np.uint8), offset, left, out)
        return
    for word in range(out.size):
        some = left - word * 64
        out[word] = ~np.uint64(0) if some >= 64 else (np.uint64(1) << np.uint64(some)) - np.uint64(1)


@kernel_part
def read_codes(buffers, offset, rows, column, keys, slots, own, words, odd, met):
    """Codes of texts, and from `met` on the rows of odd ones. Returns how many rows these are by now, more than there is room for
    if there are too many."""
    known, codes = words_at(own, 0, words), codes_at(own + 8 * words, 0, words)
    own_slots, null = slots[column[SLOTS] : column[SLOTS] + column[MASK] + 1], column[NULL]
    if column[TYPE] == STRING:
        offsets = carray(pointer(buffers[1] + 4 * offset), rows + 1, np.int32)
        text = carray(pointer(buffers[2]), offsets[rows], np.uint8)
        return codes_of(offsets, text, known, null, keys, own_slots, codes, odd, met)
    large = carray(pointer(buffers[1] + 8 * offset), rows + 1, np.int64)
    text = carray(pointer(buffers[2]), large[rows], np.uint8)
    return codes_of(large, text, known, null, keys, own_slots, codes, odd, met)


@kernel_part
def codes_of(offsets, text, known, null, keys, slots, codes, odd, met):
    """As `read_codes`, of offsets of one type. Shapes as in `number_texts`."""
    mask, beyond = np.uint64(slots.size - 1), text.size - 16
    for word in range(known.size):
        for row in range(word * 64, word * 64 + 64):
            codes[row] = null
        bits = known[word]
        while bits:
            at = np.uint64(word * 64) + lowest(bits)
            bits &= bits - np.uint64(1)
            start = np.int64(offsets[at])
            size = np.uint64(np.int64(offsets[at + np.uint64(1)]) - start)
            number = np.int16(-1)
            if size <= np.uint64(LONGEST):
                if start <= beyond:
                    low = lanes.word_at(text, start) & FIRST_BYTES[size]
                    high = lanes.word_at(text, start + 8) & SECOND_BYTES[size]
                else:
                    low, high = key_near_end(start, np.int64(size), text)
                high |= size << np.uint64(56)
                slot = mixed(low, high) & mask
                number = slots[slot]
                while number >= 0 and (keys[np.uint64(number), 0] != low or keys[np.uint64(number), 1] != high):
                    slot = (slot + np.uint64(1)) & mask
                    number = slots[slot]
            if number >= 0:
                codes[at] = np.int8(keys[np.uint64(number), 2])
            else:
                if met < odd.size:
                    odd[met] = np.int64(at)
                met += 1
        if met > odd.size:
            return met
    return met


@kernel_part
def read_piece(wanted, limits, latest, places, first, words, rows, found):
    """Read some words of all columns that are not read yet, and take back values that are paired with dates which are too late.

    limits: float64 (c, 2), least and greatest number; latest: int32, the reference date; places: see `open_block`; found: int64
    (c, 2).
    """
    for number in range(wanted.shape[0]):
        column, place = wanted[number], places[number]
        if place[STATE] == UNREAD:
            if column[KIND] == TRUTH:
                read_truth(column, place, first, words, rows)
                continue
            read_ahead(column, place[VALUES], first + words, words, rows)
            known = words_at(place[KNOWN], first, words)
            bits_at(place[BITMAP], place[OFFSET], first, rows, known)
            if column[KIND] == DATE:
                there = np.int64(0)
                for word in range(words):
                    there += np.int64(popcount(known[word]))
                found[number, THERE] += there
                if not column[OPTION]:
                    days, later = days_at(place[VALUES], first, words), words_at(place[LATER], first, words)
                    found[number, REFUSED] += clean.clean_dates(days, known, latest, later)
            else:
                found[number, REFUSED] += clean_piece(column, place[VALUES], limits[number], first, known)
        if column[PAIR] >= 0 and places[column[PAIR], LATER]:
            later = words_at(places[column[PAIR], LATER], first, words)
            if column[KIND] == CODE:
                clean.blank_codes(later, np.int8(column[NULL]), codes_at(place[VALUES], first, words))
            else:
                known = words_at(place[KNOWN], first, words)
                for word in range(words):
                    known[word] &= ~later[word]


@kernel_part
def read_ahead(column, values, first, words, rows):
    """Have the values of the next piece fetched while this one is worked on. By itself a processor fetches ahead within a page of
    4 KiB, of which a column has two in a piece: without this a twentieth of all time was waiting."""
    if (first + words) * 64 <= rows:
        start, size = values + first * 64 * width_of(column), words * 64 * width_of(column)
        for place in range(start, start + size, LINE):
            fetch(place)


@kernel_part
def clean_piece(column, values, limits, first, known):
    """Which numbers of some words count. Returns how many were refused."""
    words, low, high, whole = known.size, limits[0], limits[1], column[OPTION] != 0
    if column[TYPE] == INT16:
        return clean.clean_numbers(shorts_at(values, first, words), known, low, high, whole)
    if column[TYPE] == INT32:
        return clean.clean_numbers(days_at(values, first, words), known, low, high, whole)
    if column[TYPE] == INT64:
        return clean.clean_numbers(longs_at(values, first, words), known, low, high, whole)
    return clean.clean_numbers(numbers_at(values, first, words), known, low, high, whole)


@kernel_part
def read_truth(column, place, first, words, rows):
    """A bool as a truth, some words of it. All words of its first plane come before those of its second."""
    yes, possible = words_at(place[VALUES], first, words), words_at(place[VALUES], (rows + 63) // 64 + first, words)
    bits_at(place[BITS], place[OFFSET], first, rows, yes)
    bits_at(place[BITMAP], place[OFFSET], first, rows, possible)
    for word in range(words):
        yes[word] &= possible[word]
        possible[word] = yes[word] if column[OPTION] else yes[word] | ~possible[word]
