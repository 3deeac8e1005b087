"""From the compact counts to the tidy table, through the disclosure policy."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core20plus5.arrow import ArrowArray
from core20plus5.cohorts import CohortCounts
from core20plus5.disclosure import Policy
from core20plus5.flags import Plan
from core20plus5.kernels.tidy import find_rows
from core20plus5.result.released_rows import release_rows
from core20plus5.strata.values import LABELS, UNKNOWN

ANSWERS = ("yes", "no", "unknown")

Indexes = npt.NDArray[np.int64]


def counts_table(counts: CohortCounts, plan: Plan, policy: Policy) -> pa.Table:
    """The released counts: a row for each stratum, cohort, cohort answer and indicator that applies to someone there."""
    layout = _Layout(counts, plan)
    order = _stratum_order(counts)
    table = counts.counts.reshape(*counts.counts.shape[:2], len(counts.indicators), 3)
    size = find_rows(table, order, layout.groups, layout.places, np.empty((0, 3), np.int32), np.empty((0, 3), np.int64))
    where, exact = np.empty((size, 3), np.int32), np.empty((size, 3), np.int64)
    find_rows(table, order, layout.groups, layout.places, where, exact)
    exact[layout.absent[where[:, 2]]] = 0
    members = counts.members[order]
    labels = {name: (counts.labels[column], members[:, column]) for column, name in enumerate(counts.strata)}
    released = release_rows(plan, policy, layout.group_names, layout.names, where, exact, labels)
    kept = layout.reported_groups[where[:, 1]] & layout.reported[where[:, 2]]
    where, shown, hidden = where[kept], released.shown[kept], released.hidden[kept]
    absent = layout.absent[where[:, 2]]
    columns: dict[str, ArrowArray] = {}
    for name, (texts, places) in labels.items():
        columns[name] = _labels(texts, places[where[:, 0]])
    columns["cohort"] = _labels(layout.cohorts, where[:, 1])
    columns["cohort_answer"] = _labels(layout.answers, where[:, 1])
    columns["indicator"] = _labels(layout.names, where[:, 2])
    for number, answer in enumerate(ANSWERS):
        columns[answer] = pa.array(shown[:, number], pa.int64(), mask=hidden[:, number] | absent)
    columns["suppressed"] = pa.array(np.any(hidden, axis=1), pa.bool_())
    columns["status"] = _labels(("ok", "column_absent"), absent.astype(np.int32))
    return pa.Table.from_arrays(list(columns.values()), names=list(columns))


class _Layout:
    """Which rows there can be, in order: groups are cohorts by answer, places are indicators.

    Everyone is among both, reported or not: what is hidden depends on what adds up to them.
    """

    def __init__(self, counts: CohortCounts, plan: Plan) -> None:
        cohorts = plan.cohorts if "everyone" in plan.cohorts else ("everyone", *plan.cohorts)
        names = [indicator.name for indicator in plan.reported]
        self.group_names = [(cohort, answer) for cohort in cohorts for answer in (range(1) if cohort == "everyone" else range(3))]
        self.cohorts = tuple(cohort for cohort, _ in self.group_names)
        self.answers = tuple(ANSWERS[answer] for _, answer in self.group_names)
        self.reported_groups = np.array([cohort in plan.cohorts for cohort in self.cohorts], np.bool_)
        self.names = tuple(names if "everyone" in names else ["everyone", *names])
        self.reported = np.array([name in names for name in self.names], np.bool_)
        self.absent = np.array([name in plan.absent for name in self.names], np.bool_)
        #: (groups, 2) int64: place of the cohort among those counted, and which answer of it.
        self.groups = np.array([(counts.cohorts.index(cohort), answer) for cohort, answer in self.group_names], np.int64)
        #: Place of each indicator among those counted; an absent one has that of "everyone", to say where people are.
        self.places = np.array(
            [counts.indicators.index("everyone" if gone else name) for name, gone in zip(self.names, self.absent, strict=True)],
            np.int64,
        )


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


def _labels(labels: tuple[str, ...], places: npt.NDArray[np.integer[Any]]) -> ArrowArray:
    """Text by place in a list of labels."""
    indices = pa.array(places.astype(np.int32), pa.int32())
    texts: ArrowArray = pa.DictionaryArray.from_arrays(indices, pa.array(labels, pa.string())).cast(pa.string())
    return texts
