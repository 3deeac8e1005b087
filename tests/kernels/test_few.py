"""A few people are read all at once: whatever they are, their flags are those that they have among many."""

import random
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core20plus5.deprivation import ImdTable
from core20plus5.engine.call import Call, open_call
from core20plus5.engine.flag import FlagStream
from core20plus5.errors import DataError
from core20plus5.kernels.few import ROWS
from core20plus5.records import COLUMNS, Kind
from tests.ask import REFERENCE_DATE

DECILES = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], np.int8)
IMD = ImdTable("2025", "", "of this test", DECILES, DECILES.astype(np.int32))
ASKED: dict[str, Any] = {"reference_date": REFERENCE_DATE, "imd_version": "2025", "plus_groups": "all", "allow_later_facts": True}
DAYS = [REFERENCE_DATE + timedelta(days) for days in (-40_000, -9_000, -400, -60, -1, 0, 1, 500)]

#: Of each kind of column, values that are good, bad and odd.
USUAL: dict[Kind, list[Any]] = {
    Kind.DATE: [*DAYS, None, None],
    Kind.INTEGER: [1, 2, 18, 65, 140, 300, -1, None],
    Kind.NUMBER: [1.5, 48, 53, 80, 140, 1e9, -2, None],
    Kind.BOOL: [True, False, None],
    Kind.LSOA: ["E01000001", "e01000010", "E01999999", "W01000001", " E01000002", "x", "", None],
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


def opened(table: pa.Table, **arguments: Any) -> Call:
    """A question about flags."""
    return open_call(table, False, IMD, "core20plus5-adults", **ASKED | arguments)


def are_read_at_once(seed: int) -> bool:
    """Every third set of people has what is not foreseen."""
    return seed % 3 != 0


def told(table: pa.Table, **arguments: Any) -> tuple[list[Any], dict[str, Any], list[Any]]:
    """Flags, provenance and findings."""
    stream = FlagStream(opened(table, **arguments))
    batches = list(stream)
    for batch in batches:
        batch.validate(full=True)
    return pa.Table.from_batches(batches, stream.schema).to_pylist(), stream.provenance, stream.quality.to_pylist()


def told_as_many(table: pa.Table, monkeypatch: pytest.MonkeyPatch, **arguments: Any) -> Any:
    """The same, read as a large block is."""
    with monkeypatch.context() as patch:
        patch.setattr("core20plus5.engine.call.ROWS", 0)
        return told(table, **arguments)


def are_foreseen(table: pa.Table, **arguments: Any) -> bool:
    """Whether these people are read at once."""
    call = opened(table, **arguments)
    few = call.prepared.few
    (block,) = call.blocks()
    return few is not None and few.read(block, call.reading) is not None


@pytest.mark.parametrize("seed", range(30))
def test_flags_and_findings_are_those_of_a_large_block(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    table = people(ROWS, chance, odd=not are_read_at_once(seed))
    assert are_foreseen(table) == are_read_at_once(seed)
    for rows in (1, 1, 2, 7, 63, 64):
        first = chance.randrange(ROWS - rows + 1)
        some = table.slice(first, rows)
        arguments = {"imd_from": chance.choice([None, "lsoa_code", "imd_rank", "imd_decile"])}
        assert told(some, **arguments) == told_as_many(some, monkeypatch, **arguments)


@pytest.mark.parametrize("seed", range(10))
def test_columns_may_be_absent_and_null_may_mean_no(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    some = [name for name in COLUMNS if chance.random() < 0.6]
    table = people(5, chance, columns=some)
    arguments = {"null_means_no": ["homeless"]}
    assert told(table, **arguments) == told_as_many(table, monkeypatch, **arguments)


@pytest.mark.parametrize("number", [pa.int16(), pa.int32(), pa.int64(), pa.float64()], ids=str)
@pytest.mark.parametrize("text", [pa.string(), pa.large_string()], ids=str)
def test_types(number: Any, text: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def cast(name: str) -> Any:
        kind = COLUMNS[name].kind
        return number if kind in (Kind.INTEGER, Kind.NUMBER) else TYPES.get(kind, text)

    arrays = {}
    for column, values in people(ROWS, random.Random(5)).to_pydict().items():
        small = COLUMNS[column].kind in (Kind.INTEGER, Kind.NUMBER)
        some = [None if value is None or value > 30_000 else int(value) for value in values] if small else values
        arrays[column] = pa.array(some, cast(column))
    typed = pa.table(arrays)
    assert told(typed) == told_as_many(typed, monkeypatch)
    assert are_foreseen(typed)


def test_what_is_foreseen_and_what_is_not() -> None:
    usual = people(3, random.Random(0))
    assert are_foreseen(usual)
    others = {
        "smoking_status": pa.array(["nobody knows", None, None]),
        "bp_setting": pa.array(["home", "clinic", None]).dictionary_encode(),
        "hypertension_dx_latest": pa.array([None, None, None], pa.timestamp("s")),
        "ltc_count": pa.array([2**53 + 1, None, None]),
    }
    for name, values in others.items():
        assert not are_foreseen(usual.set_column(usual.column_names.index(name), name, values)), name


def test_a_column_without_a_type_is_as_one_that_is_all_null(monkeypatch: pytest.MonkeyPatch) -> None:
    table = people(2, random.Random(1))
    for name in ("sex", "birth_date", "homeless", "bp_systolic"):
        table = table.set_column(table.column_names.index(name), name, pa.nulls(2))
    assert are_foreseen(table)
    assert told(table) == told_as_many(table, monkeypatch)


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
        array = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(offsets), pa.py_buffer(b"12345")])
        offsets[:] = forged
        for name in ("cancer_stage", "lsoa_code"):
            table = people(1, random.Random(4))
            table = table.set_column(table.column_names.index(name), name, array)
            with pytest.raises(DataError, match="cannot be read"):
                told(table)
