"""Short texts to numbers: codes of organisations, of ethnicity, of stages."""

import numpy as np

from core20plus5.kernels import lanes
from core20plus5.kernels._jit import kernel, kernel_part, lowest

#: Bytes of the longest text that has a number; it and its length fit into two words.
LONGEST = 15

#: The bytes of a text of each length that lie in the first and in the second word read from where it starts.
FIRST_BYTES = np.array([(1 << 8 * min(size, 8)) - 1 for size in range(LONGEST + 1)], np.uint64)
SECOND_BYTES = np.array([(1 << 8 * max(size - 8, 0)) - 1 for size in range(LONGEST + 1)], np.uint64)


@kernel_part
def mixed(low, high):
    """A hash of the two words of a text."""
    product = (low ^ (high * np.uint64(0x9E3779B97F4A7C15))) * np.uint64(0xC2B2AE3D27D4EB4F)
    return product ^ (product >> np.uint64(32))


@kernel
def number_texts(offsets, text, known, first, met, keys, slots, out):
    """Give each text the number of its value, new numbers to values not met before.

    offsets: int32 or int64 (n + 1,) into text: uint8; known: uint64 (words,), the rows that have a text; first: the row to begin
    with; met: values met so far; keys: uint64 (room, 2), their bytes and length; slots: int32 (m,), numbers by hash, -1 where
    free, m a power of two and at least twice the room; out: int32 (n or more,), of which rows without a text mean nothing.
    Returns the row and the values met at which it stopped: after the last row, where there is no room for another value, or at a
    text longer than LONGEST.
    """
    # All in one: a call with arrays, or a slice, for each row would take several times as long. Places are unsigned, because a
    # signed one may be negative, counted from the end, and to look costs half as much again.
    mask = np.uint64(slots.size - 1)
    rows, beyond = offsets.size - 1, text.size - 16
    for word in range(first >> 6, known.size):
        bits = known[word]
        if word == first >> 6:
            bits &= ~np.uint64(0) << np.uint64(first & 63)
        while bits:
            at = np.uint64(word * 64) + lowest(bits)
            bits &= bits - np.uint64(1)
            start = np.int64(offsets[at])
            size = np.uint64(np.int64(offsets[at + np.uint64(1)]) - start)
            if size > np.uint64(LONGEST):
                return np.int64(at), met
            if start <= beyond:  # what follows a text is read with it and masked away: its length is hard to guess
                low = lanes.word_at(text, start) & FIRST_BYTES[size]
                high = lanes.word_at(text, start + 8) & SECOND_BYTES[size]
            else:
                low, high = key_near_end(start, np.int64(size), text)
            high |= size << np.uint64(56)
            slot = mixed(low, high) & mask
            while True:
                number = slots[slot]
                if number < 0:
                    if met == keys.shape[0]:
                        return np.int64(at), met
                    keys[met, 0], keys[met, 1] = low, high
                    slots[slot] = met
                    out[at] = met
                    met += 1
                    break
                value = np.uint64(number)
                if keys[value, 0] == low and keys[value, 1] == high:
                    out[at] = number
                    break
                slot = (slot + np.uint64(1)) & mask
    return rows, met


@kernel_part
def key_near_end(start, size, text):
    """The bytes of a text as two words, where eight bytes at a time would read past the end of all texts."""
    low, high = np.uint64(0), np.uint64(0)
    for place in range(size):
        byte = np.uint64(text[start + place])
        if place < 8:
            low |= byte << np.uint64(8 * place)
        else:
            high |= byte << np.uint64(8 * place - 64)
    return low, high


@kernel
def plain_texts(offsets, text):
    """Whether offsets never fall, none lies outside of the text, and all of it between them is ASCII.

    offsets: int32 or int64 (n + 1,); text: uint8.
    """
    later = offsets[1:]
    full = later.size // 64 * 64
    for row in range(0, full, 64):
        if ~lanes.at_least_each(later, offsets, row):
            return False
    for row in range(full, later.size):
        if later[row] < offsets[row]:
            return False
    first, last = np.int64(offsets[0]), np.int64(offsets[offsets.size - 1])
    if first < 0 or last > text.size:
        return False
    return is_ascii(text[first:last].view(np.int8))


@kernel_part
def is_ascii(text):
    """Whether all bytes, int8, are 0 to 127."""
    full = text.size // 64 * 64
    for place in range(0, full, 64):
        if ~lanes.at_least(text, place, np.int8(0)):
            return False
    high = np.int8(0)
    for place in range(full, text.size):
        high |= text[place]
    return high >= 0


@kernel
def place_texts(keys, met, slots):
    """Put the values met so far into a new, empty hash table. Shapes as in `number_texts`. Returns how many are not
    where they are looked for first."""
    mask, displaced = np.uint64(slots.size - 1), 0
    for number in range(met):
        place = mixed(keys[number, 0], keys[number, 1]) & mask
        displaced += slots[place] >= 0
        while slots[place] >= 0:
            place = (place + np.uint64(1)) & mask
        slots[place] = number
    return displaced
