"""Places for the results of steps: one that nobody reads any more is used again, so that more of them stay in cache."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from core20plus5.flags.program import Place, Step
from core20plus5.kernels import steps as kernel

TRUTHS, NUMBERS = "truths", "numbers"

#: A result: what it is, and its place.
Result = tuple[str, Place]

#: The operands of a step that are results of others, in their order from the first operand on; None is one that is no result.
_READS: dict[int, tuple[str | None, ...]] = {
    **dict.fromkeys((kernel.NEGATE, kernel.IS_YES, kernel.IS_KNOWN, kernel.ANSWER_AS_TRUTH, kernel.KEEP), (TRUTHS,)),
    **dict.fromkeys((kernel.BOTH, kernel.EITHER, kernel.EXCEPT), (TRUTHS,) * 2),
    kernel.ANSWER: (TRUTHS,) * 4,
    **dict.fromkeys((kernel.NUMBERS_AT_LEAST, kernel.NUMBERS_AT_MOST), (NUMBERS,)),
    **dict.fromkeys((kernel.NUMBERS_AT_LEAST_EACH, kernel.ADD), (NUMBERS,) * 2),
    kernel.SELECT: (TRUTHS, NUMBERS, NUMBERS),
}
_OF_NUMBERS = frozenset({kernel.FILL, kernel.LOAD, kernel.ADD, kernel.SELECT})


def results_read(step: Step) -> Iterator[tuple[int, Result]]:
    """The operands of a step that are results of others, by their number."""
    for number, (kind, place) in enumerate(zip(_READS.get(step.code, ()), step.operands, strict=False)):
        if kind is not None:
            yield number, (kind, place)


def result_of(step: Step) -> Result | None:
    """What a step works out, if others can read it."""
    if step.code == kernel.KEEP:
        return None
    return NUMBERS if step.code in _OF_NUMBERS else TRUTHS, step.out


def in_less_room(steps: Iterable[Step]) -> tuple[list[Step], int, int]:
    """The same steps, each with a place of its own, with as few places as they need: and how many of truths, and of numbers.

    What FILL puts somewhere stays there from piece to piece, so that its place is nobody else's, before or after.
    """
    given = list(steps)
    last = {read: number for number, step in enumerate(given) for _, read in results_read(step)}
    free: dict[str, list[Place]] = {TRUTHS: [], NUMBERS: []}
    used = {TRUTHS: 0, NUMBERS: 0}
    moved: dict[Result, Place] = {}
    lasting = {result_of(step) for step in given if step.code == kernel.FILL}
    found = []
    for number, step in enumerate(given):
        operands = list(step.operands)
        for operand, read in results_read(step):
            operands[operand] = moved[read]
        out, result = step.out, result_of(step)
        if result is not None:
            kind = result[0]
            if not free[kind] or result in lasting:
                free[kind].insert(0, used[kind])
                used[kind] += 1
            out = moved[result] = free[kind].pop(0 if result in lasting else -1)
        # An operand is let go after the result has its place: no step writes where it reads.
        done = {read for _, read in results_read(step)} | ({result} if result is not None else set())
        for gone in done - lasting:
            if last.get(gone, number) == number:
                free[gone[0]].append(moved[gone])
        found.append(replace(step, out=out, operands=tuple(operands)))
    return found, used[TRUTHS], used[NUMBERS]
