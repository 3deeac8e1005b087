"""What runs over a whole stratum: slopes over quantiles of deprivation, standardised rates over age bands."""

import numpy as np

from core20plus5.inequality.blocks import (
    REASON,
    WITHOUT_VERDICT,
    Block,
    Facts,
    along,
    first_reason,
    judge_gap,
    or_reason,
    people_with,
    share_of,
)
from core20plus5.inequality.cells import NO, UNKNOWN, YES, Cells, Codes, Grouping
from core20plus5.inequality.intervals import Numbers
from core20plus5.inequality.rules import ESP2013, Z95, Rules
from core20plus5.inequality.slope import slope_index
from core20plus5.inequality.standardise import standardised

#: The quantiles of deprivation, from the most to the least deprived.
QUANTILES = {"imd_quintile": tuple("12345"), "imd_decile": tuple(str(decile) for decile in range(1, 11))}
AGE_BANDS = "age_band_5y"


def slopes(cells: Cells, facts: Facts, over: str) -> list[Block]:
    """Slope and relative index of inequality over deciles or quintiles."""
    grouping = cells.grouping(over)
    rows = grouping.representatives()
    places = along(cells, grouping, rows, QUANTILES[over])
    yes, people = cells.yes[places], cells.people[places]
    unplaced = sum(
        (people_with(cells, grouping, rows, label) for label in cells.columns[over].labels if label not in QUANTILES[over]),
        np.zeros(len(rows)),
    )
    total = people.sum(axis=1)
    reason = first_reason(
        column_absent=cells.absent[rows],
        hidden=np.isnan(total),
        no_one=total == 0,
        empty_quantile=(people == 0).any(axis=1),
    )
    line = slope_index(yes, people)
    unknown = share_of(unplaced, total)
    sii = Block("sii", rows, line.sii, line.sii_limits, reason, total, unknown, over, runs_over=True)
    judge_gap(sii, -facts.sign[rows], facts.prevalence[rows])  # above 0 the least deprived have more
    lines = or_reason(reason, not_positive=np.isnan(line.rii))
    rii = Block("rii", rows, line.rii, line.rii_limits, lines, total, unknown, over, runs_over=True)
    return [sii, rii]


def standardised_rates(cells: Cells, facts: Facts, rules: Rules) -> list[Block]:
    """Age-standardised prevalences, and the gap and ratio of each cohort's against that of people known not to be in it.

    Bands whose counts are hidden are left out, on both sides of a comparison, and `standard_share` tells how much of the standard
    population is left.
    """
    grouping = cells.grouping(AGE_BANDS)
    rows = grouping.representatives()
    rows = rows[facts.prevalence[rows]]
    places = along(cells, grouping, rows, tuple(ESP2013))
    yes, people = cells.yes[places], cells.people[places]
    hidden = np.isnan(people)
    other = _place(cells, grouping, rows, rows, np.array([NO, YES, -1])[cells.answer[rows]])
    hidden |= np.where((other >= 0)[:, None], hidden[other], False)
    standard = _standard(cells)[cells.indicator.codes[rows]]
    weights = np.where(hidden, 0, standard)
    used = weights > 0
    total = np.where(used, people, 0).sum(axis=1)
    covered = share_of(weights.sum(axis=1), np.where(hidden, standard, 0).sum(axis=1))
    value, variance, limits = standardised(yes, people, weights)
    reason = first_reason(
        column_absent=cells.absent[rows],
        hidden=covered < rules.min_standard_share,
        no_one=total == 0,
        empty_age_band=(used & (people == 0)).any(axis=1),
        below_min_events=np.where(used, yes, 0).sum(axis=1) < rules.min_events,
        no_direction=np.ones(len(rows), np.bool_),
    )
    ageless = [label for label in cells.columns[AGE_BANDS].labels if label not in ESP2013]
    no_age = sum((people_with(cells, grouping, rows, label) for label in ageless), np.zeros(len(rows)))
    rate = Block("standardised_rate", rows, value, limits, reason, total, share_of(no_age, total), AGE_BANDS, runs_over=True)
    rate.standard_share = covered
    return [rate, *_standardised_gaps(cells, grouping, rate, variance, rules)]


def _standardised_gaps(cells: Cells, grouping: Grouping, rate: Block, variance: Numbers, rules: Rules) -> list[Block]:
    mine = np.flatnonzero((cells.answer[rate.rows] == YES) & (cells.cohort.codes[rate.rows] != cells.cohort.code("everyone")))
    rows = rate.rows[mine]
    other, unplaced = (_place(cells, grouping, rate.rows, rows, answer) for answer in (NO, UNKNOWN))
    # The last place is of nobody, for a group that is not there.
    value, variance, people = (
        np.append(column, last) for column, last in ((rate.value, np.nan), (variance, 0), (rate.people, 0))
    )
    valueless = np.append(np.where(rate.reason < WITHOUT_VERDICT, rate.reason, REASON[""]), REASON["no_one"])
    others = people[other]
    unknown = share_of(people[unplaced], people[mine] + others)
    reason = np.where(valueless[mine] != REASON[""], valueless[mine], valueless[other])
    reason = or_reason(reason, too_many_unknown=unknown > rules.max_unknown_share, no_direction=np.ones(len(mine), np.bool_))
    one, two = value[mine], value[other]
    with np.errstate(invalid="ignore", divide="ignore"):
        reach = Z95 * np.sqrt(variance[mine] + variance[other])
        spread = np.exp(Z95 * np.sqrt(variance[mine] / one**2 + variance[other] / two**2))
        ratio = one / two
    made = [
        Block("standardised_gap", rows, one - two, (one - two - reach, one - two + reach), reason, people[mine], unknown),
        Block("standardised_ratio", rows, ratio, (ratio / spread, ratio * spread), reason, people[mine], unknown),
    ]
    for block in made:
        block.over, block.against, block.reference_people, block.runs_over = AGE_BANDS, "no", others, True
        block.standard_share = None if rate.standard_share is None else rate.standard_share[mine]
    return made


def _place(cells: Cells, grouping: Grouping, among: Codes, rows: Codes, answer: int | Codes) -> Codes:
    """The place in `among` of the group like each row's but with this answer to its cohort; -1 where there is none."""
    groups = grouping.key[among] * 3 + cells.answer[among]
    order = np.argsort(groups)
    wanted = np.where(np.asarray(answer) < 0, -1, grouping.key[rows] * 3 + answer)
    near = np.minimum(np.searchsorted(groups[order], wanted), max(len(order) - 1, 0))
    return np.where(groups[order][near] == wanted, order[near], -1) if len(order) else np.full(len(rows), -1, np.int64)


def _standard(cells: Cells) -> Numbers:
    """The standard population of each indicator, float64 (indicators, bands): of the ages at which anyone is asked."""
    column = cells.columns[AGE_BANDS]
    asked = np.zeros((max(1, len(cells.indicator.labels)), len(ESP2013)))
    for band, label in enumerate(ESP2013):
        asked[cells.indicator.codes[column.codes == column.code(label)], band] = ESP2013[label]
    return asked
