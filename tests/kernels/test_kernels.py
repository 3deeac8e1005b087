"""Kernels one by one: a table of slow oracles in NumPy and plain Python, and one compiled signature each."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core20plus5 import warm_up
from core20plus5.kernels import compare, counting, dates, logic, planes, strata
from core20plus5.kernels._jit import KERNELS
from core20plus5.kernels.compare import NULL_DATE
from tests.ask import count, flags
from tests.kernels.test_encodings import STRATA, TABLE

ROWS = 64 * 5
RANDOM = np.random.default_rng(20)
NUMBERS = np.where(RANDOM.random(ROWS) < 0.2, np.nan, RANDOM.integers(-3, 4, ROWS))
OTHERS = np.where(RANDOM.random(ROWS) < 0.2, np.nan, RANDOM.integers(-3, 4, ROWS))
DATES = np.where(RANDOM.random(ROWS) < 0.2, NULL_DATE, RANDOM.integers(-3, 4, ROWS)).astype(np.int32)
RESOLVED = np.where(RANDOM.random(ROWS) < 0.5, NULL_DATE, RANDOM.integers(-3, 4, ROWS)).astype(np.int32)
CODES = RANDOM.integers(-1, 5, ROWS).astype(np.int8)
TRUTHS = [RANDOM.integers(0, 3, ROWS) for _ in range(3)]  # 0 no, 1 unknown, 2 yes

Values = np.ndarray[Any, Any]


def bits(flags: Values) -> Values:
    """A plane from booleans."""
    return np.packbits(flags.reshape(-1, 64), axis=1, bitorder="little").view(np.uint64).ravel()


def truth(values: Values) -> Values:
    """Planes from 0 no, 1 unknown, 2 yes."""
    return np.stack([bits(values == 2), bits(values >= 1)])


def read(out: Values) -> list[int]:
    """0 no, 1 unknown, 2 yes from planes."""
    plane = np.unpackbits(out.view(np.uint8), bitorder="little").reshape(2, -1).astype(int)
    assert (plane[0] <= plane[1]).all()
    return (plane[0] + plane[1]).tolist()


def known(value: float | None, test: Callable[[Any], bool]) -> int:
    """The oracle of a comparison."""
    return 1 if value is None or np.isnan(value) else 2 if test(value) else 0


ORACLES: list[tuple[Any, tuple[Any, ...], list[int]]] = [
    (compare.at_least, (NUMBERS, 1.0), [known(x, lambda v: v >= 1) for x in NUMBERS]),
    (compare.at_most, (NUMBERS, 1.0), [known(x, lambda v: v <= 1) for x in NUMBERS]),
    (compare.at_least_each, (NUMBERS, OTHERS), [known(x - y, lambda v: v >= 0) for x, y in zip(NUMBERS, OTHERS, strict=True)]),
    (compare.number_recorded, (NUMBERS,), [0 if np.isnan(x) else 2 for x in NUMBERS]),
    (compare.code_in, (CODES, np.uint64(0b10100)), [1 if c < 0 else 2 if c in (2, 4) else 0 for c in CODES]),
    (dates.dated_between, (DATES, np.int32(-1), np.int32(2)), [2 if -1 < d <= 2 else 0 for d in DATES]),
    (dates.on_register, (DATES, RESOLVED, NULL_DATE),
     [2 if d != NULL_DATE and (r == NULL_DATE or d >= r) else 0 for d, r in zip(DATES, RESOLVED, strict=True)]),
    (logic.both, (truth(TRUTHS[0]), truth(TRUTHS[1])), np.minimum(TRUTHS[0], TRUTHS[1]).tolist()),
    (logic.either, (truth(TRUTHS[0]), truth(TRUTHS[1])), np.maximum(TRUTHS[0], TRUTHS[1]).tolist()),
    (logic.negate, (truth(TRUTHS[0]),), (2 - TRUTHS[0]).tolist()),
    (logic.is_yes, (truth(TRUTHS[0]),), [2 if t == 2 else 0 for t in TRUTHS[0]]),
    (logic.is_known, (truth(TRUTHS[0]),), [0 if t == 1 else 2 for t in TRUTHS[0]]),
]  # fmt: skip


@pytest.mark.parametrize(("kernel", "arguments", "expected"), ORACLES, ids=[kernel.__name__ for kernel, _, _ in ORACLES])
def test_truths(kernel: Any, arguments: tuple[Any, ...], expected: list[int]) -> None:
    out = np.empty((2, ROWS // 64), np.uint64)
    kernel(*arguments, out)
    assert read(out) == expected


@pytest.mark.parametrize("strict", [False, True])
def test_answer(strict: bool) -> None:
    among, where, knowing = TRUTHS
    counted = RANDOM.random(ROWS) < 0.8
    out, codes = np.empty((2, ROWS // 64), np.uint64), np.empty(ROWS, np.int8)
    logic.answer(bits(counted), truth(among), truth(where), truth(knowing), strict, out)
    planes.answer_codes(out, codes)
    for row in range(ROWS):
        if not counted[row] or among[row] == 0 or (strict and among[row] == 1):
            expected = 0
        elif among[row] == 1 or knowing[row] != 2:
            expected = 2
        else:
            expected = [1, 2, 3][where[row]]
        assert codes[row] == expected


def test_select() -> None:
    out = np.empty(ROWS)
    compare.select(truth(TRUTHS[0]), NUMBERS, OTHERS, out)
    choice = np.where(TRUTHS[0] == 2, NUMBERS, np.where(TRUTHS[0] == 0, OTHERS, np.nan))
    assert np.array_equal(out, choice, equal_nan=True)


def test_transpose_turns_rows_into_columns() -> None:
    block = RANDOM.integers(0, 2**63, 64).astype(np.uint64)
    matrix = (block[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
    planes.transpose(block)
    assert ((block[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1) == matrix.T).all()


@pytest.mark.parametrize("indicators", [1, 31, 32, 33, 70])
def test_counting_by_popcount_equals_counting_one_by_one(indicators: int) -> None:
    rows, groups = 64 * 3 - 7, 4
    codes = RANDOM.integers(0, 4, (indicators, rows))
    codes[0] = np.where(RANDOM.random(rows) < 0.1, 0, 3)  # everyone: excluded, or yes
    codes[:, codes[0] == 0] = 0
    padded = np.zeros((indicators, 192), np.int64)
    padded[:, :rows] = codes
    answers = np.stack([np.stack([bits(line % 2 == 1), bits(line >= 2)]) for line in padded])
    packed = np.empty((rows, (indicators + 31) // 32), np.uint64)
    planes.pack(answers, packed)
    numbers = RANDOM.integers(0, groups, rows).astype(np.int32)
    starts, ordered = np.empty(groups + 1, np.int64), np.empty_like(packed)
    counting.sort_by_stratum(numbers, packed, starts, ordered)
    cohorts = np.array([0, indicators - 1][: 1 + (indicators > 1)], np.int64)
    counts = np.zeros((groups, 2 * len(cohorts) - 1, 3 * indicators), np.int64)
    counting.count_strata(ordered, starts, 0, groups, cohorts, counts)
    for stratum in range(groups):
        here = numbers == stratum
        lines = [codes[0] == 3] + ([codes[-1] == 3, codes[-1] == 2] if indicators > 1 else [])
        for line, people in enumerate(lines):
            expected = [int((codes[i] == a)[people & here].sum()) for i in range(indicators) for a in (3, 1, 2)]
            assert counts[stratum, line].tolist() == expected


def test_strata_are_numbered_as_they_are_met() -> None:
    keys = RANDOM.integers(0, 50, 500)
    table_keys, table_numbers = np.full(128, -1), np.zeros(128, np.int32)
    out, new = np.empty(500, np.int32), np.empty(500, np.int64)
    met = strata.number_strata(keys, 0, table_keys, table_numbers, new, out)
    order = list(dict.fromkeys(keys.tolist()))
    assert new[:met].tolist() == order
    assert [order[number] for number in out] == keys.tolist()


def test_after_warm_up_nothing_compiles_again() -> None:
    warm_up()
    before = {kernel.__name__: list(kernel.signatures) for kernel in KERNELS}
    several = {name: signatures for name, signatures in before.items() if len(signatures) > 1}
    assert not several
    count(TABLE.slice(1, 3), strata=STRATA)
    count(TABLE.to_batches(max_chunksize=1), strata=STRATA, plus_groups="all")
    flags(TABLE)
    assert {kernel.__name__: list(kernel.signatures) for kernel in KERNELS} == before


def test_no_kernel_is_parallel() -> None:
    """The default threading layer ends the process when parallel kernels are entered from several threads."""
    assert KERNELS
    assert not any(kernel.targetoptions.get("parallel") for kernel in KERNELS)
    assert all(kernel.targetoptions["nogil"] for kernel in KERNELS)
