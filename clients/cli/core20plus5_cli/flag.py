"""`core20plus5 flag`: one row back for each row in, written to a file as it comes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core20plus5_cli import backend
from core20plus5_cli.connection import Connection
from core20plus5_cli.counts_view import ledger_text
from core20plus5_cli.reading import open_records
from core20plus5_cli.saving import check_target, save
from core20plus5_cli.terminal import out


def run(file: Path, target: Path, server: Connection | None, arguments: dict[str, Any]) -> None:
    """Flag and write; nothing is left behind where the records turn out to be unusable."""
    check_target(target, file)
    with open_records(file, "Flagging") as records, backend.flagging(records, server, **arguments) as flags:
        rows = save(target, flags.schema, flags, flags.provenance)
    ledger = ledger_text(flags.provenance).replace("counted", "flagged")
    out().print(f"Wrote {rows:,} rows to {target}: {ledger} These are personal data.", markup=False, soft_wrap=True)
