"""The exit: counts become publishable numbers here, or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from core20plus5.disclosure.exactly import prove
from core20plus5.disclosure.links import Links
from core20plus5.disclosure.policies import Policy
from core20plus5.errors import TooManyCellsError
from core20plus5.kernels.protection import make_desk, protect
from core20plus5.kernels.witnesses import FAR, FREE, make_room
from core20plus5.parallel import Workers, own_workers

#: Rows of a table that can be released: that many take half a minute.
MAX_ROWS = 5_000_000

#: How hard to look for a proof, attempt by attempt; the last assumes that nobody tells which hidden counts are small. Moves of
#: one search where nothing more is hidden and where it may be, relations that are compared, searches, and how many of them look
#: only one move ahead.
PATIENCE = np.array([[60, 300, 12, 4, 2], [60, 1500, 32, 64, 0], [60, 1500, 32, 64, 0]], np.int64)

#: Moves of all searches in a table, and the most for each row of a stratum; with less than the least no search is made.
MOVES, LEAST_MOVES, MOST_MOVES = 4_000_000, 150, 300

#: What integer programming may be asked about a table, in equal shares for its strata; those that need more show only counts
#: that leave room.
QUESTIONS = 40

#: Counts that the search may leave to it in a stratum: more of them are seldom settled.
FEW = 3

Counts = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ExactRows:
    """Exact counts before release, sorted by stratum; a row that is not there is 0, 0, 0.

    stratum: int64 (rows,), numbers from 0 that never fall; where: int32 (rows, 2), number of the group and of the indicator, as
    in `Links`; counts: int64 (rows, 3), yes, no and unknown; labels: per stratum column its labels, and their place by stratum.
    """

    stratum: npt.NDArray[np.int64]
    where: npt.NDArray[np.int32]
    counts: Counts
    labels: Mapping[str, tuple[Sequence[str], npt.NDArray[np.int64]]]


@dataclass(frozen=True)
class Released:
    """What may be shown. shown: int64 (rows, 3), 0 where hidden; hidden: bool (rows, 3).

    roomy: strata of which only counts are shown that leave room, see `kernels.protection.leave_room`.
    """

    shown: Counts
    hidden: Marks
    roomy: int = 0


def check_rows(rows: int) -> None:
    """Raises TooManyCellsError for more rows than can be released with a policy that hides counts."""
    if rows > MAX_ROWS:
        raise TooManyCellsError(
            f"disclosure: the table has more than the {MAX_ROWS} rows that can be released: leave out a stratum, or name fewer"
            " cohorts or indicators"
        )


def round_counts(counts: Counts, policy: Policy) -> tuple[Counts, Marks]:
    """A policy count by count: the numbers to show, and which are hidden (0 stands there)."""
    hidden = (counts >= policy.hidden_from) & (counts <= policy.hidden_to)
    # Whole-number arithmetic: rounding never meets a tie, and never a floating-point error.
    if policy.rounding == "midpoint":
        shown = (counts + policy.base - 1) // policy.base * policy.base - policy.base // 2 * (counts > 0)
    else:
        shown = (counts + policy.base // 2) // policy.base * policy.base
    return np.where(hidden, 0, shown), hidden


def known_limits(counts: Counts, policy: Policy) -> tuple[Counts, Counts]:
    """The least and the largest count that would be shown, or hidden, just the same."""
    shown, hidden = round_counts(counts, policy)
    if policy.rounding == "midpoint":
        low, high = shown - policy.base // 2 + 1, shown + policy.base // 2
    else:
        low, high = np.maximum(shown - policy.base // 2, policy.hidden_to + 1), shown + (policy.base - 1) // 2
    low, high = np.where(counts == 0, 0, low), np.where(counts == 0, 0, high)
    return np.where(hidden, policy.hidden_from, low), np.where(hidden, policy.hidden_to, high)


def release(
    rows: ExactRows,
    policy: Policy,
    links: Links,
    shown_groups: Marks,
    shown_indicators: Marks,
    also_hidden: Marks | None = None,
    workers: Workers | None = None,
) -> Released:
    """Apply a policy, and hide as many further counts as it takes that no protected one can be narrowed down.

    shown_groups, shown_indicators: which of those in `links` the reply shows; also_hidden: bool (rows, 3), hidden in any case.
    Raises TooManyCellsError beyond MAX_ROWS.
    """
    shown, hidden = round_counts(rows.counts, policy)
    if policy.exact:
        return Released(shown, hidden)
    check_rows(len(rows.counts))
    low, high = known_limits(rows.counts, policy)
    if also_hidden is not None:
        small = also_hidden & ~hidden
        low, high = np.where(small, np.minimum(rows.counts, 1), low), np.where(small, FREE, high)
        hidden |= also_hidden
    visible = (shown_groups[rows.where[:, 0]] & shown_indicators[rows.where[:, 1]])[:, None]
    protected = (rows.counts >= 1) & (rows.counts <= policy.protected_to) & visible
    cells = np.where((shown_groups[:, None] & shown_indicators[None, :])[:, :, None], links.cells[:, :, :3], -1)
    shown_as = np.bincount(cells[cells >= 0], minlength=links.variables).astype(np.int64)
    with own_workers(workers) as own:
        roomy = _protect(rows, links, (low, high, hidden, protected, shown_as), own)
    return Released(np.where(hidden, 0, shown), hidden, roomy)


def _protect(rows: ExactRows, links: Links, known: tuple[npt.NDArray[Any], ...], workers: Workers) -> int:
    """Hide further counts, stratum by stratum; returns in how many strata only counts that leave room are shown."""
    strata = int(rows.stratum[-1]) + 1 if len(rows.stratum) else 0
    row_starts = np.searchsorted(rows.stratum, np.arange(strata + 1))
    effort = min(MOVES // max(len(rows.counts), 1), MOST_MOVES)
    unsafe = np.ones(strata, np.int64)
    table = (row_starts, rows.where, rows.counts, *known, *_ruled_out(rows, links, strata), unsafe)

    def work(first: int, last: int, moves: int) -> tuple[Any, Any]:
        room = make_room(links.variables, len(links.at_least))  # type: ignore[no-untyped-call]
        desk = make_desk(links.variables, len(links.at_least), len(links.terms))  # type: ignore[no-untyped-call]
        protect(first, last, table, links.linked, moves, PATIENCE, room, desk)
        return room, desk

    def search(stratum: int) -> None:
        room, desk = work(stratum, stratum + 1, effort)
        if 0 < unsafe[stratum] <= FEW and prove(desk, int(room[6][2]), room[5], FAR, QUESTIONS // strata):
            some = slice(row_starts[stratum], row_starts[stratum + 1])
            variables = links.cells[rows.where[some, 0], rows.where[some, 1], :3]
            known[2][some] |= (variables >= 0) & desk[5][variables]
            unsafe[stratum] = 0
        if unsafe[stratum] > 0:
            work(stratum, stratum + 1, 0)

    if effort >= LEAST_MOVES:
        done = workers.in_order(search, range(strata))
    else:
        edges = np.unique(np.linspace(0, strata, 8 * workers.threads + 1).astype(np.int64)).tolist()
        done = workers.in_order(lambda some: work(*some, 0) and None, pairwise(edges))
    for _ in done:
        pass
    return int((unsafe < 0).sum())


def _ruled_out(rows: ExactRows, links: Links, strata: int) -> tuple[Marks, npt.NDArray[np.int32]]:
    """What the label of a stratum rules out, as sets of variables, and the sets of each stratum; set 0 is empty."""
    sets = [np.zeros(links.variables, np.bool_)]
    by = np.zeros((strata, len(rows.labels)), np.int32)
    for column, (name, (labels, places)) in enumerate(rows.labels.items()):
        numbers = np.zeros(len(labels), np.int32)
        for place, label in enumerate(labels):
            found = links.impossible(name, label)
            if found.any():
                numbers[place] = len(sets)
                sets.append(found)
        by[:, column] = numbers[places[:strata]]  # the last ones may have no counts at all
    return np.stack(sets), by
