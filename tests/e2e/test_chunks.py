"""However the records are cut, typed or handed over, the answer is the same."""

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from core20plus5_client import Client
from tests.e2e.asking import ASK, assert_same_counts, assert_same_flags

# Among so few people, one wrong date is already more than a hundredth.
LATER: dict[str, Any] = {"allow_later_facts": True}
QUESTION: dict[str, Any] = {"strata": ["sex", "ward"], "plus_groups": "all", "disclosure": "none"} | LATER


def one_row_batches(table: pa.Table) -> Iterator[pa.RecordBatch]:
    return iter(table.to_batches(max_chunksize=1))


def with_empty_ones(table: pa.Table) -> Iterator[pa.RecordBatch]:
    for batch in table.to_batches(max_chunksize=97):
        yield batch.slice(0, 0)
        yield batch


def re_encoded(table: pa.Table) -> Iterator[pa.RecordBatch]:
    """The same values in other types from batch to batch, and the columns in another order."""
    for number, batch in enumerate(table.to_batches(max_chunksize=61)):
        column = batch.column("ward")
        values = [column, column.dictionary_encode(), column.cast(pa.large_string()), column.cast(pa.string_view())][number % 4]
        piece = pa.table(batch).drop_columns(["ward"]).append_column("ward", values)
        yield from piece.select(sorted(piece.column_names, reverse=bool(number % 2))).to_batches()


CUTS: dict[str, Callable[[pa.Table], Any]] = {
    "batches of one row": one_row_batches,
    "empty batches between": with_empty_ones,
    "re-encoded": re_encoded,
    "one batch": lambda table: table.combine_chunks().to_batches()[0],
    "reader": lambda table: table.to_reader(max_chunksize=13),
    "dataset": ds.dataset,
    "views of a larger table": lambda table: pa.concat_tables([table] * 3).slice(table.num_rows, table.num_rows),
    "views, cut again": lambda table: [table.slice(start, 50) for start in range(0, table.num_rows, 50)],
}


@pytest.mark.parametrize("name", CUTS)
def test_counts_of_300_people(client: Client, few: pa.Table, name: str) -> None:
    table = few.slice(1_000, 300)
    assert_same_counts(client, CUTS[name](table), embedded=table, **QUESTION)


@pytest.mark.parametrize("name", ["batches of one row", "views of a larger table"])
def test_flags_of_300_people(client: Client, few: pa.Table, name: str) -> None:
    table = few.slice(1_000, 300)
    expected = assert_same_flags(client, table, **LATER)
    with client.flag_patients(CUTS[name](table), **ASK, **LATER) as flags:
        found = pa.Table.from_batches(flags, flags.schema)
    assert found.to_pylist() == expected.to_pylist()


def test_one_huge_batch(client: Client, sample: pa.Table) -> None:
    (batch,) = sample.combine_chunks().to_batches()
    assert batch.nbytes > 20 << 20
    assert_same_counts(client, batch, strata=["icb_code"], disclosure="none")


def test_answers_larger_than_a_message(client: Client, sample: pa.Table) -> None:
    """Counts by practice come back in several batches, and are one table in the end."""
    question = {"strata": ["practice_code"], "indicators": ["core20", "smoker", "hypertension"], "disclosure": "none"}
    result = assert_same_counts(client, sample, **question)
    assert result.counts.nbytes > 1 << 20


def test_no_rows_and_no_batches(client: Client, few: pa.Table) -> None:
    assert client.count_cohorts(few.slice(0, 0), **ASK, **QUESTION).provenance["rows_received"] == 0
    assert client.count_cohorts(iter([]), **ASK).provenance["rows_received"] == 0
    with client.flag_patients(few.slice(0, 0), **ASK) as flags:
        assert sum(batch.num_rows for batch in flags) == 0
