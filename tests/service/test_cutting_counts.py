"""Counts are cut into messages while they are made."""

from collections.abc import Iterator

import pyarrow as pa
import pytest

from core20plus5_service.batches import cut_batches, keep_up_to

BYTES = 8_000


def made(sizes: list[int], taken: list[int]) -> Iterator[pa.RecordBatch]:
    """Batches of these sizes; taken: how many rows have been asked for."""
    first = 0
    for size in sizes:
        taken.append(size)
        yield pa.record_batch({"number": pa.array(range(first, first + size), pa.int64())})
        first += size


@pytest.mark.parametrize("sizes", [[0], [1], [5, 0, 7], [10_000], [300] * 40, [1, 20_000, 1], [0, 0]])
def test_all_rows_in_order_in_messages_of_a_good_size(sizes: list[int]) -> None:
    messages = list(cut_batches(made(sizes, []), BYTES))
    assert pa.Table.from_batches(messages)["number"].to_pylist() == list(range(sum(sizes)))
    assert all(message.nbytes <= BYTES for message in messages)
    short = [message for message in messages if message.nbytes < BYTES // 2]
    assert len(short) <= 1 + sum(sizes) * 8 // (4 * BYTES), "no more than one in four"


def test_messages_go_out_before_everything_is_made() -> None:
    taken: list[int] = []
    messages = cut_batches(made([500] * 100, taken), BYTES)
    next(messages)
    assert sum(taken) * 8 <= 5 * BYTES


@pytest.mark.parametrize(("rows", "kept"), [(0, 0), (11, 0), (12, 12), (13, 12)])
def test_what_is_measured_is_kept_and_nothing_else(rows: int, kept: int) -> None:
    found: list[pa.RecordBatch] = []
    assert sum(batch.num_rows for batch in keep_up_to(rows, made([5, 7, 0], []), found)) == 12
    assert sum(batch.num_rows for batch in found) == kept


def test_counts_without_rows_are_measured_too() -> None:
    found: list[pa.RecordBatch] = []
    list(keep_up_to(1, made([0], []), found))
    assert len(found) == 1
