"""Whatever the chunks of the caller, the same rows go out in the same order, in messages of a good size."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core20plus5_client import Client
from core20plus5_client.cutting import Limits, prepared, regroup
from core20plus5_client.errors import DataError
from core20plus5_proto.large import BatchWriter, batch_of, reader
from core20plus5_proto.v1 import service_pb2 as service
from tests.service.in_process import local_server

LIMITS = Limits(target_bytes=4_000, max_bytes=16_000, max_rows=150)


def people(rows: int) -> pa.Table:
    """Columns of every kind that is awkward to cut: bits, texts of uneven length, a long dictionary, views."""
    words = [f"word {number} " * (number % 7) for number in range(rows)]
    wide = [None if number % 11 == 0 else f"code {number % 400}" for number in range(rows)]
    return pa.table(
        {
            "number": pa.array(range(rows), pa.int32()),
            "bit": pa.array([None if number % 5 == 0 else number % 3 == 0 for number in range(rows)]),
            "text": pa.array(words),
            "large": pa.array(words, pa.large_string()),
            "view": pa.array(words).cast(pa.string_view()),
            "code": pa.array(wide).dictionary_encode().cast(pa.dictionary(pa.int16(), pa.string())),
        }
    )


def sent(batch: pa.RecordBatch) -> pa.Buffer:
    """The records of the message that a batch is sent in."""
    request = service.CountCohortsRequest
    return batch_of(reader(request)(BatchWriter().message(batch, 0, request)))[1]


def as_rows(batches: Sequence[pa.RecordBatch]) -> list[dict[str, object]]:
    return [row for batch in batches for row in batch.to_pylist()]


@given(cuts=st.lists(st.integers(0, 400), max_size=25), target=st.integers(200, 20_000), max_rows=st.integers(1, 500))
def test_no_chunking_changes_rows_or_order_and_messages_keep_the_limits(cuts: Any, target: int, max_rows: int) -> None:
    table = people(400)
    edges = [0, *sorted(cuts), table.num_rows]
    chunks = [table.slice(a, b - a) for a, b in pairwise(edges)]
    batches = [chunk.combine_chunks().to_batches()[0] for chunk in chunks if chunk.num_rows]
    limits = Limits(target, 4 * target, max_rows)
    found = list(regroup(batches, limits))
    assert as_rows(found) == table.to_pylist()
    for batch in found:
        assert 0 < batch.num_rows <= max_rows
        # Bits of a piece rarely end with a byte: its bytes are known but for one of each column.
        assert batch.nbytes <= limits.too_large + batch.num_columns or batch.num_rows == 1
    # But for the last, two neighbours together are never small enough to be one message.
    for left, right in pairwise(found):
        assert left.nbytes + right.nbytes >= limits.enough or left.num_rows + right.num_rows > max_rows // 2


def test_a_large_batch_is_cut_evenly_near_the_target() -> None:
    batch = pa.record_batch({"number": pa.array(range(100_000), pa.int64())})
    limits = Limits(target_bytes=100_000, max_bytes=400_000, max_rows=1_000_000)
    sizes = [piece.nbytes for piece in regroup([batch], limits)]
    assert sum(sizes) == batch.nbytes
    assert all(70_000 <= size <= 105_000 for size in sizes[:-1])


def test_small_batches_are_joined() -> None:
    batch = pa.record_batch({"number": pa.array(range(1_000), pa.int64())})
    limits = Limits(target_bytes=8_000, max_bytes=32_000, max_rows=10_000)
    ones = [batch.slice(row, 1) for row in range(1_000)]
    assert [piece.num_rows for piece in regroup(ones, limits)] == [500, 500]


def test_only_neighbours_of_one_schema_are_joined_and_metadata_is_no_difference() -> None:
    plain = pa.record_batch({"code": pa.array(["a", "b"])})
    noted = plain.replace_schema_metadata({"pandas": "x" * 10_000})
    encoded = pa.record_batch({"code": pa.array(["a", "b"]).dictionary_encode()})
    found = list(regroup([plain, noted, encoded, plain], LIMITS))
    assert [batch.num_rows for batch in found] == [4, 2, 2]
    assert all(batch.schema.metadata is None for batch in found)


def test_rows_of_very_different_size_are_cut_by_what_they_hold() -> None:
    texts = ["x"] * 200 + ["y" * 3_000] * 5 + ["x"] * 200
    found = list(regroup([pa.record_batch({"text": texts})], Limits(4_000, 8_000, 10_000)))
    assert [text for batch in found for text in batch.column("text").to_pylist()] == texts
    assert all(batch.nbytes <= 5_000 for batch in found)


def test_a_row_is_never_cut() -> None:
    batch = pa.record_batch({"text": ["x" * 50_000, "y", "z" * 50_000]})
    assert as_rows(list(regroup([batch], LIMITS))) == batch.to_pylist()


@pytest.mark.parametrize("name", ["number", "bit", "text", "large", "view", "code"])
def test_a_slice_does_not_carry_the_buffers_it_was_cut_from(name: str) -> None:
    whole = people(20_000).select([name]).combine_chunks().to_batches()[0]
    part = whole.slice(1_001, 100)
    content = sent(prepared(part))
    assert len(content) < 20_000
    with pa.ipc.open_stream(content) as stream:
        assert stream.read_all().to_pylist() == part.to_pylist()


def test_a_dictionary_is_never_longer_than_its_rows_and_keeps_its_type() -> None:
    kind = pa.dictionary(pa.uint16(), pa.string(), ordered=True)
    codes = pa.DictionaryArray.from_arrays(
        pa.array([9, None, 9, 5_000], pa.uint16()), pa.array([f"code {n}" for n in range(10_000)]), ordered=True
    )
    (found,) = prepared(pa.record_batch({"code": codes})).columns
    assert found.type == kind
    assert found.to_pylist() == ["code 9", None, "code 9", "code 5000"]
    assert found.dictionary.to_pylist() == ["code 9", "code 5000"]


def test_a_dictionary_of_text_views_is_sent_as_text() -> None:
    views = pa.array(["male", "female"]).cast(pa.string_view())
    codes = pa.DictionaryArray.from_arrays(pa.array([1, 0, None, 1], pa.uint32()), views)
    (found,) = prepared(pa.record_batch({"sex": codes})).columns
    assert found.type == pa.dictionary(pa.uint32(), pa.string())
    assert found.to_pylist() == ["female", "male", None, "female"]


def test_dictionaries_too_long_together_for_their_indices_are_sent_apart() -> None:
    kind = pa.dictionary(pa.int8(), pa.string())
    codes = [pa.array([f"{part}{n}" for n in range(100)]).dictionary_encode().cast(kind) for part in "abc"]
    batches = [pa.record_batch({"code": array}) for array in codes]
    limits = Limits(1_000_000, 4_000_000, 10_000)
    assert as_rows(list(regroup(batches, limits))) == as_rows(batches)


def test_no_columns_are_rows_all_the_same() -> None:
    nothing = pa.record_batch({"number": pa.array(range(1_000))}).select([])
    found = [batch.num_rows for batch in regroup([nothing] * 3, LIMITS)]
    assert sum(found) == 3_000
    assert max(found) <= LIMITS.max_rows
    with pa.ipc.open_stream(sent(nothing)) as stream:
        assert stream.read_next_batch().num_rows == 1_000


#: Two texts, whose ends are where they should be, and whose middle is far outside.
FORGED_MIDDLE = pa.Array.from_buffers(
    pa.string(), 2, [None, pa.py_buffer(bytes.fromhex("00000000 ffffff7f 02000000")), pa.py_buffer(b"ab")]
)


@pytest.mark.parametrize("start", [0, 1])
def test_corrupt_data_is_refused_before_anything_follows_its_offsets(start: int) -> None:
    with pytest.raises(DataError, match="corrupt or truncated"):
        list(regroup([pa.record_batch({"text": FORGED_MIDDLE}).slice(start, 1)], LIMITS))


def test_corrupt_data_is_refused_where_it_is_cut_at_a_forged_offset() -> None:
    with pytest.raises(DataError, match="corrupt or truncated"):
        list(regroup([pa.record_batch({"text": FORGED_MIDDLE})], Limits(1 << 20, 1 << 20, 1)))


@pytest.mark.parametrize("times", [1, 3])
def test_corrupt_data_that_is_not_followed_is_left_to_the_server(times: int) -> None:
    forged = [pa.record_batch({"sex": FORGED_MIDDLE})] * times
    with local_server() as server, Client(server.address) as client, pytest.raises(DataError):
        client.count_cohorts(forged, reference_date=date(2026, 3, 31), imd_version="2025", strata=["sex"])
