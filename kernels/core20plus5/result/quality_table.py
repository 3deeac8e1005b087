"""What was wrong with the records, by column and reason."""

import pyarrow as pa

from core20plus5.ingest import Ledger


def quality_table(ledger: Ledger) -> pa.Table:
    """column, reason (text), rows (int64): values that were read as unknown, and people without a deprivation decile."""
    found = quality_rows(ledger)
    return pa.table(
        {
            "column": pa.array([column for column, _, _ in found], pa.string()),
            "reason": pa.array([reason for _, reason, _ in found], pa.string()),
            "rows": pa.array([rows for _, _, rows in found], pa.int64()),
        }
    )


def quality_rows(ledger: Ledger) -> list[tuple[str, str, int]]:
    """The rows of the table."""
    return sorted((column, reason, rows) for (column, reason), rows in ledger.findings.items() if rows)
