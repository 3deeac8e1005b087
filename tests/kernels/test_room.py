"""Steps with fewer places read what they read with a place for each: over several pieces, in which FILL runs only once."""

from collections import defaultdict
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from core20plus5.flags.program import Step
from core20plus5.flags.room import NUMBERS, TRUTHS, Result, in_less_room, result_of, results_read
from core20plus5.kernels import steps as kernel


def _read(steps: Iterable[Step], pieces: int = 2) -> list[list[object]]:
    """What each step reads, piece by piece: which step wrote it, and in which piece."""
    lies: dict[Result, object] = defaultdict(lambda: "nothing")
    seen: list[list[object]] = []
    for piece in range(pieces):
        for number, step in enumerate(steps):
            if step.code == kernel.FILL and piece > 0:
                continue
            seen.append([lies[read] for _, read in results_read(step)])
            result = result_of(step)
            if result is not None:
                lies[result] = (number, 0 if step.code == kernel.FILL else piece)
    return seen


@st.composite
def programs(draw: st.DrawFn) -> list[Step]:
    """Steps that read any results there are."""
    steps = [Step(kernel.REAL_ROWS, 0), Step(kernel.FILL, 0, (), (1.0,))]
    made = {TRUTHS: 1, NUMBERS: 1}
    codes = [kernel.FILL, kernel.LOAD, kernel.ADD, kernel.SELECT, kernel.BOTH, kernel.NEGATE, kernel.ANSWER, kernel.KEEP]
    codes += [kernel.NUMBERS_AT_LEAST_EACH, kernel.NUMBERS_AT_MOST, kernel.CODE_IN]
    for code in draw(st.lists(st.sampled_from(codes), max_size=40)):
        blank = Step(code, 0, (0, 0, 0, 0, 0))
        operands = list(blank.operands)
        for operand, (kind, _) in results_read(blank):
            operands[operand] = draw(st.integers(0, made[kind] - 1))
        result = result_of(blank)
        steps.append(Step(code, made[result[0]] if result else 0, tuple(operands)))
        if result:
            made[result[0]] += 1
    return steps


@given(programs())
def test_every_step_reads_what_it_read_before(steps: list[Step]) -> None:
    less, truths, numbers = in_less_room(steps)
    assert _read(less) == _read(steps)
    used = [result for step in less if (result := result_of(step))]
    assert truths == len({place for kind, place in used if kind == TRUTHS})
    assert numbers == len({place for kind, place in used if kind == NUMBERS})
    for step in less:
        assert result_of(step) not in [read for _, read in results_read(step)], "a step writes where it reads"


def test_results_that_are_read_once_share_two_places() -> None:
    chain = [Step(kernel.REAL_ROWS, 0), *(Step(kernel.NEGATE, place, (place - 1,)) for place in range(1, 20))]
    assert in_less_room(chain)[1:] == (2, 0)


def test_what_is_filled_keeps_its_place() -> None:
    steps = [Step(kernel.FILL, 0), Step(kernel.NUMBERS_AT_MOST, 0, (0,)), Step(kernel.LOAD, 1, (5,))]
    assert in_less_room(steps)[2] == 2
