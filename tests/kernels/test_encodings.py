"""The same people in every Arrow type, chunking and order give the same answers."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import duckdb
import polars
import pyarrow as pa
import pytest

import core20plus5
from core20plus5.records import COLUMNS, Kind
from tests.ask import REFERENCE_DATE, cell, count, flags
from tests.tables import people

BORN = [date(1950, 3, 31), date(1946, 4, 1), date(2020, 1, 1), None, date(1960, 2, 29)]
TABLE = people(
    5,
    birth_date=BORN,
    sex=["1", "F", " m ", None, "X"],
    ethnic_category=["A", "b", "S9", "99", ""],
    practice_code=["A81001", " a81001", "V81999", None, ""],
    imd_rank=[1, 6751, 6752, 33755, None],
    homeless=[True, False, None, True, False],
    ltc_count=[0, 1, 2, 3, None],
    hypertension_dx_latest=[date(2020, 1, 1)] * 5,
    bp_date=[date(2026, 3, 30), date(2026, 3, 31), None, date(2025, 4, 1), date(2025, 3, 31)],
    bp_systolic=[140, 151, None, 120, 120],
    bp_diastolic=[90, 80, None, 80, 80],
    bp_setting=["home", "clinic", None, "HBPM ", "abpm"],
)
STRATA = ["sex", "ethnic_group", "practice_code", "imd_decile", "homeless"]
EXPECTED = (count(TABLE, strata=STRATA, plus_groups="all").counts, flags(TABLE, plus_groups="all"))


def same(table: Any) -> None:
    """Counts and flags are those of the plain table."""
    assert count(table, strata=STRATA, plus_groups="all").counts.equals(EXPECTED[0])
    if isinstance(table, pa.Table):
        assert flags(table, plus_groups="all").to_pylist() == EXPECTED[1].to_pylist()


def cast(kinds: tuple[Kind, ...], arrow: Any) -> pa.Table:
    """The table with the columns of some kinds as another type."""
    schema = pa.schema([(f.name, arrow) if COLUMNS[f.name].kind in kinds else (f.name, f.type) for f in TABLE.schema])
    return TABLE.cast(schema)


TEXTS = (Kind.CODE, Kind.ORGANISATION)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view(), *(
    pa.dictionary(index, value) for index in (pa.int8(), pa.uint32()) for value in (pa.string(), pa.large_string())
)], ids=str)  # fmt: skip
def test_text(kind: Any) -> None:
    same(cast(TEXTS, kind))


@pytest.mark.parametrize("kind", [pa.date64(), *map(pa.timestamp, ("s", "ms", "us", "ns"))], ids=str)
def test_dates(kind: Any) -> None:
    same(cast((Kind.DATE,), kind))


@pytest.mark.parametrize(
    "kind", [pa.uint16(), pa.int64(), pa.uint32(), pa.uint64(), pa.float32(), pa.float64(), pa.decimal128(14, 2)], ids=str
)
def test_numbers(kind: Any) -> None:
    same(cast((Kind.INTEGER, Kind.NUMBER), kind))


@pytest.mark.parametrize("kind", [pa.int8(), pa.uint8(), pa.int64(), pa.float64()], ids=str)
def test_truths(kind: Any) -> None:
    number = TABLE["homeless"].cast(pa.int8()).cast(kind)
    same(TABLE.set_column(TABLE.schema.get_field_index("homeless"), "homeless", number))


def test_sex_as_number() -> None:
    for kind in (pa.int8(), pa.float64()):
        numbers = pa.array([1, 2, 1, None, 0], kind)
        same(TABLE.set_column(TABLE.schema.get_field_index("sex"), "sex", numbers))


def test_not_a_number_is_null() -> None:
    table = people(3, ltc_count=[1, 2, 3], sex=["1", "1", "1"]).drop_columns(["ltc_count", "sex"])
    numbers = pa.array([float("nan"), 2.0, None], pa.float64(), from_pandas=False)
    table = table.append_column("ltc_count", numbers).append_column("sex", numbers).append_column("homeless", numbers)
    result = count(table, strata=["sex"])
    assert cell(result.counts, indicator="multimorbidity", sex="unknown") == (0, 0, 2)
    assert result.quality.to_pylist() == [{"column": "homeless", "reason": "invalid", "rows": 1}]


@pytest.mark.parametrize("kind", [pa.float16(), pa.float32(), pa.float64()], ids=str)
def test_not_a_number_that_signals_is_null_without_a_word(kind: Any) -> None:
    """Processors warn of a signalling NaN when it is made another type; under a null stands anything at all."""
    width = kind.bit_width // 8
    signals = {2: b"\x01\x7c", 4: b"\x01\x00\x80\x7f", 8: b"\x01\x00\x00\x00\x00\x00\xf0\x7f"}[width]
    values = pa.Array.from_buffers(kind, 4, [pa.py_buffer(b"\x0d"), pa.py_buffer(signals * 4)])
    for column in ("ltc_count", "age_years", "bp_systolic", "imd_rank", "autism", "cancer_stage"):
        table = people(4).append_column(column, pa.chunked_array([values]))
        assert count(table, imd_from="imd_rank" if column == "imd_rank" else None).provenance["rows_counted"] == 4


def test_a_timestamp_with_a_zone_counts_as_its_date_in_london() -> None:
    # 23:30 UTC on 30 March 2026 is 00:30 on the 31st in London, where summer time has begun.
    moments = [datetime(2026, 3, 30, 23, 30, tzinfo=UTC), datetime(2026, 3, 31, 3, 30, tzinfo=timezone(timedelta(hours=5)))]
    for moment, expected in zip(moments, ("2026-03-31", "2026-03-30"), strict=True):
        table = people(1).append_column("death_date", pa.array([moment], pa.timestamp("us", "Asia/Karachi")))
        assert flags(table, reference_date=date(2026, 3, 30))["excluded"].to_pylist() == (
            [None] if expected == "2026-03-31" else ["died"]
        )


def test_a_dictionary_with_nulls_in_it_and_under_it() -> None:
    indices = pa.array([0, 1, None, 2, 3], pa.int8())
    texts = pa.DictionaryArray.from_arrays(indices, pa.array(["1", "F", None, "x"]))
    table = TABLE.set_column(TABLE.schema.get_field_index("sex"), "sex", texts)
    assert count(table, strata=["sex"]).counts["sex"].unique().to_pylist() == ["male", "female", "unknown"]


def test_slices_chunks_and_readers() -> None:
    padded = pa.concat_tables([TABLE.slice(2, 3), TABLE, TABLE.slice(0, 2)])
    same(padded.slice(3, 5))
    same(padded.combine_chunks().slice(3, 5))
    same(pa.Table.from_batches(TABLE.to_batches(max_chunksize=1)))
    same(TABLE.to_batches(max_chunksize=2))
    same(TABLE.to_reader(max_chunksize=3))
    same(batch for batch in TABLE.to_batches(max_chunksize=1))
    same(TABLE.combine_chunks().to_batches()[0])
    same([TABLE.slice(0, 2), TABLE.slice(2)])


def test_anything_with_a_c_stream() -> None:
    class Frame:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return TABLE.__arrow_c_stream__(requested_schema)

    same(Frame())


def test_batches_that_change_encoding_on_the_way() -> None:
    same([*TABLE.slice(0, 2).to_batches(), *cast(TEXTS, pa.dictionary(pa.int8(), pa.string())).slice(2).to_batches()])


def test_flags_echo_person_id_and_keep_the_order() -> None:
    table = TABLE.append_column("person_id", pa.array(list("edcba")))
    answer = flags(table)
    assert answer["person_id"].to_pylist() == list("edcba")
    assert answer.schema.field("core20").type == pa.dictionary(pa.int8(), pa.string())
    assert answer["core20"].to_pylist() == ["yes", "yes", "no", "no", "unknown"]
    assert answer["core20_unknown_reason"].to_pylist() == [None] * 4 + ["missing"]
    assert answer["autism"].to_pylist() == [None] * 5
    assert answer.schema.field("autism").metadata == {b"status": b"column_absent"}


def test_flags_of_nobody_still_have_their_columns() -> None:
    stream = core20plus5.flag_patients(TABLE.slice(0, 0), reference_date=REFERENCE_DATE, imd_version="2025")
    batches = list(stream)
    assert [batch.num_rows for batch in batches] == [0]
    assert batches[0].schema == stream.schema


def test_data_of_other_libraries() -> None:
    same(polars.from_arrow(TABLE))
    same(duckdb.from_arrow(TABLE))


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()], ids=str)
def test_texts_of_every_length_and_number(kind: Any) -> None:
    """Short ones have numbers of their own, longer ones and very many are left to Arrow; nobody sees a difference."""
    texts = ["x" * size for size in range(1, 40)] + [f"{'é' * (number % 8)}{number}" for number in range(1_500)] + ["end"]
    for some in (texts[:16], texts[39:], texts, texts[::-1]):
        table = pa.table({"birth_date": pa.array([date(1950, 1, 1)] * len(some)), "ward": pa.array(some, kind)})
        counts = count(
            pa.concat_tables([table, table.slice(3)]), strata=["ward"], indicators=["everyone"], cohorts=["everyone"]
        ).counts
        found = dict(zip(counts["ward"].to_pylist(), counts["yes"].to_pylist(), strict=True))
        assert found == {text: 1 + (place >= 3) for place, text in enumerate(some)}
