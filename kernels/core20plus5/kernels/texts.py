"""Short texts to numbers: codes of organisations, of ethnicity, of stages."""

import numpy as np

from core20plus5.kernels import lanes
from core20plus5.kernels._jit import kernel

#: Bytes of the longest text that has a number; it and its length fit into two words.
LONGEST = 15


@kernel
def number_texts(offsets, text, known, first, met, keys, slots, out):
    """Give each text the number of its value, new numbers to values not met before.

    offsets: int64 (n + 1,) into text: uint8; known: uint64 (words,), rows without a text get 0; first: the row to begin with;
    met: values met so far; keys: uint64 (room, 2), their bytes and length; slots: int32 (m,), numbers by hash, -1 where free, m
    a power of two and at least twice the room; out: int32 (n or more,). Returns the row and the values met at which it stopped:
    after the last row, where there is no room for another value, or at a text longer than LONGEST.
    """
    mask = np.uint64(slots.size - 1)
    for row in range(first, offsets.size - 1):
        if not (known[row >> 6] >> np.uint64(row & 63)) & np.uint64(1):
            out[row] = 0
            continue
        low, high = text_key(offsets[row], offsets[row + 1], text)
        if high >> np.uint64(56) > np.uint64(LONGEST):
            return row, met
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
def text_key(start, end, text):
    """Up to 15 bytes of a text, and in the last byte its length, 255 for any longer one."""
    size = end - start
    if size > LONGEST:
        return np.uint64(0), np.uint64(255) << np.uint64(56)
    low, high = np.uint64(0), np.uint64(0)
    if start + 16 <= text.size:
        bits = np.uint64(8 * size)
        low, high = lanes.word_at(text, start), lanes.word_at(text, start + 8)
        if size < 8:
            low &= (np.uint64(1) << bits) - np.uint64(1)
            high = np.uint64(0)
        else:
            high &= (np.uint64(1) << (bits - np.uint64(64))) - np.uint64(1)
    else:
        for place in range(size):
            byte = np.uint64(text[start + place])
            if place < 8:
                low |= byte << np.uint64(8 * place)
            else:
                high |= byte << np.uint64(8 * place - 64)
    return low, high | (np.uint64(size) << np.uint64(56))


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
