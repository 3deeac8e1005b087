"""`core20plus5 count`: released counts of a file, as a table on the screen, in a file or as a page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from core20plus5.records import ORGANISATIONS
from core20plus5_cli import backend
from core20plus5_cli.connection import Connection
from core20plus5_cli.counts_view import counts_view, header_view, ledger_text
from core20plus5_cli.reading import open_records
from core20plus5_cli.report.command import check_page, count_page
from core20plus5_cli.report.releases import Release
from core20plus5_cli.saving import check_target, kept_provenance, save
from core20plus5_cli.terminal import err, out

ROOM = 14
"""Lines of a screen that are not the table's: the header above, the notes between and below."""
PIPED_ROWS = 40
KEPT_ROWS = 20_000
"""Rows of completeness that go into the counts' own file; more belong in one of their own (--completeness)."""
_COMPARED = ("everyone", "core20")


@dataclass(frozen=True)
class Targets:
    """Files to write, each only if it is named."""

    counts: Path | None = None
    inequality: Path | None = None
    completeness: Path | None = None
    report: Path | None = None

    def check(self, file: Path) -> None:
        """Before any work. Raises CliError for what could not be written."""
        for option, target in (("--out", self.counts), ("--inequality", self.inequality), ("--completeness", self.completeness)):
            if target is not None:
                check_target(target, file, option)
        if self.report is not None:
            check_page(self.report, file, "--report")


def run(file: Path, targets: Targets, server: Connection | None, arguments: dict[str, Any]) -> None:
    """Count, then print or write."""
    targets.check(file)
    asked = arguments | {"completeness": targets.completeness is not None}
    with open_records(file, "Counting") as records:
        result = backend.count(records, server, inequality=targets.inequality is not None, **asked)
    console = out()
    console.print(header_view(result))
    err().print(ledger_text(result.provenance), markup=False)
    if result.quality.num_rows:
        remark = f"Some values were read as unknown: core20plus5 check {file} lists them."
        err().print(remark, markup=False, soft_wrap=True)
    if targets == Targets():
        _show(console, result)
    else:
        _write(console, targets, result)
    if targets.report is not None:
        organisations = tuple(name for name in arguments["strata"] if name in ORGANISATIONS)
        compared = [name for name in _COMPARED if name in result.provenance["cohorts"]]
        count_page(lambda strata: _release(file, server, arguments | {"strata": strata}, compared), organisations, targets.report)


def _write(console: Console, targets: Targets, result: backend.Counted) -> None:
    complete = result.completeness
    kept = complete if complete is not None and complete.num_rows <= KEPT_ROWS else None
    words = {"indicators": result.indicators, "completeness": kept}
    for target, name, tables in (
        (targets.counts, "counts", words),
        (targets.inequality, "inequality", {}),
        (targets.completeness, "completeness", {}),
    ):
        if target is not None:
            table = getattr(result, name)
            # In one piece: the file does not tell in which pieces the counts came.
            rows = save(target, table.schema, table.combine_chunks().to_batches(), result.provenance, tables)
            console.print(f"Wrote {rows:,} rows to {target}", markup=False, soft_wrap=True)


def _release(file: Path, server: Connection | None, arguments: dict[str, Any], compared: list[str]) -> Release:
    """One table of the page, as it would be saved; with its completeness where it is of everyone, or of organisations.

    compared: the cohorts whose ages the page sets side by side. Ages of all cohorts would have most of their counts hidden.
    """
    strata = arguments["strata"]
    complete = all(name in ORGANISATIONS for name in strata)
    cohorts = ["everyone"] if complete and strata else compared if strata == ("age_band_5y",) else arguments["cohorts"]
    with open_records(file, "Counting for the report") as records:
        result = backend.count(records, server, **arguments | {"cohorts": cohorts, "completeness": complete})
    return Release(result.counts, result.indicators, kept_provenance(result.provenance), result.completeness)


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
