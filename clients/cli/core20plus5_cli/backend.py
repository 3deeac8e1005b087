"""Who does the work: the engine embedded in this process. Another back end needs these two functions and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import pyarrow as pa

import core20plus5
from core20plus5_cli.reading import Records


class Counted(Protocol):
    """Released counts; see CohortResult."""

    @property
    def counts(self) -> pa.Table:
        """The tidy table."""

    @property
    def indicators(self) -> pa.Table:
        """The indicators in words."""

    @property
    def quality(self) -> pa.Table:
        """column, reason, rows."""

    @property
    def provenance(self) -> dict[str, Any]:
        """Everything that changed an answer, and the ledger of rows."""


class Flagged(Protocol):
    """Flags as they come; see FlagStream."""

    schema: pa.Schema

    @property
    def provenance(self) -> dict[str, Any]:
        """As of counts; the ledger is of the rows so far."""

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """The batches, in the order of the records. Errors about the records as a whole come after the last."""


def count(records: Records, **arguments: Any) -> Counted:
    """Count cohorts; the arguments are those of `core20plus5.count_cohorts`."""
    return core20plus5.count_cohorts(records, **arguments)


def flag(records: Records, **arguments: Any) -> Flagged:
    """Flag each person; the arguments are those of `core20plus5.flag_patients`."""
    return core20plus5.flag_patients(records, **arguments)
