"""Texts of long tables: what is written many bytes at a time is what it would be row by row."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core20plus5.result.texts import Texts, runs_of

#: Lengths in bytes around those at which copies begin anew; letters differ, so that a wrong place shows.
LONG = ["".join(chr(97 + place % 26) for place in range(size)) for size in (63, 64, 65, 127, 128, 200)]
LABELS = ["", "a", "é", "ab", "seven77", "eight888", "nine99999", *LONG]


@given(st.lists(st.tuples(st.integers(0, len(LABELS) - 1), st.sampled_from([1, 2, 63, 64, 65, 66, 128, 129, 200]))))
def test_runs(runs: list[tuple[int, int]]) -> None:
    shuffled = np.arange(len(LABELS), dtype=np.int32)[::-1].copy()
    places = np.repeat([place for place, _ in runs], [length for _, length in runs]).astype(np.int32)
    column = Texts(LABELS).column(runs_of(places), shuffled)
    column.validate(full=True)
    assert column.to_pylist() == [LABELS[shuffled[place]] for place in places]


@given(st.lists(st.tuples(st.integers(0, 149), st.integers(1, 150))))
def test_sequences(sequences: list[tuple[int, int]]) -> None:
    labels = [LABELS[number % len(LABELS)] + str(number) for number in range(150)]
    places = np.array([place for first, length in sequences for place in range(first, min(first + length, 150))], np.int32)
    column = Texts(labels).sequence(places)
    column.validate(full=True)
    assert column.to_pylist() == [labels[place] for place in places]
