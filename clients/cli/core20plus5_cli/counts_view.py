"""Counts in words and as a table on the screen."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
from rich.table import Table
from rich.text import Text

from core20plus5.disclosure import POLICIES
from core20plus5.records import COLUMNS, LOCAL_GROUP_PREFIX, Kind
from core20plus5_cli.backend import Counted
from core20plus5_cli.rates import count_text, percent, rate

NUMBERS = ("yes", "no", "unknown")
NAMED = 8
"""Absent columns that are named before the rest are only counted."""

_FACTS = {
    name for name, column in COLUMNS.items() if column.kind not in (Kind.IDENTIFIER, Kind.ORGANISATION) and "imd" not in name
}
"""Columns that say something of a person, deprivation aside."""


def header_view(result: Counted) -> Table:
    """What the counts are of, line by line."""
    provenance = result.provenance
    lines = {
        "As at": day_text(date.fromisoformat(provenance["reference_date"])),
        "Ruleset": f"{provenance['ruleset']}@{provenance['ruleset_version']}{_overrides(provenance)}",
        "Deprivation": _deprivation(provenance),
        "PLUS groups": ", ".join(provenance["plus_groups"]) or "none chosen (--plus)",
        "Disclosure": _disclosure(provenance),
        "Not sent": _absent(provenance),
    }
    grid = Table.grid(padding=(0, 2))
    for name, text in lines.items():
        grid.add_row(Text(name, style="bold"), Text(text))
    return grid


def _absent(provenance: dict[str, Any]) -> str:
    names = provenance["columns_absent"]
    if {*names} >= _FACTS and provenance["imd_from"] is None and not _local_groups(provenance):
        return "NO FACT ABOUT ANYBODY, so nothing is known of them: core20plus5 check shows which names of columns are expected"
    more = f" and {len(names) - NAMED} more: core20plus5 check lists them" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more or "no column is missing"


def _overrides(provenance: dict[str, Any]) -> str:
    changed = [f"{name}={provenance['parameters'][name]}" for name in provenance["parameters_overridden"]]
    return f", with {', '.join(changed)}" if changed else ""


def _local_groups(provenance: dict[str, Any]) -> list[str]:
    """PLUS groups that have columns of their own, which the record does not name."""
    return [name for name in provenance["plus_groups"] if name.startswith(LOCAL_GROUP_PREFIX)]


def _deprivation(provenance: dict[str, Any]) -> str:
    source = provenance["imd_from"]
    if source is None:
        return f"IMD {provenance['imd_version']}; the records hold none"
    if provenance["imd_table"]:
        source += f" by {provenance['imd_table']} (sha256 {provenance['imd_table_sha256'][:12]})"
    asserted = "; you say that it is of this version" if provenance["imd_version_asserted_by_caller"] else ""
    return f"IMD {provenance['imd_version']}, from {source}{asserted}"


def _disclosure(provenance: dict[str, Any]) -> str:
    name, protection = provenance["disclosure"], provenance["disclosure_protection"]
    words = POLICIES[name].title if name in POLICIES else name
    return f"{name}: {words}. Protection: {protection}"


def ledger_text(provenance: dict[str, Any]) -> str:
    """Rows received, and what became of them."""
    excluded = {reason: rows for reason, rows in provenance["rows_excluded"].items() if rows}
    reasons = ", ".join(f"{reason.replace('_', ' ')} {rows:,}" for reason, rows in excluded.items())
    return (
        f"{provenance['rows_received']:,} rows received, {provenance['rows_counted']:,} counted,"
        f" {sum(excluded.values()):,} excluded{f' ({reasons})' if reasons else ''}."
    )


def counts_view(counts: pa.Table, strata: int) -> Table:
    """The rows given, with the rate where both of its counts are shown. `strata` columns come first."""
    names = counts.column_names[:strata]
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in (*names, "cohort", "indicator"):
        table.add_column(name, overflow="fold")
    for name in (*NUMBERS, "rate"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in counts.to_pylist():
        cohort = row["cohort"] if row["cohort"] == "everyone" else f"{row['cohort']}: {row['cohort_answer']}"
        texts = [*(row[name] for name in names), cohort, row["indicator"], *_numbers(row)]
        table.add_row(*(Text(text) for text in texts))
    return table


def _numbers(row: dict[str, Any]) -> list[str]:
    if row["status"] == "column_absent":
        return ["", "", "not answered", ""]
    share = rate(row)
    return [*(count_text(row, answer) for answer in NUMBERS), "" if share is None else percent(share)]


def day_text(day: date) -> str:
    """31 March 2026."""
    return f"{day.day} {day:%B %Y}"
