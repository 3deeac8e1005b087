"""Between bit planes (one per indicator, 64 people a word) and row words (one per person, 32 indicators a word)."""

import numpy as np

from core20plus5.kernels import lanes
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
            for k in range(32):
                answer = part * 32 + k
                there = answer < answers.shape[0]
                block[2 * k] = answers[answer, 0, word] if there else np.uint64(0)
                block[2 * k + 1] = answers[answer, 1, word] if there else np.uint64(0)
            transpose(block)
            for bit in range(min(64, people - word * 64)):
                rows[word * 64 + bit, part] = block[bit]


@kernel
def answer_codes(answer, out):
    """One indicator's answer as a number a person: 0 not applicable, 1 no, 2 unknown, 3 yes. out: int8 (words * 64,)."""
    for word in range(answer.shape[1]):
        lanes.put_codes(out, word * 64, answer[0, word], answer[1, word])


@kernel
def number_marked(plane, number, out):
    """Give the rows that a plane marks a number. out: int8 (words * 64,)."""
    for word in range(plane.size):
        if plane[word]:
            for bit in range(64):
                if (plane[word] >> np.uint64(bit)) & np.uint64(1):
                    out[word * 64 + bit] = number


@kernel
def mark_known(codes, out):
    """The plane of codes that are not -1. codes: int8 (words * 64,); out: uint64 (words,)."""
    for word in range(out.size):
        out[word] = lanes.at_least(codes, word * 64, np.int8(0))
