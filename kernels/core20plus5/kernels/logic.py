"""Three-valued logic on bit planes, and the answer of an indicator.

A truth is uint64 (2, words): row 0 "yes", row 1 "possible". An answer is uint64 (2, words) as well, but has a fourth state:
row 0 is "decided" (yes or no), row 1 "possible" (yes or unknown); neither is "not applicable".
"""

from core20plus5.kernels._jit import kernel_part


@kernel_part
def both(left, right, out):
    """AND: the smaller of the two in the order no, unknown, yes."""
    for word in range(out.shape[1]):
        out[0, word] = left[0, word] & right[0, word]
        out[1, word] = left[1, word] & right[1, word]


@kernel_part
def either(left, right, out):
    """OR: the larger of the two in the order no, unknown, yes."""
    for word in range(out.shape[1]):
        out[0, word] = left[0, word] | right[0, word]
        out[1, word] = left[1, word] | right[1, word]


@kernel_part
def but_not(left, right, out):
    """Where the left one is yes and the right one is not, without unknowns."""
    for word in range(out.shape[1]):
        rest = left[0, word] & ~right[0, word]
        out[0, word] = rest
        out[1, word] = rest


@kernel_part
def negate(truth, out):
    """NOT: unknown stays unknown."""
    for word in range(out.shape[1]):
        yes = truth[0, word]
        out[0, word] = ~truth[1, word]
        out[1, word] = ~yes


@kernel_part
def is_yes(truth, out):
    """Yes stays yes, unknown becomes no."""
    for word in range(out.shape[1]):
        out[0, word] = truth[0, word]
        out[1, word] = truth[0, word]


@kernel_part
def is_known(truth, out):
    """Whether a truth is yes or no rather than unknown."""
    for word in range(out.shape[1]):
        known = ~(truth[0, word] ^ truth[1, word])
        out[0, word] = known
        out[1, word] = known


@kernel_part
def answer_as_truth(answer, out):
    """An indicator's answer read in another sentence: not applicable counts as no."""
    for word in range(out.shape[1]):
        out[0, word] = answer[0, word] & answer[1, word]
        out[1, word] = answer[1, word]


@kernel_part
def answer(counted, among, where, known, strict, out):
    """The four-valued answer of one indicator.

    counted: (words,) uint64, the people who are not excluded; among, where, known: truths.
    strict: whether an unknown `among` is "not applicable" (measures, case finding) or "unknown" (everything else).
    """
    for word in range(out.shape[1]):
        asked = among[0, word] & counted[word]
        unsure = among[1, word] & ~among[0, word] & counted[word]
        unknown = asked & ((where[1, word] & ~where[0, word]) | ~known[0, word])
        if not strict:
            unknown |= unsure
        yes = asked & where[0, word] & known[0, word]
        out[0, word] = asked & ~unknown
        out[1, word] = yes | unknown
