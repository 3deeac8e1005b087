"""Shares of people, from released counts; None where a count that they need is hidden."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]
"""One row of the count table."""


def rate(row: Row) -> float | None:
    """yes / (yes + no): a share of the people whose answer is known."""
    yes, no = row["yes"], row["no"]
    return yes / (yes + no) if yes is not None and no is not None and yes + no else None


def unknown_share(row: Row) -> float | None:
    """unknown / (yes + no + unknown)."""
    counts = [row[answer] for answer in ("yes", "no", "unknown")]
    return counts[2] / sum(counts) if None not in counts and sum(counts) else None


def asked(row: Row) -> int | None:
    """Of how many people the rate is."""
    return row["yes"] + row["no"] if row["yes"] is not None and row["no"] is not None else None


def percent(share: float | None, digits: int = 1) -> str:
    """`65.3%`; a dash where there is none."""
    return "-" if share is None else f"{100 * share:.{digits}f}%"


def count_text(row: Row, answer: str) -> str:
    """A count to show: never a 0 in place of a hidden number."""
    if row["status"] == "column_absent":
        return "not answered"
    return "hidden" if row[answer] is None else f"{row[answer]:,}"
