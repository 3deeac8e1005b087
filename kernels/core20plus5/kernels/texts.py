"""Short texts to numbers: codes of organisations, of ethnicity, of stages."""

import numpy as np

from core20plus5.kernels import lanes
from core20plus5.kernels._jit import kernel

#: Bytes of the longest text that has a number; it and its length fit into two words.
LONGEST = 15


@kernel
def number_texts(offsets, text, known, first, met, keys, slots, out):
    """Give each text the number of its value, new numbers to values not met before.

    offsets: int64 (n + 1,) into text: uint8; known: uint64 (words,), the rows that have a text; first: the row to begin with;
    met: values met so far; keys: uint64 (room, 2), their bytes and length; slots: int32 (m,), numbers by hash, -1 where free, m
    a power of two and at least twice the room; out: int32 (n or more,). Returns the row and the values met at which it stopped:
    after the last row, where there is no room for another value, or at a text longer than LONGEST.
    """
    # All in one: a call with arrays, or a slice, for each row would take several times as long.
    mask = np.uint64(slots.size - 1)
    for row in range(first, offsets.size - 1):
        # A row without a text counts as an empty one: to branch here would cost more, since nobody can tell beforehand.
        size = (offsets[row + 1] - offsets[row]) * np.int64((known[row >> 6] >> np.uint64(row & 63)) & np.uint64(1))
        if size > LONGEST:
            return row, met
        start = offsets[row]
        low, high = np.uint64(0), np.uint64(0)
        if start + 16 <= text.size:
            # Shifted twice, because a shift by all 64 bits is undefined.
            if size >= 8:
                low = lanes.word_at(text, start)
                unused = np.uint64(64 + 56 - 8 * size)
                high = ((lanes.word_at(text, start + 8) << unused) << np.uint64(8)) >> np.uint64(8) >> unused
            elif size:
                unused = np.uint64(64 - 8 * size)
                low = (lanes.word_at(text, start) << unused) >> unused
        else:
            low, high = key_near_end(start, size, text)
        high |= np.uint64(size) << np.uint64(56)
        mixed = (low ^ (high * np.uint64(0x9E3779B97F4A7C15))) * np.uint64(0xC2B2AE3D27D4EB4F)
        place = (mixed ^ (mixed >> np.uint64(32))) & mask
        while True:
            number = slots[place]
            if number < 0:
                if met == keys.shape[0]:
                    return row, met
                keys[met, 0], keys[met, 1] = low, high
                slots[place] = met
                out[row] = met
                met += 1
                break
            if keys[number, 0] == low and keys[number, 1] == high:
                out[row] = number
                break
            place = (place + np.uint64(1)) & mask
    return offsets.size - 1, met


@kernel
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

    offsets: int64 (n + 1,); text: uint8.
    """
    falls = np.int64(0)
    for row in range(offsets.size - 1):
        falls += np.int64(offsets[row + 1] < offsets[row])
    first, last = offsets[0], offsets[offsets.size - 1]
    if falls or first < 0 or last > text.size:
        return False
    high = np.uint8(0)
    for place in range(first, last):
        high |= text[place]
    return high < 128


@kernel
def place_texts(keys, met, slots):
    """Put the values met so far into a new, empty hash table. Shapes as in `number_texts`."""
    mask = np.uint64(slots.size - 1)
    for number in range(met):
        mixed = (keys[number, 0] ^ (keys[number, 1] * np.uint64(0x9E3779B97F4A7C15))) * np.uint64(0xC2B2AE3D27D4EB4F)
        place = (mixed ^ (mixed >> np.uint64(32))) & mask
        while slots[place] >= 0:
            place = (place + np.uint64(1)) & mask
        slots[place] = number
