"""From the compact counts to the tidy table, through the disclosure policy."""

from collections.abc import Iterable, Iterator
from itertools import accumulate

import numpy as np
import pyarrow as pa

from core20plus5.cohorts import CohortCounts
from core20plus5.disclosure import Policy
from core20plus5.disclosure.release import check_rows
from core20plus5.flags import Plan
from core20plus5.parallel import Workers, own_workers
from core20plus5.result.layout import Found, Indexes, Layout, Marks, Places
from core20plus5.result.released_rows import release_rows
from core20plus5.strata.values import LABELS, UNKNOWN

#: Rows that a batch can have, about a third of which are populated: little memory, which the next one has again. Ten times as
#: many, whose arrays come in large pages, were no faster, and the first such table of a process took far longer.
_ROWS_TOGETHER = 1 << 18

#: Strata up to which there is no need to share out the work.
_FEW_STRATA = 64


def counts_batches(counts: CohortCounts, plan: Plan, policy: Policy, workers: Workers | None = None) -> Iterator[pa.RecordBatch]:
    """The released counts, some strata at a time and one batch at least: a row for each stratum, cohort, cohort answer and
    indicator that applies to someone there.

    Raises TooManyCellsError, before the first, for more rows than a policy that hides counts can release.
    """
    order = _stratum_order(counts)
    layout = Layout(counts, plan, with_everyone=not policy.exact)
    with own_workers(workers) as own:
        spread = max(_FEW_STRATA, len(order) // (4 * own.threads))
        together = min(max(1, _ROWS_TOGETHER // layout.most_rows), spread)
        parts = [order[start : start + together] for start in range(0, len(order), together)] or [order]
        if policy.exact:
            yield from own.in_order(layout.exact_rows, parts)
            return
        # What is hidden in a table depends on all of it: first every number, then the texts.
        found = list(_few_enough(layout, own.in_order(layout.find, parts)))
        pieces = _released(layout, plan, policy, order, found, own)
        yield from own.in_order(lambda piece: layout.rows(*piece), pieces)


def _few_enough(layout: Layout, parts: Iterable[Found]) -> Iterator[Found]:
    """What is found, refused as soon as it is more than can be released."""
    rows = 0
    for part in parts:
        rows += layout.answered(part[1])
        check_rows(rows)
        yield part


def _released(
    layout: Layout, plan: Plan, policy: Policy, order: Indexes, found: list[Found], workers: Workers
) -> Iterator[tuple[Indexes, Places, Indexes, Marks]]:
    """The rows to show, part by part: strata, where, the numbers to show and which are hidden."""
    sizes = [len(strata) for strata, _, _ in found]
    first = [np.array([[before], [0], [0]], np.int32) for before in accumulate(sizes[:-1], initial=0)]
    everywhere = np.concatenate([part + start for (_, part, _), start in zip(found, first, strict=True)], axis=1)
    exact = np.concatenate([part for _, _, part in found], axis=1)
    released = release_rows(plan, policy, layout, everywhere, exact, layout.labels(order), workers)
    end = 0
    for strata, part, _ in found:
        start, end = end, end + part.shape[1]
        asked = layout.asked(part)
        where, shown, hidden = part[:, asked], released.shown[start:end][asked], released.hidden[start:end][asked]
        yield strata, np.ascontiguousarray(where), shown.T, hidden.T


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
