"""People are sorted and counted by several threads, a buffer at a time: all are there, also in strata that come late."""

from collections import Counter as Tally
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core20plus5.cohorts import counter
from core20plus5.ingest import Ledger
from core20plus5.strata import Labels

INDICATORS, COHORTS = ("everyone", "core20", "smoker"), ("everyone", "core20")
NO, UNKNOWN, YES = 1, 2, 3  # decided is bit 0, possible is bit 1

#: In each batch, of each person: the stratum, and the answers about core20 and smoking. Strata move on from batch to batch.
people = st.tuples(st.integers(0, 7), st.sampled_from([NO, UNKNOWN, YES]), st.sampled_from([0, NO, UNKNOWN, YES]))
batches = st.lists(st.lists(people, min_size=1, max_size=60), max_size=12)


@pytest.fixture(scope="module", autouse=True)
def dirty() -> Any:
    """Many small buffers, and new memory that is not clean."""

    def empty(shape: Any, dtype: Any) -> Any:
        return np.full(shape, 7, dtype)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counter, "np", SimpleNamespace(**{**vars(np), "empty": empty}))
        patch.setattr(counter, "_OF_STRATUM", 1)
        patch.setattr(counter, "_FEWEST", 5)
        yield


@settings(max_examples=200)
@given(batches, st.integers(1, 3), st.sampled_from([1 << 24, 200]), st.sampled_from([1, 4, 1 << 60]), st.booleans())
def test_everyone_is_counted_once(
    found: list[list[tuple[int, int, int]]], threads: int, cells: int, few: int, whole: bool
) -> None:
    expected: Tally[tuple[int, int, int, int]] = Tally()
    with ThreadPoolExecutor(threads) as pool, pytest.MonkeyPatch.context() as patch:
        patch.setattr(counter, "TABLE_CELLS", cells)
        patch.setattr(counter, "_FEW", few)
        labels = Labels(tuple(map(str, range(32))))
        counts = counter.Counter(("ward",), (labels,), INDICATORS, COHORTS, pool, threads, 10_000, whole)
        for number, drawn in enumerate(found):
            batch = [(stratum + 2 * number, *answers) for stratum, *answers in drawn]
            stratum, core20, smoker = np.array(batch).T
            rows = (YES | core20 << 2 | smoker << 4).astype(np.uint64)[:, None]
            counts.add(rows, stratum.astype(np.int32)[None], Ledger(received=len(batch), counted=len(batch)))
            for person in batch:
                for line in (0, {YES: 1, UNKNOWN: 2}.get(person[1])):
                    for place, answer in enumerate((YES, *person[1:])):
                        if line is not None and answer:
                            expected[person[0], line, place, answer] += 1
        result = counts.result()
    cells_of = result.cells(np.arange(len(result.members)))
    seen = {
        (int(stratum), line, place, answer): int(cells_of[number, line, 3 * place + column])
        for number, (stratum,) in enumerate(result.members)
        for line in range(3)
        for place in range(3)
        for column, answer in enumerate((YES, NO, UNKNOWN))
    }
    assert {key: people for key, people in seen.items() if people} == dict(expected)
    assert result.ledger.counted == sum(map(len, found))
