"""Write the README's table of columns from the record schema: `python -m tests.readme_columns`."""

from pathlib import Path

from core20plus5.records import COLUMNS, Column, Kind

README = Path(__file__).parents[1] / "README.md"
START, END = "<!-- generated: columns -->\n", "<!-- end -->"

_KINDS = {
    Kind.DATE: "date",
    Kind.BOOL: "bool, or 0 and 1",
    Kind.INTEGER: "integer",
    Kind.NUMBER: "number",
    Kind.CODE: "text or integer",
    Kind.LSOA: "text",
    Kind.ORGANISATION: "text",
    Kind.IDENTIFIER: "text or integer",
}


def with_columns(text: str) -> str:
    """The README's text with the table as it should be now."""
    before, rest = text.split(START)
    return before + START + _table() + rest[rest.index(END) :]


def _table() -> str:
    rows = [column for column in COLUMNS.values() if not column.name.endswith(("_2019", "_2025"))]
    lines = ["| column | type | meaning | null means |", "| --- | --- | --- | --- |", *map(_row, rows)]
    return "\n".join(lines) + "\n"


def _row(column: Column) -> str:
    name = f"`{column.name}`"
    if column.name in ("imd_rank", "imd_decile"):
        name += f", or `{column.name}_2019`, `{column.name}_2025`"
    accepts = f": {column.accepts}" if column.accepts else ""
    return f"| {name} | {_KINDS[column.kind]}{accepts} | {column.meaning} | {column.null_means} |"


if __name__ == "__main__":
    README.write_text(with_columns(README.read_text(encoding="utf-8")), encoding="utf-8")
