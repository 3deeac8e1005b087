"""Between bit planes (one per indicator, 64 people a word) and row words (one per person, 32 indicators a word)."""

import numpy as np

from core20plus5.kernels import lanes
from core20plus5.kernels._jit import kernel, lowest, popcount


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
def sort_out(kept, exclusions, real, rows):
    """Leave in the first planes the people to whom no earlier one applies, in all others the real rows.

    kept: uint64 (k, words), first those of so many exclusions; real: uint64 (words,), the rows that are there; rows: int64
    (k + 1,) of zeros, gets the people of each plane, and last those who are not excluded.
    """
    for word in range(real.size):
        remaining = real[word]
        for place in range(kept.shape[0]):
            kept[place, word] &= remaining if place < exclusions else real[word]
            if place < exclusions:
                remaining &= ~kept[place, word]
            rows[place] += np.int64(popcount(kept[place, word]))
        rows[kept.shape[0]] += np.int64(popcount(remaining))


@kernel
def person_codes(answers, places, excluded, real, reasons, codes, known):
    """What a person's row of flags has, by number, and where it is known; what is not known is 0.

    answers: uint64 (indicators, 2, words); places: int64 (p,), of those wanted, -1 for one without answers; excluded: uint64
    (e, words), the people of each reason; real: uint64 (words,); reasons: int8 (words * 64,), why there is no decile, or -1.
    codes: int8 (p + 2, words * 64) and known: uint64 (p + 2, words), both of zeros: the reason of exclusion, then the answers as
    in `answer_codes`, then the reason of no decile.
    """
    gone, there, last = known[0], known[places.size + 1], places.size + 1
    for reason in range(excluded.shape[0]):
        for word in range(real.size):
            gone[word] |= excluded[reason, word]
            bits = excluded[reason, word]
            while bits:
                codes[0, np.uint64(word * 64) + lowest(bits)] = reason
                bits &= bits - np.uint64(1)
    for word in range(real.size):
        there[word] = real[word] & ~gone[word]
    for place in range(places.size):  # one after the other: side by side they would lie in each other's place in the cache
        if places[place] >= 0:
            answer = answers[places[place]]
            for word in range(real.size):  # 0 for those who are excluded
                lanes.put_codes(codes[place + 1], word * 64, answer[0, word], answer[1, word])
                known[place + 1, word] = there[word]
    for word in range(real.size):
        there[word] &= lanes.at_least(reasons, word * 64, np.int8(0))
        for row in range(word * 64, word * 64 + 64):
            codes[last, row] = reasons[row] if (there[word] >> np.uint64(row & 63)) & np.uint64(1) else 0
