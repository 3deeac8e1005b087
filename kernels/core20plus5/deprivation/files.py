"""From the bytes of a CSV or XLSX file to the text of the three columns."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.csv as pa_csv
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from core20plus5.deprivation.columns import find_columns, has_columns
from core20plus5.deprivation.refusal import examples, refused

_ZIP = b"PK\x03\x04"  # an XLSX is a zip archive; the name of a file proves nothing
_READABLE = "a CSV in UTF-8 or an XLSX file"
# Names and cells may hold line breaks in quotes: spreadsheets write them.
_QUOTED_LINES = pa_csv.ParseOptions(newlines_in_values=True)


@dataclass(frozen=True)
class RawTable:
    """One text per LSOA, trimmed, "" for an empty cell; `deciles` is None where the table has no such column."""

    codes: list[str]
    ranks: list[str]
    deciles: list[str] | None


def parse_table(data: bytes, name: str, version: str) -> RawTable:
    """Find and read the columns of one table. Raises ImdTableError."""
    if data.startswith(_ZIP):
        return _from_workbook(data, name, version)
    if b"\0" in data[:4096]:
        raise refused(name, _READABLE, "a binary file of another kind")
    return _from_csv(data, name, version)


def _from_csv(data: bytes, name: str, version: str) -> RawTable:
    try:
        header = pa_csv.open_csv(io.BytesIO(data), parse_options=_QUOTED_LINES).schema.names
        columns = find_columns(header, name, version)
        wanted = [header[i] for i in columns.positions()]
        as_text = pa_csv.ConvertOptions(include_columns=wanted, column_types={title: pa.string() for title in wanted})
        table = pa_csv.read_csv(io.BytesIO(data), parse_options=_QUOTED_LINES, convert_options=as_text)
    except (pa.ArrowException, UnicodeDecodeError):
        # Arrow's own message quotes the row.
        raise refused(name, _READABLE, "no rows, or rows, quotes or characters that are broken") from None
    return _without_blank_rows([[str(value) for value in column.to_pylist()] for column in table.columns])


def _from_workbook(data: bytes, name: str, version: str) -> RawTable:
    try:
        rows = _sheet_with_columns(data, name)
    except (CalamineError, OSError) as error:
        raise refused(name, _READABLE, f"a workbook that cannot be read ({type(error).__name__})") from error
    columns = find_columns([_text(cell) for cell in rows[0]], name, version)
    return _without_blank_rows([[_text(row[i]) for row in rows[1:]] for i in columns.positions()])


def _sheet_with_columns(data: bytes, name: str) -> list[list[object]]:
    """The rows, header first, of the only sheet whose first row that is not empty names the columns."""
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
        titles = [sheet.name for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
        found: dict[str, list[list[object]]] = {}
        for title in titles:
            rows = _from_first_text(workbook.get_sheet_by_name(title).iter_rows())
            if rows and has_columns([_text(cell) for cell in rows[0]]):
                found[title] = rows
    if len(found) != 1:
        number = f"{len(found) or 'none'} in {len(titles)}: {examples(list(found) or titles)}"
        raise refused(name, "one sheet whose first row names LSOA codes and IMD ranks", number)
    return next(iter(found.values()))


def _from_first_text(rows: Iterable[Sequence[object]]) -> list[list[object]]:
    filled = (list(row) for row in rows if any(_text(cell) for cell in row))
    header = next(filled, None)
    return [] if header is None else [header, *(filled if has_columns([_text(cell) for cell in header]) else ())]


def _text(cell: object) -> str:
    """What the cell shows: spreadsheets keep every number as a float."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def _without_blank_rows(columns: list[list[str]]) -> RawTable:
    """Drop the empty rows that spreadsheets leave at the end."""
    kept = [row for row in zip(*([text.strip() for text in column] for column in columns), strict=True) if any(row)]
    codes, ranks, *deciles = ([row[i] for row in kept] for i in range(len(columns)))
    return RawTable(codes, ranks, deciles[0] if deciles else None)
