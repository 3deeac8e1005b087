"""LSOA codes to deprivation deciles, straight from the bytes of an Arrow string column."""

import numpy as np

from core20plus5.kernels._jit import kernel

#: What a code can be, where it has no decile.
BLANK, NOT_ENGLISH, NOT_IN_TABLE, NOT_ASCII = -1, -2, -3, -4


@kernel
def lsoa_deciles(offsets, text, deciles, out):
    """Decile 1 to 10 of each code, or why there is none (the constants above).

    offsets: (n + 1,) int64 into text: uint8 (UTF-8); deciles: (m,) int8 by the number in the code, 0 where not in the table;
    out: (n,) int8. Blanks around a code are trimmed, and it may be in lower case.
    """
    for row in range(out.size):
        start, end = offsets[row], offsets[row + 1]
        while start < end and is_blank(text[start]):
            start += 1
        while end > start and is_blank(text[end - 1]):
            end -= 1
        out[row] = decile_of(text[start:end], deciles)


@kernel
def is_blank(byte):
    """The ASCII characters that Python's str.strip() removes."""
    return byte == 32 or 9 <= byte <= 13 or 28 <= byte <= 31


@kernel
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
