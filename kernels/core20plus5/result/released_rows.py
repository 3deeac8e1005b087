"""From a plan and its exact rows to released ones: what `disclosure` needs to know of a request."""

from collections.abc import Mapping, Sequence

import numpy as np

from core20plus5.disclosure import Policy
from core20plus5.disclosure.imagined import Setting
from core20plus5.disclosure.links import Links, find_links
from core20plus5.disclosure.release import ExactRows, Released, release
from core20plus5.disclosure.sensitive import all_or_none
from core20plus5.flags import Plan
from core20plus5.parallel import Workers
from core20plus5.records import COLUMNS
from core20plus5.result.layout import Indexes, Layout, Places

Labels = Mapping[str, tuple[Sequence[str], Indexes]]


def release_rows(
    plan: Plan, policy: Policy, layout: Layout, where: Places, exact: Indexes, labels: Labels, workers: Workers
) -> Released:
    """Release rows, in their order. The layout has everyone among groups and indicators, shown or not.

    where: int32 (3, rows), numbers of stratum, group and place, strata never falling; exact: int64 (3, rows), yes, no, unknown;
    labels: per stratum column, its labels and their place in each stratum. An indicator that is not answered has nothing hidden.
    """
    links = plan_links(plan)
    answered = np.logical_not(layout.absent[where[2]])
    group_places = np.array([_place(links.groups, group) for group in layout.groups], np.int32)
    indicator_places = np.array([_place(links.indicators, name) for name in layout.names], np.int32)
    stratum, group, place = where[:, answered]
    places = np.stack([group_places[group], indicator_places[place]], axis=1)
    rows = ExactRows(stratum.astype(np.int64), places, np.ascontiguousarray(exact[:, answered].T), labels)
    named = {indicator.name for indicator in plan.reported}
    released = release(
        rows,
        policy,
        links,
        np.array([cohort in plan.cohorts for cohort, _ in links.groups], np.bool_),
        np.array([name in named for name in links.indicators], np.bool_),
        all_or_none(rows, links, plan.request.ruleset),
        workers,
    )
    shown, hidden = np.zeros(exact.shape[::-1], np.int64), np.zeros(exact.shape[::-1], np.bool_)
    shown[answered], hidden[answered] = released.shown, released.hidden
    return Released(shown, hidden, released.roomy)


def plan_links(plan: Plan) -> Links:
    """How the counts of a request are linked."""
    optional = {column.name for column in COLUMNS.values() if column.optional}
    setting = Setting(
        plan.request.reference_date,
        plan.indicators,
        plan.request.parameters,
        plan.plus_groups,
        frozenset(optional - plan.present),
    )
    answered = [indicator.name for indicator in plan.reported if indicator.name not in plan.absent]
    return find_links(setting, plan.cohorts, answered)


def _place(known: Sequence[object], wanted: object) -> int:
    """Where something is in a list, or -1: an indicator that is not answered, an answer that nobody can give."""
    return known.index(wanted) if wanted in known else -1
