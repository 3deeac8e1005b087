"""Small tables of people, for tests."""

from datetime import date
from typing import Any

import pyarrow as pa

from core20plus5.records import Kind, find_column

ADULT_BORN = date(1980, 1, 1)

_TYPES = {Kind.DATE: pa.date32(), Kind.BOOL: pa.bool_(), Kind.INTEGER: pa.int32(), Kind.NUMBER: pa.float64()}


def people(rows: int, **columns: list[Any]) -> pa.Table:
    """Adults born on 1 January 1980 with the columns given, each of the type that the record schema says."""
    columns = {"birth_date": [ADULT_BORN] * rows} | columns
    arrays = {}
    for name, values in columns.items():
        column = find_column(name)
        arrays[name] = pa.array(values, _TYPES.get(column.kind) if column else None)
        assert len(arrays[name]) == rows, name
    return pa.table(arrays)
