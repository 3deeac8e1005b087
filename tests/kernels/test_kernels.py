"""Kernels one by one: a table of slow oracles in NumPy and plain Python, and one compiled signature each."""

import importlib
import re
import subprocess
import sys
from inspect import isfunction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from core20plus5.kernels import arithmetic, clean, compare, counting, dates, logic, lsoa, planes, records
from core20plus5.kernels._jit import KERNELS, kernel
from core20plus5.strata import StratumIndex
from tests.e2e.process import environment

ROWS = 64 * 5
RANDOM = np.random.default_rng(20)
NUMBERS = RANDOM.integers(-3, 4, ROWS)
OTHERS = RANDOM.integers(-3, 4, ROWS)
KNOWN = RANDOM.random(ROWS) < 0.8
KNOWN[64:128] = False  # a word in which nothing is known
OTHERS_KNOWN = RANDOM.random(ROWS) < 0.5
DAYS = NUMBERS.astype(np.int32)
RESOLVED = OTHERS.astype(np.int32)
NATIVE = (np.int16, np.int32, np.int64, np.float64)
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


KNOWN_BITS, OTHERS_BITS = bits(KNOWN), bits(OTHERS_KNOWN)


def asked(known: Values, test: Values) -> list[int]:
    """The oracle of a comparison: unknown where a value is."""
    return np.where(known, 2 * test, 1).tolist()


ORACLES: list[tuple[Any, tuple[Any, ...], list[int]]] = [
    *((compare.at_least, (NUMBERS.astype(kind), KNOWN_BITS, 1.0), asked(KNOWN, NUMBERS >= 1)) for kind in NATIVE),
    *((compare.at_least, (NUMBERS.astype(kind), KNOWN_BITS, 0.5), asked(KNOWN, NUMBERS >= 1)) for kind in NATIVE),
    *((compare.at_most, (NUMBERS.astype(kind), KNOWN_BITS, 1.0), asked(KNOWN, NUMBERS <= 1)) for kind in NATIVE),
    (compare.at_least_each, (NUMBERS.astype(float), KNOWN_BITS, OTHERS.astype(float), OTHERS_BITS),
     asked(KNOWN & OTHERS_KNOWN, NUMBERS >= OTHERS)),
    (compare.plane_as_truth, (KNOWN_BITS,), (2 * KNOWN).tolist()),
    (compare.code_in, (CODES, np.uint64(0b10100)), [1 if c < 0 else 2 if c in (2, 4) else 0 for c in CODES]),
    (dates.dated_between, (DAYS, KNOWN_BITS, np.int32(-1), np.int32(2)), (2 * (KNOWN & (DAYS > -1) & (DAYS <= 2))).tolist()),
    (dates.on_register, (DAYS, KNOWN_BITS, RESOLVED, OTHERS_BITS), (2 * (KNOWN & (~OTHERS_KNOWN | (DAYS >= RESOLVED)))).tolist()),
    (logic.both, (truth(TRUTHS[0]), truth(TRUTHS[1])), np.minimum(TRUTHS[0], TRUTHS[1]).tolist()),
    (logic.either, (truth(TRUTHS[0]), truth(TRUTHS[1])), np.maximum(TRUTHS[0], TRUTHS[1]).tolist()),
    (logic.but_not, (truth(TRUTHS[0]), truth(TRUTHS[1])), (2 * ((TRUTHS[0] == 2) & (TRUTHS[1] != 2))).tolist()),
    (logic.negate, (truth(TRUTHS[0]),), (2 - TRUTHS[0]).tolist()),
    (logic.is_yes, (truth(TRUTHS[0]),), [2 if t == 2 else 0 for t in TRUTHS[0]]),
    (logic.is_known, (truth(TRUTHS[0]),), [0 if t == 1 else 2 for t in TRUTHS[0]]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("part", "arguments", "expected"), ORACLES, ids=[f"{entry[0].__name__}-{number}" for number, entry in enumerate(ORACLES)]
)
def test_truths(part: Any, arguments: tuple[Any, ...], expected: list[int]) -> None:
    out = np.empty((2, ROWS // 64), np.uint64)
    kernel(part)(*arguments, out)
    assert read(out) == expected


@pytest.mark.parametrize("strict", [False, True])
def test_answer(strict: bool) -> None:
    among, where, knowing = TRUTHS
    counted = RANDOM.random(ROWS) < 0.8
    out, codes = np.empty((2, ROWS // 64), np.uint64), np.empty(ROWS, np.int8)
    kernel(logic.answer)(bits(counted), truth(among), truth(where), truth(knowing), strict, out)
    planes.answer_codes(out, codes)
    for row in range(ROWS):
        if not counted[row] or among[row] == 0 or (strict and among[row] == 1):
            expected = 0
        elif among[row] == 1 or knowing[row] != 2:
            expected = 2
        else:
            expected = [1, 2, 3][where[row]]
        assert codes[row] == expected


@pytest.mark.parametrize("kind", NATIVE)
def test_arithmetic(kind: Any) -> None:
    left, right, out, known = np.empty(ROWS), OTHERS.astype(float), np.empty(ROWS), np.empty(ROWS // 64, np.uint64)
    kernel(arithmetic.as_numbers)(NUMBERS.astype(kind), KNOWN_BITS, left)
    assert (left[KNOWN] == NUMBERS[KNOWN]).all()
    kernel(arithmetic.add)(left, KNOWN_BITS, right, OTHERS_BITS, -1.0, out, known)
    assert (known == KNOWN_BITS & OTHERS_BITS).all()
    both = KNOWN & OTHERS_KNOWN
    assert (out[both] == (NUMBERS - OTHERS)[both]).all()


def test_select() -> None:
    out, known = np.empty(ROWS), np.empty(ROWS // 64, np.uint64)
    kernel(arithmetic.select)(truth(TRUTHS[0]), NUMBERS.astype(float), KNOWN_BITS, OTHERS.astype(float), OTHERS_BITS, out, known)
    is_known = ((TRUTHS[0] == 2) & KNOWN) | ((TRUTHS[0] == 0) & OTHERS_KNOWN)
    assert (known == bits(is_known)).all()
    assert (out[is_known] == np.where(TRUTHS[0] == 2, NUMBERS, OTHERS)[is_known]).all()


@pytest.mark.parametrize("kind", NATIVE)
def test_numbers_that_are_refused(kind: Any) -> None:
    known = KNOWN_BITS.copy()
    assert clean.clean_numbers(NUMBERS.astype(kind), known, -2.0, 2.0, True) == (KNOWN & (abs(NUMBERS) > 2)).sum()
    assert (known == bits(KNOWN & (abs(NUMBERS) <= 2))).all()


def test_numbers_that_are_none_or_not_whole() -> None:
    values = np.where(RANDOM.random(ROWS) < 0.3, np.nan, NUMBERS + RANDOM.choice([0, 0.5], ROWS))
    values[:2] = np.inf, -np.inf
    known = bits(np.ones(ROWS, bool))
    whole = np.isfinite(values) & (values == np.floor(values))
    assert clean.clean_numbers(values, known, -1e300, 1e300, True) == (~whole & ~np.isnan(values)).sum()
    assert (known == bits(whole)).all()


@pytest.mark.parametrize("null_is_no", [False, True])
def test_numbers_as_truths(null_is_no: bool) -> None:
    values = RANDOM.choice([0, 1, 7, np.nan], ROWS)
    out = np.empty((2, ROWS // 64), np.uint64)
    assert clean.clean_truths(values, KNOWN_BITS, null_is_no, out) == (KNOWN & (values == 7)).sum()
    null = ~KNOWN | np.isnan(values)
    expected = np.where(null, 0 if null_is_no else 1, np.where(values == 1, 2, np.where(values == 0, 0, 1)))
    assert read(out) == expected.tolist()


@pytest.mark.parametrize("offset", [0, 1, 7, 8, 63, 64, 65])
@pytest.mark.parametrize("rows", [1, 63, 64, 65, 130])
def test_bits_from_any_place(offset: int, rows: int) -> None:
    flags_in = RANDOM.random(offset + rows) < 0.5
    out = np.empty(-(-rows // 64), np.uint64)
    clean.bit_plane(np.packbits(flags_in, bitorder="little"), offset, rows, out)
    expected = np.zeros(out.size * 64, bool)
    expected[:rows] = flags_in[offset:]
    assert (out == bits(expected)).all()


def test_places_outside_a_dictionary_are_found_where_they_count() -> None:
    places = RANDOM.integers(0, 5, ROWS).astype(np.int8)
    places[~KNOWN] = -7
    assert clean.places_within(places, KNOWN_BITS, 5.0)
    assert not clean.places_within(places, KNOWN_BITS, 4.0)
    assert not clean.places_within(np.where(places == 2, -1, places).astype(np.int8), KNOWN_BITS, 5.0)


def test_transpose_turns_rows_into_columns() -> None:
    rows = RANDOM.integers(0, 2**63, (64, 1)).astype(np.uint64) * np.uint64(2) + np.uint64(1)
    matrix = (rows >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
    columns = np.empty((2, 32), np.uint64)
    kernel(counting.to_planes)(rows, np.empty(64, np.uint64), columns)
    found = columns.T.reshape(64, 1)  # decided and possible, in turn
    assert ((found >> np.arange(64, dtype=np.uint64)) & np.uint64(1) == matrix.T).all()


@pytest.mark.parametrize("indicators", [1, 31, 32, 33, 70])
def test_counting_by_popcount_equals_counting_one_by_one(indicators: int) -> None:
    rows, groups = 64 * 80 - 7, 4  # more people of a group than are added up at once
    codes = RANDOM.integers(0, 4, (indicators, rows))
    codes[0] = np.where(RANDOM.random(rows) < 0.1, 0, 3)  # everyone: excluded, or yes
    codes[:, codes[0] == 0] = 0
    padded = np.zeros((indicators, 64 * 80), np.int64)
    padded[:, :rows] = codes
    answers = np.stack([np.stack([bits(line % 2 == 1), bits(line >= 2)]) for line in padded])
    packed = np.empty((rows, (indicators + 31) // 32), np.uint64)
    planes.pack(answers, packed)
    numbers = RANDOM.integers(0, groups, rows).astype(np.int32)
    starts, ordered = np.zeros(groups + 1, np.int64), np.empty_like(packed)
    counting.tally_strata(numbers, starts[1:])
    np.cumsum(starts, out=starts)
    counting.sort_rows(numbers, packed, starts[:-1].copy(), ordered)
    cohorts = np.array([0, indicators - 1][: 1 + (indicators > 1)], np.int64)
    counts = np.zeros((groups, 2 * len(cohorts) - 1, -(-3 * indicators // 8) * 8), np.int64)
    counting.count_strata(ordered, starts, 0, groups, cohorts, counts)
    for stratum in range(groups):
        here = numbers == stratum
        lines = [codes[0] == 3] + ([codes[-1] == 3, codes[-1] == 2] if indicators > 1 else [])
        for line, people in enumerate(lines):
            expected = [int((codes[i] == a)[people & here].sum()) for i in range(indicators) for a in (3, 1, 2)]
            assert counts[stratum, line, : 3 * indicators].tolist() == expected
    weights = RANDOM.choice([1, 1, 2, 3, 100], rows)
    again, expected_counts = np.zeros_like(counts), np.zeros_like(counts)
    counting.count_records(ordered, weights, starts, np.arange(groups), cohorts, again)
    repeated, ends = np.repeat(ordered, weights, axis=0), np.concatenate([[0], np.cumsum(weights)])[starts]
    counting.count_strata(repeated, ends, 0, groups, cohorts, expected_counts)
    assert (again == expected_counts).all()


@pytest.mark.parametrize("parts", [1, 2])
def test_equal_records_are_joined(parts: int) -> None:
    rows = RANDOM.integers(0, 4, (500, parts)).astype(np.uint64)
    people = RANDOM.integers(1, 9, 500)
    starts = np.array([0, 0, 7, 300, 300, 500])
    expected = []
    for begin, end in pairwise(starts.tolist()):
        tally: dict[tuple[int, ...], int] = {}
        for row in range(begin, end):
            tally[tuple(rows[row].tolist())] = tally.get(tuple(rows[row].tolist()), 0) + int(people[row])
        expected.append(sorted(tally.items()))
    records.order_rows(rows, people, starts, 0, 5)
    kept = records.join_equal(rows, people, starts)
    assert kept == starts[-1]
    for stratum, (begin, end) in enumerate(pairwise(starts.tolist())):
        assert [(tuple(rows[r].tolist()), int(people[r])) for r in range(begin, end)] == expected[stratum]


@pytest.mark.parametrize("place", range(6))
def test_six_digits_are_a_number_and_nothing_else_is(place: int) -> None:
    six_digits = kernel(lsoa.six_digits)
    for byte in range(256):
        text = bytearray(b"104729")
        text[place] = byte
        word = np.uint64(int.from_bytes(text, "little"))
        assert six_digits(word) == (int(text) if 48 <= byte <= 57 else -1), byte


def test_strata_are_numbered_as_they_are_met() -> None:
    index = StratumIndex(2)
    for rows, labels in ((500, 7), (30_000, 60), (1_000, 60), (20_000, 2_000), (20_000, 3_000)):  # from few to many
        codes = RANDOM.integers(0, labels, (2, rows)).astype(np.int32)
        out = np.empty(rows, np.int32)
        met = [tuple(stratum) for stratum in index.members.tolist()]
        index.numbers(codes, (labels, labels), out)
        order = list(dict.fromkeys([*met, *map(tuple, codes.T.tolist())]))
        assert [tuple(stratum) for stratum in index.members.tolist()] == order
        assert [order[number] for number in out] == [tuple(stratum) for stratum in codes.T.tolist()]
    assert len(index) > 3_000  # more than it has room for at first


def test_after_warm_up_nothing_compiles_again() -> None:
    """In a process of its own, since other tests call kernels with types that ingest never gives them."""
    command = [sys.executable, "-m", "tests.kernels.signatures"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=300, check=True)
    assert done.stdout.split() == []


def test_python_calls_no_part_of_a_kernel() -> None:
    """It would get the right answer, a hundred times later."""
    importlib.import_module("core20plus5.engine")
    modules = [module for name, module in sys.modules.items() if re.match(r"core20plus5\.(?!kernels)", name)]
    called = [value for module in modules for value in vars(module).values() if isfunction(value)]
    written = {value.__name__ for value in called if value.__module__.startswith("core20plus5.kernels")}
    assert written == {"make_desk", "make_room"}  # Python's own


def test_no_kernel_is_parallel() -> None:
    """The default threading layer ends the process when parallel kernels are entered from several threads."""
    assert KERNELS
    assert not any(kernel.targetoptions.get("parallel") for kernel in KERNELS)
    assert all(kernel.targetoptions["nogil"] for kernel in KERNELS)
