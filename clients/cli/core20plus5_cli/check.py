"""`core20plus5 check`: how a file meets the record, before anything is asked of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from pathlib import Path

import pyarrow as pa
import typer
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

import core20plus5
from core20plus5.ingest import SchemaReport
from core20plus5.records import COLUMNS, ORGANISATIONS, Column
from core20plus5_cli.errors import MUST_CHANGE
from core20plus5_cli.reading import open_records
from core20plus5_cli.terminal import out

_DEPRIVATION = ("lsoa_code", "imd_rank", "imd_decile")
CLOSE = 0.75
"""How alike an ignored name and an absent one are, from 0 to 1, to be taken for a misspelling."""


def run(file: Path, reference_date: date | None) -> None:
    """Print what was found. Exits with `MUST_CHANGE` where a column cannot be used as it is."""
    with open_records(file, "Checking") as records:
        found = core20plus5.check_records(records, reference_date=reference_date)
    console, schema = out(), found.schema
    problems = len(schema.problems)
    verdict = f"{problems} problem{'s' if problems != 1 else ''} to solve" if problems else "it can be counted"
    read = "" if problems else f", {found.rows:,} rows"
    console.print(f"{file.name}: {len(schema.present)} recognised columns{read}: {verdict}.", markup=False, soft_wrap=True)
    if problems:
        _section(console, "Problems")
        for problem in schema.problems:
            console.print(f"  {problem}", markup=False, soft_wrap=True)
    if schema.present:
        _section(console, "Recognised")
        console.print(_block(schema.present))
    _absent(console, schema)
    _ignored(console, schema)
    if not problems:
        _findings(console, found.quality, reference_date)
    if problems:
        raise typer.Exit(MUST_CHANGE)


def _section(console: Console, title: str) -> None:
    console.print()
    console.print(Text(title, style="bold"))


def _block(names: Iterable[str]) -> Padding:
    return Padding(Text(", ".join(names)), (0, 0, 0, 2))


def _ignored(console: Console, schema: SchemaReport) -> None:
    if schema.ignored:
        _section(console, "Ignored: no column of the record, though any but a date or a decimal can be a stratum")
        named = {name: get_close_matches(name, schema.absent, 1, CLOSE) for name in schema.ignored}
        console.print(_block(f"{name} (is it {close[0]}?)" if close else name for name, close in named.items()))


def _absent(console: Console, schema: SchemaReport) -> None:
    spare = [name for name in schema.absent if _spare(COLUMNS[name], schema.present)]
    null = [name for name in schema.absent if COLUMNS[name].optional or name in ORGANISATIONS]
    needed = [name for name in schema.absent if name not in (*spare, *null)]
    for title, names, text in (
        ("Absent: an indicator that needs one of these is not answered", needed, "meaning"),
        ("Absent, and read as null in every row", null, "null_means"),
    ):
        if names:
            _section(console, title)
            grid = Table.grid(padding=(0, 0, 0, 2), pad_edge=True)
            for name in names:
                grid.add_row(Text(name), Text(getattr(COLUMNS[name], text)))
            console.print(grid)
    if spare:
        _section(console, "Absent, and not needed")
        console.print(_block(spare))


def _spare(column: Column, present: tuple[str, ...]) -> bool:
    """Whether another column does for this one, or nothing asked for needs it."""
    deprivation = column.name.startswith(_DEPRIVATION) and any(name.startswith(_DEPRIVATION) for name in present)
    return deprivation or column.enough in present or column.name == "person_id"


def _findings(console: Console, quality: pa.Table, reference_date: date | None) -> None:
    _section(console, "Values")
    if quality.num_rows:
        table = Table(box=None, header_style="bold", padding=(0, 0, 0, 2))
        table.add_column("column")
        table.add_column("what")
        table.add_column("rows", justify="right")
        for row in quality.to_pylist():
            table.add_row(row["column"], row["reason"].replace("_", " "), f"{row['rows']:,}")
        console.print(table)
        console.print("  Such values are read as unknown; no row is dropped for them.")
    else:
        console.print("  nothing wrong was found")
    if reference_date is None:
        console.print("  Dates after the reference date are found with --reference-date.")
