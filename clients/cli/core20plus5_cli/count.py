"""`core20plus5 count`: released counts of a file, as a table on the screen or in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console

from core20plus5_cli import backend
from core20plus5_cli.counts_view import counts_view, header_view, ledger_text
from core20plus5_cli.reading import open_records
from core20plus5_cli.saving import check_target, save
from core20plus5_cli.terminal import err, out

ROOM = 14
"""Lines of a screen that are not the table's: the header above, the notes between and below."""
PIPED_ROWS = 40


def run(file: Path, target: Path | None, server: str | None, arguments: dict[str, Any]) -> None:
    """Count, then print or write."""
    if target is not None:
        check_target(target, file)
    with open_records(file, "Counting") as records:
        result = backend.count(records, server, **arguments)
    console = out()
    console.print(header_view(result))
    err().print(ledger_text(result.provenance), markup=False)
    if result.quality.num_rows:
        remark = f"Some values were read as unknown: core20plus5 check {file} lists them."
        err().print(remark, markup=False, soft_wrap=True)
    if target is None:
        _show(console, result)
    else:
        rows = save(target, result.counts.schema, result.counts.to_batches(), result.provenance)
        console.print(f"Wrote {rows:,} rows to {target}", markup=False, soft_wrap=True)


def _show(console: Console, result: backend.Counted) -> None:
    rows = result.counts.num_rows
    limit = max(10, console.height - ROOM) if console.is_terminal else PIPED_ROWS
    if not rows:
        console.print("No one was counted.")
        return
    console.print()
    console.print(counts_view(result.counts.slice(0, limit), len(result.provenance["strata"])))
    if rows > limit:
        console.print(f"The first {limit} of {rows:,} rows; --out FILE writes all, --cohorts and --indicators choose.")
