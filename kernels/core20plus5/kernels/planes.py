"""Between bit planes (one per indicator, 64 people a word) and row words (one per person, 32 indicators a word)."""

import numpy as np

from core20plus5.kernels._jit import kernel


@kernel
def transpose(block):
    """Transpose a 64 x 64 bit matrix in place. block: (64,) uint64; by halves, as in Hacker's Delight, section 7-3."""
    half = 32
    mask = np.uint64(0x00000000FFFFFFFF)
    while half:
        shift = np.uint64(half)
        for start in range(0, 64, 2 * half):
            for k in range(start, start + half):
                moved = ((block[k] >> shift) ^ block[k + half]) & mask
                block[k + half] ^= moved
                block[k] ^= moved << shift
        half >>= 1
        mask ^= mask << np.uint64(half)


@kernel
def pack(answers, rows):
    """Answers (indicators, 2, words) to row words (n, ceil(indicators / 32)); n may leave out the padding of the last word.

    Indicator k takes bits 2k ("decided") and 2k + 1 ("possible") of a person's words.
    """
    block = np.empty(64, np.uint64)
    people = rows.shape[0]
    for word in range(answers.shape[2]):
        for part in range(rows.shape[1]):
            block[:] = 0
            for k in range(min(32, answers.shape[0] - part * 32)):
                block[2 * k] = answers[part * 32 + k, 0, word]
                block[2 * k + 1] = answers[part * 32 + k, 1, word]
            transpose(block)
            for bit in range(min(64, people - word * 64)):
                rows[word * 64 + bit, part] = block[bit]


@kernel
def answer_codes(answer, out):
    """One indicator's answer as a number a person: 0 not applicable, 1 no, 2 unknown, 3 yes. out: (n,) int8."""
    for row in range(out.size):
        bit = np.uint64(row & 63)
        decided = (answer[0, row >> 6] >> bit) & np.uint64(1)
        possible = (answer[1, row >> 6] >> bit) & np.uint64(1)
        out[row] = decided | (possible << np.uint64(1))


@kernel
def to_bits(flags, out):
    """A boolean array as one bit plane; bits past its end are 0. flags: (n,) bool; out: (words,) uint64."""
    for word in range(out.size):
        bits = np.uint64(0)
        for row in range(word * 64, min(word * 64 + 64, flags.size)):
            bits |= np.uint64(flags[row]) << np.uint64(row & 63)
        out[word] = bits
