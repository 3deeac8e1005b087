"""Match a schema to the record: every problem at once, by name, expected and got, and never a value."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyarrow as pa

from core20plus5.arrow import is_text, value_type
from core20plus5.errors import RequestError, SchemaError
from core20plus5.records import COLUMNS, Kind, find_column

PLUS_ANY = "column 'plus_any': the name belongs to an indicator; a local group needs another"


@dataclass(frozen=True)
class SchemaReport:
    """How a schema meets the record.

    present: recognised columns, in the order sent; absent: columns of the record that were not sent; ignored: all others.
    """

    present: tuple[str, ...]
    absent: tuple[str, ...]
    ignored: tuple[str, ...]
    problems: tuple[str, ...]


#: The names of columns and those of their types: all of a schema that an answer depends on, and nothing of its metadata.
Shape = tuple[tuple[str, ...], tuple[str, ...]]


def shape_of(schema: pa.Schema | None) -> Shape:
    """The shape of a schema; of none, that of one without columns."""
    if schema is None:
        return (), ()
    types: Any = schema.types
    return tuple(schema.names), tuple(_NAMES.get(kind.id) or str(kind) for kind in types)


def is_plain(shape: Shape) -> bool:
    """Whether all columns have usual types: no dictionary and no views, with which a short batch can show long texts."""
    return _USUAL.issuperset(shape[1])


_PLAIN: tuple[Any, ...] = (pa.date32(), pa.bool_(), pa.string(), pa.int16(), pa.int32(), pa.int64(), pa.float64())

#: Names of types that have no parameters: Arrow makes each anew, which takes longer.
_NAMES = {kind.id: str(kind) for kind in _PLAIN}
_USUAL = frozenset(_NAMES.values())


def inspect_schema(schema: pa.Schema) -> SchemaReport:
    """Recognised, absent and ignored columns, and what is wrong; raises nothing."""
    present = [name for name in schema.names if find_column(name)]
    problems = [f"column {name!r}: sent more than once" for name in _repeated(schema.names)]
    for field in schema:
        column = find_column(field.name)
        if column and not accepts(column.kind, field.type):
            problems.append(f"column {field.name!r}: expected {column.kind.value}, got {field.type}")
    if "plus_any" in schema.names:
        problems.append(PLUS_ANY)
    absent = [name for name in COLUMNS if name not in present and not name.endswith(("_2019", "_2025"))]
    ignored = [name for name in schema.names if name not in present]
    return SchemaReport(tuple(present), tuple(absent), tuple(ignored), tuple(problems))


def check_schema(schema: pa.Schema) -> SchemaReport:
    """As `inspect_schema`; raises SchemaError listing every problem at once, RequestError for a group with a reserved name."""
    report = inspect_schema(schema)
    if report.problems == (PLUS_ANY,):
        raise RequestError(PLUS_ANY)
    if report.problems:
        raise SchemaError(list(report.problems))
    return report


def _repeated(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


@lru_cache(maxsize=256)
def accepts(kind: Kind, arrow: Any) -> bool:
    """Whether a column of this kind may come as this Arrow type, with or without a dictionary."""
    arrow = value_type(arrow)
    if pa.types.is_null(arrow):
        return True
    whole = pa.types.is_integer(arrow)
    number = whole or pa.types.is_floating(arrow) or pa.types.is_decimal(arrow)
    accepted = {
        Kind.DATE: pa.types.is_date(arrow) or pa.types.is_timestamp(arrow),
        Kind.BOOL: pa.types.is_boolean(arrow) or number,
        Kind.INTEGER: number,
        Kind.NUMBER: number,
        Kind.CODE: is_text(arrow) or whole or pa.types.is_floating(arrow),
        Kind.LSOA: is_text(arrow),
        Kind.ORGANISATION: is_text(arrow),
        Kind.IDENTIFIER: is_text(arrow) or whole,
    }
    return bool(accepted[kind])
