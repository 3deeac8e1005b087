"""Between bit planes (one per indicator, 64 people a word) and row words (one per person, 32 indicators a word)."""

import numpy as np

from core20plus5.kernels import lanes
from core20plus5.kernels._jit import kernel


@kernel
def pack(answers, rows):
    """Answers (indicators, 2, words) to row words (n, ceil(indicators / 32)); n may leave out the padding of the last word.

    Indicator k takes bits 2k ("decided") and 2k + 1 ("possible") of a person's words.
    """
    # Eight words of a plane are read at once, since they come to the cache together, and the planes push each other out of it.
    blocks = np.zeros(8 * 64, np.uint64)
    people, indicators, words = rows.shape[0], answers.shape[0], answers.shape[2]
    for first in range(0, words, 8):
        number = min(8, words - first)
        for part in range(rows.shape[1]):
            for k in range(min(32, indicators - part * 32)):
                for word in range(number):
                    blocks[word * 64 + 2 * k] = answers[part * 32 + k, 0, first + word]
                    blocks[word * 64 + 2 * k + 1] = answers[part * 32 + k, 1, first + word]
            for k in range(2 * min(32, indicators - part * 32), 64):
                for word in range(number):
                    blocks[word * 64 + k] = 0
            for word in range(number):
                lanes.transpose(blocks, word * 64)
                start = (first + word) * 64
                for bit in range(min(64, people - start)):
                    rows[start + bit, part] = blocks[word * 64 + bit]


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
