"""The columns of a block are read all at once: whatever they are, answers are those of columns that are read one by one."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core20plus5.arrow import buffer
from core20plus5.deprivation import ImdTable
from core20plus5.engine import prepare
from core20plus5.engine.call import Call, open_call
from core20plus5.engine.count import count_exactly, release_counts
from core20plus5.engine.flag import FlagStream
from core20plus5.engine.prepare import Kept
from core20plus5.errors import DataError
from core20plus5.ingest import reader
from core20plus5.kernels import columns as kernel
from core20plus5.records import COLUMNS, Kind
from tests.ask import REFERENCE_DATE

DECILES = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], np.int8)
IMD = ImdTable("2025", "", "of this test", DECILES, DECILES.astype(np.int32))
ASKED: dict[str, Any] = {"reference_date": REFERENCE_DATE, "imd_version": "2025", "plus_groups": "all", "allow_later_facts": True}
STRATA = ["imd_decile", "ethnic_group", "sex", "homeless", "icb_code"]
ROWS = 300
READ_EARLY = ["birth_date", "age_years"]
DAYS = [REFERENCE_DATE + timedelta(days) for days in (-40_000, -9_000, -400, -60, -1, 0, 1, 500)]

#: Of each kind of column, values that are good, bad and odd.
USUAL: dict[Kind, list[Any]] = {
    Kind.DATE: [*DAYS, None, None],
    Kind.INTEGER: [1, 2, 18, 65, 140, 300, -1, None],
    Kind.NUMBER: [1.5, 48, 53, 80, 140, 1e9, -2, None],
    Kind.BOOL: [True, False, None],
    Kind.LSOA: ["E01000001", "e01000010", "W01000001", " E01000002", "x", "", None],
    Kind.ORGANISATION: ["A81001", None],
    Kind.IDENTIFIER: ["p1", "p2", None],
}
ODD = {
    Kind.INTEGER: [float("nan"), 2.5, float("inf"), 1e300],
    Kind.NUMBER: [float("nan"), float("-inf"), 1e300],
    Kind.CODE: ["nobody knows", " m ", "é", "a very long text indeed", "1A2"],
    Kind.LSOA: ["É01000001", " E01000001"],
}
TYPES = {Kind.DATE: pa.date32(), Kind.INTEGER: pa.float64(), Kind.NUMBER: pa.float64(), Kind.BOOL: pa.bool_()}


def people(rows: int, chance: random.Random, odd: bool = False, columns: list[str] | None = None) -> pa.Table:
    """People with values by chance."""
    made = {}
    for name, column in COLUMNS.items():
        if columns is None or name in columns:
            usual = USUAL.get(column.kind) or ["", None, *column.values, *map(str.upper, column.values)]
            values = usual + (ODD.get(column.kind, []) if odd else [])
            made[name] = pa.array(chance.choices(values, k=rows), TYPES.get(column.kind, pa.string()))
    return pa.table(made)


def opened(table: pa.Table, counting: bool = False, **arguments: Any) -> Call:
    """A question, about flags if nothing is said."""
    return open_call(table, counting, IMD, "core20plus5-adults", **ASKED | arguments)


def told(table: pa.Table, **arguments: Any) -> tuple[list[Any], dict[str, Any], list[Any]]:
    """Flags, provenance and findings."""
    stream = FlagStream(opened(table, **arguments))
    batches = list(stream)
    for batch in batches:
        batch.validate(full=True)
    return pa.Table.from_batches(batches, stream.schema).to_pylist(), stream.provenance, stream.quality.to_pylist()


def counted(table: pa.Table, **arguments: Any) -> tuple[list[Any], dict[str, Any], list[Any]]:
    """Counts, provenance and findings."""
    call = opened(table, True, strata=STRATA, disclosure="none", completeness=True, **arguments)
    result = release_counts(call, count_exactly(call))
    return result.counts.to_pylist(), result.provenance, result.quality.to_pylist()


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """A question whose columns are all read one by one."""

    def ask(question: Callable[..., Any], table: pa.Table, **arguments: Any) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(reader, "_TYPES", {"null": kernel.NOTHING})
            patch.setattr(prepare, "_kept", Kept(8))
            return question(table, **arguments)

    return ask


def read_by_themselves(table: pa.Table) -> tuple[list[str], list[str]]:
    """The columns that are read one by one, and those of which some rows are."""
    call = opened(table)
    (batch,) = call.blocks()
    block = call.prepared.reader.open(batch)
    done, columns = block.places[: len(call.prepared.reader.columns)], call.prepared.reader.columns
    alone = done[:, kernel.STATE] == kernel.NOT_FORESEEN
    some = done[:, kernel.ODD_END] > done[:, kernel.ODD]
    return [columns[slot].name for slot in np.flatnonzero(alone)], [columns[slot].name for slot in np.flatnonzero(some)]


@pytest.mark.parametrize("seed", range(30))
def test_answers_and_findings_are_those_of_columns_read_one_by_one(seed: int, one_by_one: Callable[..., Any]) -> None:
    chance = random.Random(seed)
    table = people(ROWS, chance, odd=seed % 3 == 0)
    for rows in (1, 1, 2, 63, 64, 65, 190, ROWS):
        first = chance.randrange(ROWS - rows + 1)
        some = table.slice(first, rows)
        arguments = {"imd_from": chance.choice([None, "lsoa_code", "imd_rank", "imd_decile"])}
        assert told(some, **arguments) == one_by_one(told, some, **arguments)
        assert counted(some, **arguments) == one_by_one(counted, some, **arguments)


def test_answers_of_many_people(one_by_one: Callable[..., Any]) -> None:
    """Of several pieces that are flagged one after the other, the last of which is no whole one, and of several blocks."""
    some = people(3_000, random.Random(8), odd=True)
    for rows in (4_096, 4_096 + 65, 140_000):
        table = pa.concat_tables([some] * (rows // 3_000 + 1)).combine_chunks().slice(7, rows)
        assert counted(table) == one_by_one(counted, table)


@pytest.mark.parametrize("seed", range(10))
def test_columns_may_be_absent_and_null_may_mean_no(seed: int, one_by_one: Callable[..., Any]) -> None:
    chance = random.Random(seed)
    some = [name for name in COLUMNS if chance.random() < 0.6]
    arguments = {"null_means_no": ["homeless"]}
    for rows in (5, 64):
        table = people(rows, chance, columns=some)
        assert told(table, **arguments) == one_by_one(told, table, **arguments)


@pytest.mark.parametrize("number", [pa.int16(), pa.int32(), pa.int64(), pa.float64()], ids=str)
@pytest.mark.parametrize("text", [pa.string(), pa.large_string()], ids=str)
def test_types(number: Any, text: Any, one_by_one: Callable[..., Any]) -> None:
    def cast(name: str) -> Any:
        kind = COLUMNS[name].kind
        return number if kind in (Kind.INTEGER, Kind.NUMBER) else TYPES.get(kind, text)

    arrays = {}
    for column, values in people(ROWS, random.Random(5)).to_pydict().items():
        small = COLUMNS[column].kind in (Kind.INTEGER, Kind.NUMBER)
        some = [None if value is None or value > 30_000 else int(value) for value in values] if small else values
        arrays[column] = pa.array(some, cast(column))
    typed = pa.table(arrays)
    for table in (typed, typed.slice(3, 64), typed.slice(64, 100)):
        assert told(table) == one_by_one(told, table)
    assert read_by_themselves(typed) == (READ_EARLY, [])


def test_what_is_foreseen_and_what_is_not() -> None:
    usual = people(3, random.Random(0))
    assert read_by_themselves(usual) == (READ_EARLY, [])
    others = {
        "bp_setting": pa.array(["home", "clinic", None]).dictionary_encode(),
        "hypertension_dx_latest": pa.array([None, None, None], pa.timestamp("s")),
        "ltc_count": pa.array([1, None, None], pa.uint8()),
        "homeless": pa.array([1, 0, None], pa.int8()),
    }
    for name, values in others.items():
        table = usual.set_column(usual.column_names.index(name), name, values)
        assert set(read_by_themselves(table)[0]) == {*READ_EARLY, name}
    texts = pa.array(["nobody knows", None, "current"])
    odd = usual.set_column(usual.column_names.index("smoking_status"), "smoking_status", texts)
    assert read_by_themselves(odd)[1] == ["smoking_status"]


@pytest.mark.parametrize("rows", [8_000, 9_000])
def test_many_odd_texts(rows: int, one_by_one: Callable[..., Any]) -> None:
    """As many as there is room for, and more; those of the next column are found all the same."""
    texts = {"ethnic_category": [" a"] * rows, "smoking_status": ["ex"] * (rows - 50) + [" Ex"] * 50}
    table = pa.concat_tables([people(100, random.Random(6))] * (rows // 100)).combine_chunks()
    for name, values in texts.items():
        table = table.set_column(table.column_names.index(name), name, pa.array(values))
    alone, some = read_by_themselves(table)
    assert (alone, some) == (([*READ_EARLY, "ethnic_category"], ["smoking_status"]) if rows == 9_000 else (READ_EARLY, [*texts]))
    assert told(table) == one_by_one(told, table)


def test_a_whole_number_beyond_those_of_float64(one_by_one: Callable[..., Any]) -> None:
    table = people(2, random.Random(1))
    table = table.set_column(table.column_names.index("ltc_count"), "ltc_count", pa.array([2**53 + 1, -(2**62)]))
    assert told(table) == one_by_one(told, table)


def test_a_column_without_a_type_is_as_one_that_is_all_null(one_by_one: Callable[..., Any]) -> None:
    table = people(2, random.Random(1))
    for name in ("sex", "birth_date", "homeless", "bp_systolic"):
        table = table.set_column(table.column_names.index(name), name, pa.nulls(2))
    assert "birth_date" not in read_by_themselves(table)[0]
    assert told(table) == one_by_one(told, table)


def test_nothing_of_a_caller_is_kept_with_a_question() -> None:
    field = pa.field("person_id", pa.string(), metadata={"note": "caller's own"})
    table = people(1, random.Random(2)).set_column(0, field, pa.array(["p"]))
    table = table.replace_schema_metadata({"note": "caller's own"})
    first = FlagStream(opened(table))
    other = FlagStream(opened(table.set_column(0, "person_id", pa.array(["p"])).replace_schema_metadata(None)))
    assert first.prepared is other.prepared
    assert first.schema.field("person_id").metadata == {b"note": b"caller's own"}
    assert other.schema.field("person_id").metadata is None


def test_types_that_change_on_the_way() -> None:
    one = people(1, random.Random(3), columns=["person_id", "birth_date", "sex"])
    kinds = [one, one.cast(pa.schema([(f.name, pa.large_string() if f.name == "sex" else f.type) for f in one.schema])), one]
    batches = [batch for table in kinds for batch in table.to_batches()]
    stream = FlagStream(open_call(batches, False, None, "core20plus5-adults", **ASKED))
    expected = told(one)[0]
    assert [row for batch in stream for row in batch.to_pylist()] == expected * 3


def test_forged_records_are_refused_before_they_are_followed() -> None:
    """Offsets and lengths that lead outside, of one person."""
    for forged in ([0, 1 << 30], [5, 2], [-3, 0]):
        offsets = np.array([0, 1], np.int32)
        array = pa.Array.from_buffers(pa.string(), 1, [None, buffer(offsets), pa.py_buffer(b"12345")])
        offsets[:] = forged
        for name in ("cancer_stage", "lsoa_code"):
            table = people(1, random.Random(4))
            table = table.set_column(table.column_names.index(name), name, array)
            with pytest.raises(DataError, match="cannot be read"):
                told(table)
