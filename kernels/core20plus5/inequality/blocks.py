"""Rows of the table before they are put together: what each is of, its value, and the reasons for what is not there."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from core20plus5.inequality.cells import Cells, Codes, Grouping
from core20plus5.inequality.intervals import Interval, Numbers

Truth = npt.NDArray[np.bool_]
Reasons = npt.NDArray[np.int8]

#: Why a row has no value, or a value and no verdict. The code of a reason is its place here.
REASONS = (
    "",
    "column_absent",
    "hidden",
    "no_one",
    "group_below_min_base",
    "reference_below_min_base",
    "too_many_unknown",
    "zero_reference",
    "empty_quantile",
    "not_positive",
    "empty_age_band",
    "below_min_events",
    # From here on the value stands, and only its verdict is withheld.
    "prevalence",
    "no_direction",
    "no_target",
    "below_min_base",
)
REASON = {name: np.int8(code) for code, name in enumerate(REASONS)}
#: The first reason that withholds a verdict and no value.
WITHOUT_VERDICT = REASON["prevalence"]
VERDICTS = ("", "worse", "no_clear_difference", "better", "target_not_met", "near_target", "target_met")
VERDICT = {name: np.int8(code) for code, name in enumerate(VERDICTS)}


@dataclass
class Block:
    """Rows of one statistic. rows: places of the cells that they are of; over: the stratum that they run or compare along."""

    statistic: str
    rows: Codes
    value: Numbers
    limits: Interval
    reason: Reasons
    people: Numbers
    unknown_share: Numbers
    over: str | None = None
    against: str | None = None
    reference_people: Numbers | None = None
    runs_over: bool = False
    standard_share: Numbers | None = None
    verdict: Reasons = field(default_factory=lambda: np.empty(0, np.int8))


@dataclass(frozen=True)
class Facts:
    """About the indicator of each cell. sign: 1 where higher is better, -1 where lower is, 0 where neither; target: NaN for none;
    prevalence: how many have something, not how they are cared for."""

    sign: Numbers
    target: Numbers
    prevalence: Truth


def judge_gap(gap: Block, sign: Numbers, prevalence: Truth) -> None:
    """Give verdicts: worse or better where the interval leaves 0 out, and the indicator says which way is better."""
    low, high = gap.limits
    sure = np.select([low > 0, high < 0], [1, -1], 0) * sign
    gap.verdict = (VERDICT["no_clear_difference"] + sure).astype(np.int8)
    withhold_verdict(gap, prevalence=prevalence, no_direction=sign == 0)


def along(cells: Cells, grouping: Grouping, rows: Codes, labels: tuple[str, ...]) -> Codes:
    """The places of the cells of each row's group along a stratum: int64 (rows, labels)."""
    return np.stack([grouping.find(rows, cells.answer[rows], label) for label in labels], axis=1).reshape(len(rows), len(labels))


def people_with(cells: Cells, grouping: Grouping, rows: Codes, label: str) -> Numbers:
    """People with a known answer in the cell like each row's but with this label: float64 (rows,)."""
    return cells.people[grouping.find(rows, cells.answer[rows], label)]


def share_of(part: Numbers, rest: Numbers) -> Numbers:
    """part / (part + rest); NaN where a number is hidden or there is no one."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return part / (part + rest)


def first_reason(**conditions: Truth) -> Reasons:
    """The first reason that applies to each row, in the order given."""
    return np.select(list(conditions.values()), [REASON[name] for name in conditions], REASON[""]).astype(np.int8)


def or_reason(reason: Reasons, **conditions: Truth) -> Reasons:
    """The reason that a row has already, else another one."""
    return np.where(reason != REASON[""], reason, first_reason(**conditions)).astype(np.int8)


def withhold_verdict(block: Block, **conditions: Truth) -> None:
    """Take back verdicts, and say why where the value has no reason of its own."""
    judged = block.reason == REASON[""]
    why = first_reason(**conditions)
    block.verdict = np.where(judged & (why == REASON[""]), block.verdict, VERDICT[""]).astype(np.int8)
    block.reason = np.where(judged, why, block.reason).astype(np.int8)
