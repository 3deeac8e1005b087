"""Cohort counts."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from os import PathLike
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core20plus5.cohorts import MAX_CELLS, CohortCounts, Counter
from core20plus5.completeness import CompletenessTally, completeness_table, states_of
from core20plus5.completeness.states import States
from core20plus5.deprivation import ImdTable
from core20plus5.disclosure import POLICIES
from core20plus5.engine.call import Call, open_call
from core20plus5.engine.stages import Watcher
from core20plus5.ingest import Ledger
from core20plus5.ingest.tripwires import check_ledger
from core20plus5.parallel import Workers, own_workers
from core20plus5.result import CohortResult, Released, counts_batches, provenance, quality_table
from core20plus5.rulesets import ParameterValue

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
    completeness: bool = False,
) -> CohortResult:
    """Count people by stratum, cohort, cohort answer and indicator.

    batches: anything Arrow (Table, RecordBatch, RecordBatchReader, iterable of batches, dataset, `__arrow_c_stream__`), one row
    per person with the columns of the record, facts as at the reference date. Memory does not grow with the number of rows.
    imd_version: "2019" or "2025"; imd_table: the path of an IMD table of that version, needed where deprivation comes from
    lsoa_code. plus_groups: names of PLUS groups, or "all"; without them plus_any and core20plus are not returned.
    completeness: give `result.completeness` as well, by the organisations among the strata.

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
        completeness=completeness,
    )
    return release_counts(call, count_exactly(call))


def count_exactly(call: Call, workers: Workers | None = None, max_cells: int = MAX_CELLS) -> CohortCounts:
    """The exact counts of a call, which add up with those of other parts of the same request.

    max_cells: populated strata x cohort answers x indicator answers; TooManyCellsError beyond them.
    """

    completeness = CompletenessTally(call.strata) if call.request.completeness else None

    def work(batch: pa.RecordBatch) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32], Ledger, list[States]]:
        block, flags = call.answer(batch)
        with call.watcher.timed("count"):
            codes = call.strata.codes(block, flags)
            rows = flags.row_words()
            states = states_of(block, flags, call.reading.reference_day) if completeness else []
        call.watcher.block(block.ledger)
        return rows, codes, block.ledger, states

    with own_workers(workers) as own:
        counter = open_counter(call, own, max_cells)
        for rows, codes, ledger, states in own.in_order(work, call.blocks()):
            with call.watcher.timed("count"):
                counter.add(rows, codes, ledger)
                if completeness:
                    completeness.add(codes, states)
        with call.watcher.timed("count"):
            if completeness:
                counter.ledger.completeness.update(completeness.found())
            return counter.result()


def open_counter(call: Call, workers: Workers, max_cells: int = MAX_CELLS) -> Counter:
    """Where the people of a call are added up."""
    indicators = tuple(indicator.name for indicator in call.plan.indicators)
    cohorts = ("everyone", *(name for name in call.plan.cohorts if name != "everyone"))
    threads = workers.pool, workers.threads
    return Counter(call.request.strata, call.strata.labels, indicators, cohorts, *threads, max_cells, call.whole)


def release_counts(call: Call, counts: CohortCounts, workers: Workers | None = None) -> CohortResult:
    """The result of a call, from its exact counts. Raises DataError where the records as a whole cannot be trusted."""
    return release_batches(call, counts, workers).whole()


def release_batches(call: Call, counts: CohortCounts, workers: Workers | None = None) -> Released:
    """As `release_counts`, for whoever takes the counts bit by bit. Whatever may be refused is refused here."""
    check_ledger(counts.ledger, call.request.allow_later_facts)
    policy = POLICIES[call.request.disclosure]
    batches = _timed(call.watcher, counts_batches(counts, call.plan, policy, workers))
    return Released(
        chain([next(batches)], batches),
        call.indicators,
        quality_table(counts.ledger),
        provenance(call.plan, call.schema, policy, counts.ledger),
        completeness_table(counts, call.plan, policy) if call.request.completeness else None,
    )


def _timed(watcher: Watcher, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    while True:
        with watcher.timed("release"):
            batch = next(batches, None)
        if batch is None:
            return
        yield batch
