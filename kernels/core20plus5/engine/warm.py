"""Compile every kernel before the first request needs it."""

from contextlib import nullcontext
from datetime import date
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa

from core20plus5.deprivation import ImdTable
from core20plus5.engine.beside import Beside
from core20plus5.engine.call import Call, open_call
from core20plus5.engine.count import DEFAULT_RULESET, count_cohorts, count_exactly, release_counts
from core20plus5.engine.flag import flag_patients
from core20plus5.kernels import carried
from core20plus5.records import COLUMNS, Kind

_DAY = date(2026, 1, 1)
ARGUMENTS: dict[str, Any] = {"reference_date": _DAY, "imd_version": "2025", "plus_groups": "all", "allow_later_facts": True}
_STRATA = ["core20plus_segment", "imd_decile", "practice_code", "sex", "homeless"]

#: Room for the tables of two strata, and for the records of a third.
FEW_CELLS = 12_000

#: How often ninety people are counted before there are enough of them for a table.
MANY = 20

#: Types of numbers, and of the places in dictionaries.
_TYPES = ((pa.int16(), pa.int8()), (pa.int32(), pa.int16()), (pa.int64(), pa.int32()), (pa.float64(), pa.int64()))

#: What comes after the flags, in a process of its own.
_EXIT = "core20plus5.engine.warm_exit"


def warm_up(processors: int = 1) -> None:
    """Run small calls through real Arrow bytes, with every column in each type that kernels tell apart, so that no later call
    compiles anything.

    processors: with two or more, and nothing compiled yet, a process of its own compiles what comes after the flags of people
    while this one compiles what leads to them.
    """
    number = np.zeros(2, np.int8)
    number[1] = 1
    arguments: dict[str, Any] = {"imd_table": ImdTable("2025", "", "warm-up", number, number.astype(np.int32)), **ARGUMENTS}
    tables = [people(kind, pa.dictionary(index, pa.string())) for kind, index in _TYPES]
    # Their bitmaps begin in the middle of a byte; their numbers are of a type for which each column is validated by itself.
    plain = [people(pa.float32(), text).slice(1) for text in (pa.large_string(), pa.string())]
    with Beside(_EXIT) if processors > 1 and carried.nothing_compiled() else nullcontext():
        for table in tables + plain:
            _read(open_call(table, True, ruleset=DEFAULT_RULESET, strata=_STRATA, **arguments))
        for table, source in product(tables, ("imd_rank", "imd_decile")):
            list(flag_patients(table, imd_from=source, null_means_no=["homeless"], **ARGUMENTS))
    for table in tables + plain:
        count_cohorts(table, strata=_STRATA, **arguments)
    call = open_call(
        pa.concat_tables([plain[0]] * MANY), True, None, DEFAULT_RULESET, imd_from="imd_rank", strata=_STRATA, **ARGUMENTS
    )
    counts = count_exactly(call, max_cells=FEW_CELLS)
    both = counts + counts
    release_counts(call, both)
    both.everyone()  # by the kernel that others have compiled into them, which a server calls by itself


def _read(call: Call) -> None:
    """The way of people to their answers and strata, without the counting."""
    for batch in call.blocks():
        block, flags = call.answer(batch)
        call.strata.codes(block, flags)
        flags.row_words()


def people(number: Any, text: Any) -> pa.Table:
    """Ninety people, whose numbers and texts have these types, as they come off the wire."""
    values: dict[Kind, list[Any]] = {
        Kind.DATE: [_DAY, date(2027, 1, 1), None],
        Kind.INTEGER: [1, -1, None],
        Kind.NUMBER: [1, 2, None],
        Kind.CODE: ["1", "A", None],
        Kind.LSOA: ["E01000001", "W01000001", None],
        Kind.ORGANISATION: ["A", "V81999", None],
        Kind.IDENTIFIER: [1, 2, None],
        Kind.BOOL: [True, False, None],
    }
    kinds = {
        Kind.DATE: pa.date32(),
        Kind.INTEGER: number,
        Kind.NUMBER: number,
        **dict.fromkeys((Kind.CODE, Kind.LSOA, Kind.ORGANISATION), text),
    }
    columns: dict[str, Any] = {
        name: pa.array(values[column.kind] * 30, kinds.get(column.kind)) for name, column in COLUMNS.items()
    }
    if pa.types.is_dictionary(text):  # all in one: then each column is read by itself
        columns = {name: column.dictionary_encode() if name != "person_id" else column for name, column in columns.items()}
    columns["homeless"] = pa.array([1, 0, 7] * 30, number)  # a bool may come as numbers
    sink = pa.BufferOutputStream()
    table = pa.table(columns)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    with pa.ipc.open_stream(sink.getvalue()) as reader:
        return reader.read_all()
