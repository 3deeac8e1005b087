"""Counting is a sum: no split, order, slice or encoding of the same people changes an answer."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core20plus5.cohorts import CohortCounts, counter
from core20plus5.engine.call import open_call
from core20plus5.engine.count import DEFAULT_RULESET, count_exactly
from core20plus5_cli.population import sample_people
from tests.ask import REFERENCE_DATE, count

PEOPLE = pa.Table.from_batches(list(sample_people(700, 5)))
STRATA = ["imd_quintile", "ethnic_group", "icb_code"]
ASKED: dict[str, Any] = {"strata": STRATA, "plus_groups": "all", "allow_later_facts": True}
EXPECTED = count(PEOPLE, **ASKED)


def exact(table: pa.Table) -> CohortCounts:
    """The exact counts of a part of the people."""
    arguments = ASKED | {"reference_date": REFERENCE_DATE, "imd_version": "2025"}
    return count_exactly(open_call(table, True, None, DEFAULT_RULESET, **arguments))


def cells(counts: CohortCounts) -> dict[tuple[str, ...], list[Any]]:
    """Counts by stratum, whatever the order in which strata were met; strata with nobody in them left out."""
    tables = counts.cells(np.arange(len(counts.members)))
    strata = [tuple(counts.labels[column][code] for column, code in enumerate(codes)) for codes in counts.members.tolist()]
    return {stratum: table.tolist() for stratum, table in zip(strata, tables, strict=True) if table.any()}


#: Room in the table, what it takes to begin it (people fill one part in so many of it), and how many people wait before they are
#: sorted.
ROOMS = {
    "table": (counter.TABLE_CELLS, 1 << 60, counter._FEWEST),
    "records": (1, counter._FEW, counter._FEWEST),
    "records, then a table": (counter.TABLE_CELLS, 1, 50),
    "records, then both": (400_000, 1, 50),
}


@pytest.fixture(params=ROOMS.values(), ids=ROOMS, scope="module", autouse=True)
def room(request: pytest.FixtureRequest) -> Iterator[None]:
    """Strata that find no room in the table, and few people, are kept as records, and nobody sees a difference."""
    table_cells, few, fewest = request.param
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counter, "TABLE_CELLS", table_cells)
        patch.setattr(counter, "_FEW", few)
        patch.setattr(counter, "_FEWEST", fewest)
        patch.setattr(counter, "_OF_STRATUM", 1)
        yield


@given(st.permutations(range(len(PEOPLE))), st.integers(1, 300))
def test_any_order_and_split(order: list[int], size: int) -> None:
    shuffled = PEOPLE.take(order)
    result = count(shuffled.to_batches(max_chunksize=size), **ASKED)
    assert result.counts.equals(EXPECTED.counts)
    assert result.quality.equals(EXPECTED.quality)


@given(st.lists(st.integers(0, len(PEOPLE)), max_size=4))
def test_any_partition_adds_up(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(PEOPLE)]
    parts = [exact(PEOPLE.slice(a, b - a)) for a, b in pairwise(edges)]
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    assert cells(total) == cells(exact(PEOPLE))
    assert total.ledger == exact(PEOPLE).ledger


@given(st.tuples(*[st.integers(0, 600)] * 3))
def test_merging_is_associative_and_commutative(starts: tuple[int, int, int]) -> None:
    a, b, c = (exact(PEOPLE.slice(start, 100)) for start in starts)
    assert cells((a + b) + c) == cells(a + (b + c))
    assert cells(a + b) == cells(b + a)
    assert (a + b).ledger == (b + a).ledger


def plain(table: pa.Table) -> pa.Table:
    """The same people without dictionaries."""
    fields = [(f.name, f.type.value_type if pa.types.is_dictionary(f.type) else f.type) for f in table.schema]
    return table.cast(pa.schema(fields))


def test_plain_and_dictionary_encodings_agree() -> None:
    assert any(pa.types.is_dictionary(kind) for kind in PEOPLE.schema.types)
    assert count(plain(PEOPLE), **ASKED).counts.equals(EXPECTED.counts)


@given(st.integers(0, 699), st.integers(0, 699))
def test_received_is_counted_plus_excluded(start: int, rows: int) -> None:
    ledger = count(PEOPLE.slice(start, rows), **ASKED).provenance
    assert ledger["rows_received"] == min(rows, 700 - start)
    assert ledger["rows_received"] == ledger["rows_counted"] + sum(ledger["rows_excluded"].values())
    everyone = count(PEOPLE.slice(start, rows), allow_later_facts=True, indicators=["everyone"], cohorts=["everyone"])
    assert sum(everyone.counts["yes"].to_pylist()) == ledger["rows_counted"]


def test_more_people_than_a_block_and_a_buffer() -> None:
    many = pa.concat_tables([PEOPLE] * 1600)  # 1.12 million
    result = count(many, **ASKED)
    for name in ("yes", "no", "unknown"):
        assert result.counts[name].to_pylist() == [1600 * n for n in EXPECTED.counts[name].to_pylist()]
