"""Cohort counts."""

from collections.abc import Mapping, Sequence
from datetime import date
from os import PathLike
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core20plus5.cohorts import MAX_CELLS, CohortCounts, Counter
from core20plus5.deprivation import ImdTable
from core20plus5.disclosure import POLICIES
from core20plus5.engine.call import Call, open_call
from core20plus5.engine.parallel import Workers, in_order, own_workers
from core20plus5.ingest import Ledger
from core20plus5.ingest.tripwires import check_ledger
from core20plus5.result import CohortResult, counts_table, indicators_table, provenance, quality_table
from core20plus5.rulesets import ParameterValue
from core20plus5.strata import Coded

DEFAULT_RULESET = "core20plus5-adults"


def count_cohorts(
    batches: Any,
    *,
    reference_date: date,
    imd_version: str,
    imd_table: str | PathLike[str] | ImdTable | None = None,
    strata: Sequence[str] = (),
    plus_groups: Sequence[str] | str = (),
    ruleset: str = DEFAULT_RULESET,
    disclosure: str = "hes",
    cohorts: Sequence[str] | None = None,
    indicators: Sequence[str] | None = None,
    imd_from: str | None = None,
    null_means_no: Sequence[str] = (),
    parameters: Mapping[str, ParameterValue] | None = None,
    allow_later_facts: bool = False,
) -> CohortResult:
    """Count people by stratum, cohort, cohort answer and indicator.

    batches: anything Arrow (Table, RecordBatch, RecordBatchReader, iterable of batches, dataset, `__arrow_c_stream__`), one row
    per person with the columns of the record, facts as at the reference date. Memory does not grow with the number of rows.
    imd_version: "2019" or "2025"; imd_table: the path of an IMD table of that version, needed where deprivation comes from
    lsoa_code. plus_groups: names of PLUS groups, or "all"; without them plus_any and core20plus are not returned.

    Raises RequestError, DataError, ImdTableError or RulesetError; no message holds a value of a record.
    """
    call = open_call(
        batches,
        True,
        imd_table,
        ruleset,
        reference_date=reference_date,
        imd_version=imd_version,
        strata=strata,
        plus_groups=plus_groups,
        disclosure=disclosure,
        cohorts=cohorts,
        indicators=indicators,
        imd_from=imd_from,
        null_means_no=null_means_no,
        parameters=parameters,
        allow_later_facts=allow_later_facts,
    )
    return release_counts(call, count_exactly(call))


def count_exactly(call: Call, workers: Workers | None = None, max_cells: int = MAX_CELLS) -> CohortCounts:
    """The exact counts of a call, which add up with those of other parts of the same request.

    max_cells: populated strata x cohort answers x indicator answers; TooManyCellsError beyond them.
    """
    indicators = tuple(indicator.name for indicator in call.plan.indicators)
    cohorts = ("everyone", *(name for name in call.plan.cohorts if name != "everyone"))

    def work(batch: pa.RecordBatch) -> tuple[npt.NDArray[np.uint64], list[Coded], Ledger]:
        columns, flags = call.answer(batch)
        with call.watcher.timed("count"):
            coded = [reader(batch, columns, flags) for reader in call.readers]
            rows = flags.row_words()
        call.watcher.block(columns.ledger)
        return rows, coded, columns.ledger

    with own_workers(workers) as own:
        counter = Counter(call.request.strata, indicators, cohorts, own.pool, own.threads, max_cells)
        for rows, coded, ledger in in_order(own.pool, work, call.blocks(), 2 * own.threads):
            with call.watcher.timed("count"):
                counter.add(rows, coded, ledger)
        with call.watcher.timed("count"):
            return counter.result()


def release_counts(call: Call, counts: CohortCounts) -> CohortResult:
    """The result of a call, from its exact counts. Raises DataError where the records as a whole cannot be trusted."""
    check_ledger(counts.ledger, call.request.allow_later_facts)
    policy = POLICIES[call.request.disclosure]
    with call.watcher.timed("release"):
        table = counts_table(counts, call.plan, policy)
    return CohortResult(
        table,
        indicators_table(call.plan),
        quality_table(counts.ledger),
        provenance(call.plan, call.schema, policy, counts.ledger),
    )
