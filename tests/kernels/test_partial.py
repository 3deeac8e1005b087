"""Records in parts: a pickled question, partial answers that merge to what the whole would have given."""

import pickle
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core20plus5 import errors, flag_patients
from core20plus5.cohorts import counter
from core20plus5.engine.call import Call, open_call
from core20plus5.engine.count import count_exactly
from core20plus5.engine.partial import Partial, Question, ask_part, finish_counts, finish_tally, flag_part, merge
from core20plus5_cli.population import sample_people
from tests.ask import REFERENCE_DATE, count
from tests.tables import people

PEOPLE = pa.Table.from_batches(list(sample_people(400, 5)))
ASKED: dict[str, Any] = {"reference_date": REFERENCE_DATE, "imd_version": "2025", "allow_later_facts": True, "plus_groups": "all"}
STRATA = ["imd_quintile", "icb_code"]
NHS_NUMBERS = ["9434765919", "4010232137", "9990000018"]


def asked(table: pa.Table, counting: bool = True, **more: Any) -> tuple[Call, Question]:
    call = open_call(table.schema.empty_table(), counting, None, "core20plus5-adults", **ASKED | more)
    return call, pickle.loads(pickle.dumps(Question.of(call)))


def found(question: Question, table: pa.Table, cuts: list[int]) -> list[Partial[Any]]:
    """What the parts between the cuts give, after a way through bytes; parts may be empty."""
    edges = [0, *sorted(cuts), len(table)]
    chosen = table.select(list(question.columns))
    parts = [chosen.slice(first, last - first) for first, last in pairwise(edges)]
    return [pickle.loads(pickle.dumps(ask_part(question, part.to_batches(50)))) for part in parts]


@given(st.lists(st.integers(0, len(PEOPLE)), max_size=4))
def test_counts_of_parts_are_the_counts_of_all(cuts: list[int]) -> None:
    call, question = asked(PEOPLE, strata=STRATA, disclosure="none")
    result = finish_counts(call, merge(found(question, PEOPLE, cuts)))
    expected = count(PEOPLE, strata=STRATA, allow_later_facts=True, plus_groups="all")
    assert result.counts.equals(expected.counts)
    assert result.quality.equals(expected.quality)
    assert result.provenance == expected.provenance


def test_only_what_is_read_has_to_be_brought() -> None:
    _, question = asked(PEOPLE, indicators=["core20"], cohorts=["everyone"])
    assert set(question.columns) < set(PEOPLE.column_names)
    assert "imd_rank_2025" in question.columns
    assert "person_id" not in question.columns


def test_flags_of_parts_are_the_flags_of_all() -> None:
    call, question = asked(PEOPLE, counting=False)
    parts = [PEOPLE.slice(start, 100).select(list(question.columns)) for start in range(0, 400, 100)]
    rows = [row for part in parts for batch in flag_part(question, part.to_batches()) for row in batch.to_pylist()]
    stream = flag_patients(PEOPLE, **ASKED)
    assert rows == [row for batch in stream for row in batch.to_pylist()]
    ledger = finish_tally(call, merge(found(question, PEOPLE, [100, 200, 300])))
    assert ledger == stream.ledger


def test_nhs_numbers_show_in_the_sum_of_all_parts() -> None:
    table = people(3, ward=NHS_NUMBERS)
    call, question = asked(table, strata=["ward"], plus_groups=[])
    with pytest.raises(errors.NhsNumberError, match="'ward'"):
        finish_counts(call, merge(found(question, table, [1, 2])))
    by_chance = people(13, ward=[*NHS_NUMBERS, *(str(4_000_000_001 + 2 * number) for number in range(10))])
    assert finish_counts(call, merge(found(question, by_chance, [3]))).provenance["rows_received"] == 13


@pytest.mark.parametrize("counting", [True, False])
def test_later_dates_are_a_share_of_all(counting: bool) -> None:
    late = [REFERENCE_DATE + timedelta(1)] * 2 + [REFERENCE_DATE] * 398
    table = people(400, hypertension_dx_latest=late)
    call, question = asked(table, counting, plus_groups=[], allow_later_facts=False)
    finish = finish_counts if counting else finish_tally
    finish(call, merge(found(question, table, [2])))
    with pytest.raises(errors.LaterThanReferenceDateError):
        finish(call, merge(found(question, table.slice(0, 100), [2])))


def test_too_many_cells_of_all_parts_together() -> None:
    table = people(4, ward=["a", "b", "c", "d"])
    call, question = asked(table, strata=["ward"], plus_groups=[])
    total = merge(found(question, table, [1, 2, 3]))
    cells = total.found.table.size + total.found.records.cells
    assert finish_counts(call, total, max_cells=cells).counts.num_rows
    with pytest.raises(errors.TooManyCellsError, match="4 populated strata"):
        finish_counts(call, total, max_cells=cells - 1)


def test_parts_take_no_more_room_than_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part meets other strata first. Were these in its table, all of them would have to be in that of the sum."""
    table = PEOPLE.append_column("ward", pa.array([str((row + 10 * (row // 100)) % 40) for row in range(len(PEOPLE))]))
    whole = open_call(table, True, None, "core20plus5-adults", **ASKED, strata=["ward"])
    _, lines, width = count_exactly(whole).table.shape
    monkeypatch.setattr(counter, "TABLE_CELLS", 5 * lines * width)
    monkeypatch.setattr(counter, "_FEW", 1_000)
    counts = count_exactly(whole)
    assert len(counts.table) == 5
    _, question = asked(table, strata=["ward"])
    total = merge(found(question, table, [100, 200, 300])).found
    assert total.table.size + total.records.cells <= counts.table.size + counts.records.cells
