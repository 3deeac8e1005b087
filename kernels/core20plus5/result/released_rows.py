"""From a plan and its exact rows to released ones: what `disclosure` needs to know of a request."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from core20plus5.disclosure import Policy
from core20plus5.disclosure.imagined import Setting
from core20plus5.disclosure.links import Links, find_links
from core20plus5.disclosure.release import ExactRows, Released, release, round_counts
from core20plus5.disclosure.sensitive import all_or_none
from core20plus5.flags import Plan
from core20plus5.records import COLUMNS

Labels = Mapping[str, tuple[Sequence[str], npt.NDArray[np.int64]]]


def release_rows(
    plan: Plan,
    policy: Policy,
    groups: Sequence[tuple[str, int]],
    indicators: Sequence[str],
    where: npt.NDArray[np.int32],
    exact: npt.NDArray[np.int64],
    labels: Labels,
) -> Released:
    """Release exact rows, in their order.

    groups: cohort and number of the answer (in yes, no, unknown); indicators: names; "everyone" is among both, shown or not, and
    what is shown is what the plan reports. where: int32 (rows, 3), numbers of stratum, group and indicator, strata never falling;
    exact: int64 (rows, 3), yes, no, unknown, 0 where an indicator is not answered; labels: per stratum column, its labels and
    their place in each stratum.
    """
    if policy.exact or not len(where):
        return Released(*round_counts(exact, policy))
    links = plan_links(plan)
    answered = np.array([name not in plan.absent for name in indicators], np.bool_)[where[:, 2]]
    group_places = np.array([_place(links.groups, group) for group in groups], np.int32)
    indicator_places = np.array([_place(links.indicators, name) for name in indicators], np.int32)
    places = np.stack([group_places[where[:, 1]], indicator_places[where[:, 2]]], axis=1)[answered]
    rows = ExactRows(where[answered, 0].astype(np.int64), places, exact[answered], labels)
    shown = {indicator.name for indicator in plan.reported}
    released = release(
        rows,
        policy,
        links,
        np.array([cohort in plan.cohorts for cohort, _ in links.groups], np.bool_),
        np.array([name in shown for name in links.indicators], np.bool_),
        all_or_none(rows, links, plan.request.ruleset),
    )
    numbers, hidden = np.zeros_like(exact), np.zeros(exact.shape, np.bool_)
    numbers[answered], hidden[answered] = released.shown, released.hidden
    return Released(numbers, hidden, released.roomy)


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
