"""Compile every kernel before the first request needs it."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from core20plus5.deprivation import ImdTable
from core20plus5.engine.count import count_cohorts
from core20plus5.engine.flag import flag_patients
from core20plus5.records import COLUMNS, Kind

_DAY = date(2026, 1, 1)


def warm_up() -> None:
    """Run two tiny calls through real Arrow bytes, with every column, so that no later call compiles anything."""
    with pa.ipc.open_stream(_bytes()) as reader:
        table = reader.read_all()
    number = np.zeros(2, np.int8)
    number[1] = 1
    imd = ImdTable("2025", "", "warm-up", number, number.astype(np.int32))
    arguments: dict[str, Any] = {"reference_date": _DAY, "imd_version": "2025", "plus_groups": "all"}
    arguments["allow_later_facts"] = True
    count_cohorts(table, strata=["core20plus_segment", "imd_decile", "practice_code"], imd_table=imd, **arguments)
    for source in ("imd_rank", "imd_decile"):
        # Sliced in the middle of a byte of its bitmaps, which are read by another kernel then.
        list(flag_patients(table.slice(1), imd_from=source, null_means_no=["homeless"], **arguments))


def _bytes() -> pa.Buffer:
    values: dict[Kind, list[Any]] = {
        Kind.DATE: [_DAY, date(2027, 1, 1), None],
        Kind.INTEGER: [1, -1, None],
        Kind.NUMBER: [1.0, 2.0, None],
        Kind.CODE: ["1", "A", None],
        Kind.LSOA: ["E01000001", "W01000001", None],
        Kind.ORGANISATION: ["A", "B", None],
        Kind.IDENTIFIER: [1, 2, None],
        Kind.BOOL: [True, False, None],
    }
    columns: dict[str, Any] = {
        name: pa.array(values[column.kind] * 30, pa.date32() if column.kind is Kind.DATE else None)
        for name, column in COLUMNS.items()
    }
    columns["homeless"] = pa.array([1, 0, 7] * 30)  # a bool may come as numbers
    sink = pa.BufferOutputStream()
    table = pa.table(columns)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()
