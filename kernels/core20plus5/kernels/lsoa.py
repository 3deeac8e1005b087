"""LSOA codes to deprivation deciles, straight from the bytes of an Arrow string column."""

import numpy as np

from core20plus5.kernels import lanes
from core20plus5.kernels._jit import kernel, kernel_part, lowest, popcount

#: What a code can be, where it has no decile.
BLANK, NOT_ENGLISH, NOT_IN_TABLE, NOT_ASCII, INVALID = -1, -2, -3, -4, -5


#: The first three bytes of a code of an English LSOA, as they lie in a word.
_PREFIX, _PREFIX_MASK = np.uint64(int.from_bytes(b"E01", "little")), np.uint64(0xFFFFFF)


@kernel
def lsoa_deciles(offsets, text, known, deciles, out):
    """Decile 1 to 10 of each code, or why there is none (the constants above).

    offsets: (n + 1,) int32 or int64 into text: uint8 (UTF-8); known: (words,) uint64, the rows that have a text; deciles: (m,)
    int8 by the number in the code, 0 where not in the table; out: (n,) int8. Blanks around a code are trimmed, and it may be in
    lower case.
    """
    for row in range(out.size):
        start, end = np.int64(offsets[row]), np.int64(offsets[row + 1])
        if not (known[row >> 6] >> np.uint64(row & 63)) & np.uint64(1):
            out[row] = BLANK
            continue
        if end - start == 9 and lanes.word_at(text, start) & _PREFIX_MASK == _PREFIX:  # E01 and six more, nearly always
            number = six_digits(lanes.word_at(text, start + 1) >> np.uint64(16))
            if number >= 0:
                found = deciles[number] if number < deciles.size else np.int8(0)
                out[row] = found if found else np.int8(NOT_IN_TABLE)
                continue
        while start < end and is_blank(text[start]):
            start += 1
        while end > start and is_blank(text[end - 1]):
            end -= 1
        out[row] = decile_of(text[start:end], deciles)


@kernel_part
def six_digits(word):
    """The number written in the lower six bytes of a word, the first digit lowest; -1 where one of them is no digit."""
    digits = word ^ np.uint64(0x303030303030)
    if (digits | (digits + np.uint64(0x767676767676))) & np.uint64(0x808080808080):  # a byte of 10 or more gets to its top bit
        return np.int64(-1)
    pairs = (digits * np.uint64(10) + (digits >> np.uint64(8))) & np.uint64(0x00FF00FF00FF)
    first, second, third = pairs & np.uint64(0xFF), (pairs >> np.uint64(16)) & np.uint64(0xFF), pairs >> np.uint64(32)
    return np.int64(first * np.uint64(10_000) + second * np.uint64(100) + third)


@kernel_part
def is_blank(byte):
    """The ASCII characters that Python's str.strip() removes."""
    return byte == 32 or 9 <= byte <= 13 or 28 <= byte <= 31


@kernel_part
def decile_of(code, deciles):
    """The decile of one trimmed code, as bytes."""
    for byte in code:
        if byte >= 128:
            return np.int8(NOT_ASCII)
    if code.size == 0:
        return np.int8(BLANK)
    if code.size < 3 or code[0] & 0xDF != 69 or code[1] != 48 or code[2] != 49:
        return np.int8(NOT_ENGLISH)
    number = 0
    for byte in code[3:]:
        if byte < 48 or byte > 57:
            return np.int8(NOT_IN_TABLE)
        number = min(number * 10 + (byte - 48), 10_000_000)
    if code.size != 9 or number >= deciles.size or deciles[number] == 0:
        return np.int8(NOT_IN_TABLE)
    return deciles[number]


@kernel
def rank_deciles(ranks, known, given, highest, out):
    """Decile of each rank of 1..highest, or of each decile of 1..10: (10 * rank + N - 1) // N, which leaves deciles alone.

    ranks: (n,) numbers; known, given: (words,) uint64, where there is a good number, and where there is any; out: (n,) int8.
    """
    for row in range(out.size):
        bit = np.uint64(1) << np.uint64(row & 63)
        if known[row >> 6] & bit:
            out[row] = (10 * np.int64(ranks[row]) + highest - 1) // highest
        else:
            out[row] = INVALID if given[row >> 6] & bit else BLANK


@kernel
def deciles_and_reasons(outcomes, given, reason_of, rows, deciles, known, reasons, tally):
    """From outcomes, deciles or the constants above, to deciles with their plane, and the reason where there is none.

    outcomes: (n,) int8; given: (n,) int8, the reason that was given, or -1: it explains a blank only; reason_of: int8, the reason
    by minus the outcome; deciles: (n,) int16; known: (words,) uint64; reasons: (n,) int8, -1 where there is a decile. tally:
    int64, gets the rows of each reason, and in its last two places the English codes and those of them that are not in the table.
    """
    for word in range(known.size):
        left = rows - word * 64
        real = ~np.uint64(0) if left >= 64 else (np.uint64(1) << np.uint64(left)) - np.uint64(1)
        bits = real & lanes.greater(outcomes, word * 64, np.int8(0))
        for row in range(word * 64, word * 64 + 64):
            deciles[row] = outcomes[row]
            reasons[row] = -1
        known[word] = bits
        tally[-2] += np.int64(popcount(bits))
        bits = real & ~bits
        while bits:
            row = np.uint64(word * 64) + lowest(bits)
            bits &= bits - np.uint64(1)
            outcome = outcomes[row]
            reason = given[row] if outcome == BLANK and given[row] >= 0 else reason_of[-outcome]
            reasons[row] = reason
            tally[reason] += 1
            tally[-2] += outcome == NOT_IN_TABLE
            tally[-1] += outcome == NOT_IN_TABLE
