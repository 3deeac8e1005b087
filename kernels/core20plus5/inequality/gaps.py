"""Rates against their target, and gaps between groups that are known apart."""

from dataclasses import dataclass

import numpy as np

from core20plus5.inequality import intervals
from core20plus5.inequality.blocks import (
    VERDICT,
    Block,
    Facts,
    Reasons,
    first_reason,
    judge_gap,
    or_reason,
    people_with,
    share_of,
    withhold_verdict,
)
from core20plus5.inequality.cells import NO, UNKNOWN, YES, Cells, Codes
from core20plus5.inequality.intervals import Numbers
from core20plus5.inequality.rules import Rules
from core20plus5.records import ETHNIC_GROUPS

#: The group that others are held against, and the groups, by the stratum that has them.
REFERENCES = {"ethnic_group": "White", "ethnic_category": "A"}
GROUPS = {
    "ethnic_group": tuple(dict.fromkeys(name for code, name in ETHNIC_GROUPS.items() if code not in ("Z", "99"))),
    "ethnic_category": tuple(code for code in ETHNIC_GROUPS if code not in ("Z", "99")),
}


def rates(cells: Cells, facts: Facts, rules: Rules) -> Block:
    """The share of yes among known answers of every cell, with its verdict against the target."""
    rows = np.arange(cells.rows)
    yes, people, absent = cells.yes[rows], cells.people[rows], cells.absent[rows]
    asked = people + cells.unknown[rows]
    with np.errstate(invalid="ignore", divide="ignore"):
        share, unknown = yes / people, cells.unknown[rows] / asked
    reason = first_reason(column_absent=absent, hidden=np.isnan(people), no_one=people == 0)
    low, high = intervals.wilson(yes, people)
    block = Block("rate", rows, share, (low, high), reason, people, unknown)
    target, sign = facts.target[rows], facts.sign[rows]
    worst, best = np.where(sign < 0, -high, low), np.where(sign < 0, -low, high)
    sure = np.select([worst >= sign * target, best < sign * target], [1, -1], 0)
    block.verdict = (VERDICT["near_target"] + sure).astype(np.int8)
    withhold_verdict(block, no_target=np.isnan(target) | (sign == 0), below_min_base=people < rules.min_base)
    return block


def cohort_gaps(cells: Cells, facts: Facts, rules: Rules) -> list[Block]:
    """Each cohort's people against those known not to be in it, in the same stratum."""
    grouping = cells.grouping()
    rows = np.flatnonzero((cells.answer == YES) & (cells.cohort.codes != cells.cohort.code("everyone")))
    reference, unplaced = (grouping.find(rows, answer) for answer in (NO, UNKNOWN))
    placed = cells.people[rows] + cells.people[reference]
    unknown = share_of(cells.people[unplaced], placed)
    return _gaps(cells, facts, rules, _Pair(rows, reference, unknown, "cohort", "no"))


def group_gaps(cells: Cells, facts: Facts, rules: Rules, over: str) -> list[Block]:
    """Each ethnic group against the reference group, in the same stratum otherwise."""
    grouping, column = cells.grouping(over), cells.columns[over]
    others = [column.code(label) for label in GROUPS[over] if label != REFERENCES[over]]
    rows = np.flatnonzero(np.isin(column.codes, others))
    reference = grouping.find(rows, cells.answer[rows], REFERENCES[over])
    placed = sum((people_with(cells, grouping, rows, label) for label in GROUPS[over]), np.zeros(len(rows)))
    unplaced = [label for label in column.labels if label not in GROUPS[over]]
    unknown = sum((people_with(cells, grouping, rows, label) for label in unplaced), np.zeros(len(rows)))
    return _gaps(cells, facts, rules, _Pair(rows, reference, share_of(unknown, placed), over, REFERENCES[over]))


@dataclass(frozen=True)
class _Pair:
    rows: Codes
    reference: Codes
    unknown_share: Numbers
    over: str
    against: str


def _gaps(cells: Cells, facts: Facts, rules: Rules, pair: _Pair) -> list[Block]:
    """gap, ratio and people_to_close_gap of each pair of cells."""
    rows, other = pair.rows, pair.reference
    people, others = cells.people[rows], cells.people[other]
    reason = first_reason(
        column_absent=cells.absent[rows],
        hidden=np.isnan(people + others),
        no_one=people == 0,
        group_below_min_base=people < rules.min_base,
        reference_below_min_base=others < rules.min_base,
        too_many_unknown=pair.unknown_share > rules.max_unknown_share,
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        share, reference = cells.yes[rows] / people, cells.yes[other] / others
        ratio = share / reference
    limits, other_limits = intervals.wilson(cells.yes[rows], people), intervals.wilson(cells.yes[other], others)
    low, high = intervals.difference(share, limits, reference, other_limits)
    sign = facts.sign[rows]
    gap = Block("gap", rows, share - reference, (low, high), reason, people, pair.unknown_share)
    judge_gap(gap, sign, facts.prevalence[rows])
    zero = or_reason(reason, zero_reference=reference == 0)
    ratio_limits = intervals.ratio(share, limits, reference, other_limits)
    blocks = [gap, Block("ratio", rows, ratio, ratio_limits, zero, people, pair.unknown_share), _to_close(gap, reason, sign)]
    for block in blocks:
        block.over, block.against = pair.over, pair.against
        block.reference_people = others if block.statistic != "people_to_close_gap" else others[sign != 0]
    return blocks


def _to_close(gap: Block, reason: Reasons, sign: Numbers) -> Block:
    """How many more people of the group would need the better answer for its share to be that of the reference; 0 if it is no
    worse. Of what has a direction only."""
    directed = sign != 0
    people, sign = gap.people[directed], sign[directed]
    at, one, two = (np.rint(np.maximum(0, -sign * shift[directed] * people)) for shift in (gap.value, *gap.limits))
    lower, upper = np.fmin(one, two), np.fmax(one, two)
    unknown = gap.unknown_share[directed]
    return Block("people_to_close_gap", gap.rows[directed], at, (lower, upper), reason[directed], people, unknown)
