"""Compile every kernel before the first request needs it."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from core20plus5.deprivation import ImdTable
from core20plus5.engine.call import open_call
from core20plus5.engine.count import DEFAULT_RULESET, count_cohorts, count_exactly, release_counts
from core20plus5.engine.flag import flag_patients
from core20plus5.kernels.few import ROWS
from core20plus5.records import COLUMNS, Kind

_DAY = date(2026, 1, 1)


def warm_up() -> None:
    """Run small calls through real Arrow bytes, with every column in each type that kernels tell apart, so that no later call
    compiles anything."""
    number = np.zeros(2, np.int8)
    number[1] = 1
    imd = ImdTable("2025", "", "warm-up", number, number.astype(np.int32))
    arguments: dict[str, Any] = {"reference_date": _DAY, "imd_version": "2025", "plus_groups": "all", "allow_later_facts": True}
    counting: dict[str, Any] = arguments | {"strata": ["core20plus_segment", "imd_decile", "practice_code", "sex", "homeless"]}
    for kind, index in ((pa.int16(), pa.int8()), (pa.int32(), pa.int16()), (pa.int64(), pa.int32()), (pa.float64(), pa.int64())):
        table = _people(kind, pa.dictionary(index, pa.string()))
        count_cohorts(table, imd_table=imd, **counting)
        for source in ("imd_rank", "imd_decile"):
            list(flag_patients(table, imd_from=source, null_means_no=["homeless"], **arguments))
    for text in (pa.large_string(), pa.string()):
        # Its bitmaps begin in the middle of a byte; its numbers are of a type for which each column is looked at by itself.
        plain = _people(pa.float32(), text).slice(1)
        count_cohorts(plain, imd_table=imd, **counting)
    _warm_records(counting, plain)
    list(flag_patients(_few_people(), imd_table=imd, **arguments))


def _warm_records(arguments: dict[str, Any], table: pa.Table) -> None:
    """Strata that find no room in the table of counts."""
    call = open_call(table, True, None, DEFAULT_RULESET, imd_from="imd_rank", **arguments)
    release_counts(call, count_exactly(call, max_cells=_FEW_CELLS))


#: Room for the tables of two strata, and for the records of a third.
_FEW_CELLS = 12_000


def _few_people() -> pa.Table:
    """People as most records have them: few enough, and with no value that would have them read as many are."""
    kinds: dict[Kind, Any] = {Kind.DATE: pa.date32(), Kind.INTEGER: pa.int64(), Kind.NUMBER: pa.float64(), Kind.BOOL: pa.bool_()}
    return pa.table({name: pa.nulls(ROWS, kinds.get(column.kind, pa.string())) for name, column in COLUMNS.items()})


def _people(number: Any, text: Any) -> pa.Table:
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
    columns["homeless"] = pa.array([1, 0, 7] * 30, number)  # a bool may come as numbers
    sink = pa.BufferOutputStream()
    table = pa.table(columns)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    with pa.ipc.open_stream(sink.getvalue()) as reader:
        return reader.read_all()
