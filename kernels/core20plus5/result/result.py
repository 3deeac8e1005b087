"""The result of counting cohorts."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from core20plus5.inequality import inequality_table


@dataclass(frozen=True)
class CohortResult:
    """Released counts and what is needed to read them.

    counts: the strata in the order asked, cohort, cohort_answer, indicator (text), yes, no, unknown (int64, null where hidden
    or not answered), suppressed (bool), status (text, `ok` or `column_absent`).
    indicators: name, title, kind, area, direction, target, window, source, caveat. quality: column, reason, rows.
    provenance: everything that changed the answer, and the ledger of rows.
    completeness, where asked for: how complete each column is, released as the counts are; see `completeness_table`.
    """

    counts: pa.Table
    indicators: pa.Table
    quality: pa.Table
    provenance: dict[str, Any]
    completeness: pa.Table | None = None

    @cached_property
    def inequality(self) -> pa.Table:
        """Rates, gaps, slopes and age-standardised rates with intervals, from the released counts: `inequality_table` tells its
        columns. Worked out when it is first asked for, at about a microsecond for each row of the counts."""
        return inequality_table(self.counts, self.indicators)

    @property
    def columns_absent(self) -> list[str]:
        """Columns of the record that were not sent."""
        return list(self.provenance["columns_absent"])


@dataclass(frozen=True)
class Released:
    """A result whose counts are made while they are taken, once: `batches` together are `counts`. The rest is as there."""

    batches: Iterator[pa.RecordBatch]
    indicators: pa.Table
    quality: pa.Table
    provenance: dict[str, Any]
    completeness: pa.Table | None

    def whole(self) -> CohortResult:
        """The result, with all of its counts in memory."""
        counts = pa.Table.from_batches(list(self.batches))
        return CohortResult(counts, self.indicators, self.quality, self.provenance, self.completeness)
