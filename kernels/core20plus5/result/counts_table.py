"""From the compact counts to the tidy table, through the disclosure policy."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core20plus5.arrow import ArrowArray
from core20plus5.cohorts import CohortCounts
from core20plus5.disclosure import Policy, release
from core20plus5.flags import Plan
from core20plus5.strata.values import LABELS, UNKNOWN

ANSWERS = ("yes", "no", "unknown")

#: Cells worked on at a time, so that memory stays near the size of the table itself.
_CELLS = 1 << 22

Indexes = npt.NDArray[np.int64]


def counts_table(counts: CohortCounts, plan: Plan, policy: Policy) -> pa.Table:
    """The released counts: a row for each stratum, cohort, cohort answer and indicator that applies to someone there."""
    layout = _Layout(counts, plan)
    order = _stratum_order(counts)
    step = max(1, _CELLS // max(1, 3 * len(layout.groups) * len(layout.names)))
    parts = [_rows(counts, layout, order[start : start + step], policy) for start in range(0, len(order), step)]
    return pa.concat_tables(parts) if parts else _rows(counts, layout, order, policy)


class _Layout:
    """Which rows there can be: groups are (cohort, answer), in order; names are the indicators to report, in order."""

    def __init__(self, counts: CohortCounts, plan: Plan) -> None:
        self.groups = [(cohort, answer) for cohort in plan.cohorts for answer in (range(1) if cohort == "everyone" else range(3))]
        self.names = [indicator.name for indicator in plan.reported]
        self.absent = np.array([name in plan.absent for name in self.names], np.bool_)
        #: Place of each reported indicator among those counted; absent ones stand for "everyone", to say where people are.
        self.places = np.array([counts.indicators.index("everyone" if gone else name)
                                for name, gone in zip(self.names, self.absent, strict=True)], np.int64)  # fmt: skip
        self.cohort_places = [counts.cohorts.index(cohort) for cohort, _ in self.groups]


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


def _rows(counts: CohortCounts, layout: _Layout, strata: Indexes, policy: Policy) -> pa.Table:
    cells = _cells(counts.counts[strata], layout)
    stratum, group, indicator = np.nonzero(cells.sum(axis=3))
    exact = cells[stratum, group, indicator]
    absent = layout.absent[indicator]
    exact[absent] = 0
    shown, hidden = release(exact, policy)
    columns: dict[str, ArrowArray] = {}
    for column, name in enumerate(counts.strata):
        columns[name] = _labels(counts.labels[column], counts.members[strata[stratum], column])
    columns["cohort"] = _labels(tuple(cohort for cohort, _ in layout.groups), group)
    columns["cohort_answer"] = _labels(tuple(ANSWERS[answer] for _, answer in layout.groups), group)
    columns["indicator"] = _labels(tuple(layout.names), indicator)
    for number, answer in enumerate(ANSWERS):
        columns[answer] = pa.array(shown[:, number], pa.int64(), mask=hidden[:, number] | absent)
    columns["suppressed"] = pa.array(np.any(hidden, axis=1), pa.bool_())
    columns["status"] = _labels(("ok", "column_absent"), absent.astype(np.int64))
    return pa.Table.from_arrays(list(columns.values()), names=list(columns))


def _cells(counts: npt.NDArray[np.int64], layout: _Layout) -> npt.NDArray[np.int64]:
    """The full table of some strata: int64 (strata, groups, reported indicators, 3); the cohorts' "no" is what remains."""
    cells = counts.reshape(*counts.shape[:2], -1, 3)[:, :, layout.places]
    groups = np.empty((len(counts), len(layout.groups), len(layout.places), 3), np.int64)
    for number, ((_, answer), cohort) in enumerate(zip(layout.groups, layout.cohort_places, strict=True)):
        yes, unknown = max(0, 2 * cohort - 1), 2 * cohort
        if answer == 1:
            groups[:, number] = cells[:, 0] - cells[:, yes] - cells[:, unknown]
        else:
            groups[:, number] = cells[:, yes if answer == 0 else unknown]
    return groups


def _labels(labels: tuple[str, ...], places: npt.NDArray[np.integer[Any]]) -> ArrowArray:
    """Text by place in a list of labels."""
    indices = pa.array(places.astype(np.int32), pa.int32())
    texts: ArrowArray = pa.DictionaryArray.from_arrays(indices, pa.array(labels, pa.string())).cast(pa.string())
    return texts
