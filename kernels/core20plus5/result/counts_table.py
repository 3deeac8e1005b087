"""From the compact counts to the tidy table, through the disclosure policy."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core20plus5.arrow import ArrowArray
from core20plus5.cohorts import CohortCounts
from core20plus5.disclosure import Policy
from core20plus5.disclosure.release import release
from core20plus5.flags import Plan
from core20plus5.kernels.tidy import find_rows
from core20plus5.parallel import Workers, in_order, own_workers
from core20plus5.result.texts import Texts
from core20plus5.strata.values import LABELS, UNKNOWN

ANSWERS = ("yes", "no", "unknown")

Indexes = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]

#: Strata whose rows are made at once: their cells and rows stay in cache.
_TOGETHER = 64


def counts_table(counts: CohortCounts, plan: Plan, policy: Policy, workers: Workers | None = None) -> pa.Table:
    """The released counts: a row for each stratum, cohort, cohort answer and indicator that applies to someone there."""
    layout = _Layout(counts, plan)
    order = _stratum_order(counts)
    parts = [order[start : start + _TOGETHER] for start in range(0, len(order), _TOGETHER)] or [order]
    with own_workers(workers) as own:
        rows = in_order(own.pool, lambda strata: layout.rows(counts.cells(strata), strata, policy), parts, 2 * own.threads)
        return pa.Table.from_batches(list(rows))


class _Layout:
    """Which rows there can be, in order: groups are cohorts by answer, places are the indicators to report."""

    def __init__(self, counts: CohortCounts, plan: Plan) -> None:
        groups = [(cohort, answer) for cohort in plan.cohorts for answer in (range(1) if cohort == "everyone" else range(3))]
        names = tuple(indicator.name for indicator in plan.reported)
        gone = [name in plan.absent for name in names]
        self._absent = np.array(gone, np.bool_)
        #: (groups, 2) int64: place of the cohort among those counted, and which answer of it.
        self._groups = np.array([(counts.cohorts.index(cohort), answer) for cohort, answer in groups], np.int64).reshape(-1, 2)
        #: Place of each indicator among those counted; an absent one has that of "everyone", to say where people are.
        self._places = np.array(
            [counts.indicators.index("everyone" if absent else name) for name, absent in zip(names, gone, strict=True)], np.int64
        )
        self._members = counts.members.astype(np.int32)
        self._strata = {name: Texts(labels) for name, labels in zip(counts.strata, counts.labels, strict=True)}
        self._cohort, self._answer = Texts([cohort for cohort, _ in groups]), Texts([ANSWERS[answer] for _, answer in groups])
        self._indicator, self._status = Texts(names), Texts(("ok", "column_absent"))
        self._status_of = self._absent.astype(np.int32)

    def rows(self, cells: Indexes, strata: Indexes, policy: Policy) -> pa.RecordBatch:
        """The rows of some strata, whose counts are `cells`."""
        room = len(strata) * len(self._groups) * len(self._places) + 1
        where, exact = np.empty((3, room), np.int32), np.empty((3, room), np.int64)
        size = find_rows(cells, self._groups, self._places, where, exact)
        stratum, group, place = where[:, :size]
        absent = self._absent[place] if self._absent.any() else None
        shown, hidden = release(exact[:, :size], policy)
        columns: dict[str, ArrowArray] = {
            name: texts.column(stratum, self._members[strata, column].copy())
            for column, (name, texts) in enumerate(self._strata.items())
        }
        columns["cohort"] = self._cohort.column(group)
        columns["cohort_answer"] = self._answer.column(group)
        columns["indicator"] = self._indicator.column(place)
        for number, answer in enumerate(ANSWERS):
            columns[answer] = _counts(shown[number], _either(absent, hidden[number] if hidden is not None else None))
        suppressed = np.zeros(size, np.bool_) if hidden is None else np.any(hidden, axis=0)
        columns["suppressed"] = pa.array(np.asarray(suppressed if absent is None else suppressed & ~absent), pa.bool_())
        columns["status"] = self._status.column(place, self._status_of)
        return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def _either(one: Marks | None, two: Marks | None) -> Marks | None:
    return two if one is None else one if two is None else one | two


def _counts(shown: Indexes, missing: Marks | None) -> ArrowArray:
    """Counts with nulls where they are not shown; nothing stands under a null."""
    if missing is None:
        return pa.array(shown.copy(), pa.int64())
    return pa.array(np.where(missing, 0, shown), pa.int64(), mask=missing)


def _stratum_order(counts: CohortCounts) -> Indexes:
    """Strata in the order of their labels, column by column, so that no answer depends on the order of the records."""
    if not counts.strata:
        return np.arange(len(counts.members))
    keys = []
    for column, name in enumerate(counts.strata):
        labels = counts.labels[column]
        known = LABELS.get(name, ())
        rank = {label: number for number, label in enumerate(known)}
        ordered = sorted(labels, key=lambda label: (label == UNKNOWN, rank.get(label, 0), label))
        place = {label: number for number, label in enumerate(ordered)}
        keys.append(np.array([place[label] for label in labels], np.int64)[counts.members[:, column]])
    return np.lexsort(keys[::-1])
