"""CSV: the first line names the columns, fields are separated by commas, text is UTF-8."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv

from core20plus5.records import Kind, find_column
from core20plus5_cli.errors import CliError

NULLS = ["", "NA", "NULL", "null", "NaN", "nan"]
"""How R, SQL Server and pandas write a missing value. They are null in text as well."""
TRUE, FALSE = ["true", "True", "TRUE", "1", "1.0"], ["false", "False", "FALSE", "0", "0.0"]

FIRST_LOOK = 16 << 20
"""Bytes in which each column shows what it is."""
_TEXT = {Kind.CODE, Kind.LSOA, Kind.ORGANISATION, Kind.IDENTIFIER}
_WORDS = {
    Kind.DATE: "a date such as 2026-03-31",
    Kind.BOOL: "true, false, 1 or 0",
    Kind.INTEGER: "a whole number",
    Kind.NUMBER: "a number",
}


class CsvSource:
    """Columns of the record have the types of the record, where their first values allow it; all others are text."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            seen = self._open(_options(), FIRST_LOOK).schema
        except pa.ArrowInvalid as error:
            raise self._explained(error, []) from None
        self.schema = pa.schema(_types(seen))
        self.rows: int | None = None
        if len(seen.names) == 1 and re.search(r"[;\t|]", seen.names[0]):
            raise CliError(f"{path.name}: the fields are not separated by commas")

    def batches(self, columns: list[str], **scan: Any) -> Iterator[pa.RecordBatch]:
        """In the order of the lines; blank lines are no rows."""
        # Without a column there would be no rows either.
        options = _options(column_types=self.schema, include_columns=columns or self.schema.names[:1])
        try:
            yield from self._open(options)
        except pa.ArrowInvalid as error:
            raise self._explained(error, self.schema.names) from None

    def _open(self, options: pyarrow.csv.ConvertOptions, block_size: int = 1 << 20) -> pyarrow.csv.CSVStreamingReader:
        return pyarrow.csv.open_csv(
            self._path,
            read_options=pyarrow.csv.ReadOptions(block_size=block_size),
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
            convert_options=options,
        )

    def _explained(self, error: pa.ArrowInvalid, names: list[str]) -> CliError:
        """What Arrow found, without the values that it quotes."""
        text = str(error)
        if column := re.match(r"In CSV column #(\d+)", text):
            place = int(column[1])
            name = names[place] if place < len(names) else f"number {place + 1}"
            found = find_column(name)
            if "invalid UTF8" in text:
                return CliError(f"{self._path.name}: column {name!r} holds text that is not UTF-8")
            return CliError(
                f"{self._path.name}: column {name!r} holds a value that is not {_WORDS[found.kind] if found else 'text'}"
            )
        if counts := re.match(r"CSV parse error: (?:Row #(\d+): )?Expected (\d+) columns, got (\d+)", text):
            where = f"row {counts[1]}" if counts[1] else "a row"
            return CliError(f"{self._path.name}: {where} has {counts[3]} fields where the first line names {counts[2]}")
        if text.startswith("Empty CSV file"):
            return CliError(f"{self._path.name} is empty")
        return CliError(f"{self._path.name} cannot be read as CSV: names in the first line, commas between fields, UTF-8")


def _options(**more: Any) -> pyarrow.csv.ConvertOptions:
    return pyarrow.csv.ConvertOptions(null_values=NULLS, true_values=TRUE, false_values=FALSE, strings_can_be_null=True, **more)


def _types(seen: pa.Schema) -> list[tuple[str, Any]]:
    """Types to read with, from those that the first values of each column suggest."""
    zoned = [field.type for field in seen if pa.types.is_timestamp(field.type) and field.type.tz is not None]
    return [(field.name, _type(field, zoned=bool(zoned))) for field in seen]


def _type(field: Any, zoned: bool) -> Any:
    """A type that does not fit the record is kept: the engine then names every such column at once."""
    column, kind = find_column(field.name), field.type
    nothing = pa.types.is_null(kind)
    if column is None or column.kind in _TEXT:
        return pa.string()
    if column.kind is Kind.DATE and (nothing or pa.types.is_date(kind) or pa.types.is_timestamp(kind)):
        # A date alone can be read as a timestamp without a zone, so both may come in one column.
        zone = "UTC" if (zoned if nothing else pa.types.is_timestamp(kind) and kind.tz is not None) else None
        return pa.timestamp("us", zone)
    if column.kind is Kind.BOOL and nothing:
        return pa.bool_()
    if column.kind in (Kind.INTEGER, Kind.NUMBER) and (nothing or pa.types.is_boolean(kind)):
        return pa.float64()
    return pa.float64() if column.kind is Kind.NUMBER and pa.types.is_integer(kind) else kind
