"""The table of completeness: what the blocks tallied and what the counts tell, released."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from core20plus5.cohorts import CohortCounts
from core20plus5.cohorts.counts import Counts
from core20plus5.completeness.protect import protect
from core20plus5.completeness.states import AFTER, STATES
from core20plus5.disclosure import Policy
from core20plus5.expressions import columns_of
from core20plus5.flags import Plan
from core20plus5.records import ORGANISATIONS
from core20plus5.rulesets import Indicator

#: Indicators that ask whether something is recorded, and the column that they ask about.
_RECORDED = {"cancer_staged": "cancer_stage", "hypertension_bp_recorded": "bp_date"}

Labels = tuple[str, ...]


def completeness_table(counts: CohortCounts, plan: Plan, policy: Policy) -> pa.Table:
    """A row for each state of each column and, where organisations are among the strata, of each organisation:

    * the organisation columns;
    * column: of the record; `age` and `deprivation` stand for the columns that they come from;
    * among: of whom: `everyone` counted, or the people of an indicator (`cancer` for the stage, `hypertension` for the date of
      the blood pressure: is there one in the ruleset's window);
    * state: `known`, `missing`; of codes also `not_stated`, `not_known`, `invalid`; of deprivation, why there is no decile;
      `column_absent` where the column was not sent; `after_reference_date`, which a date can be besides;
    * people, of: int64, released by the policy of the counts, null where hidden; the people of this state, and all of them;
    * share: people / of.
    """
    names = [name for name in counts.strata if name in ORGANISATIONS]
    answers = counts.everyone()
    everyone = _by_organisation(counts, answers, "everyone")
    tallied = counts.ledger.completeness
    later = sorted({column for column, state, _ in tallied if state == AFTER})
    counted = list(_counted(counts, answers, plan))
    rows: list[tuple[Labels, str, str, str]] = []
    exact: list[tuple[int, int]] = []
    for labels in sorted(everyone):
        total = everyone[labels][0]
        parts: list[tuple[str, str, dict[str, int]]] = [
            (column, "everyone", {state: tallied[column, state, labels] for state in states}) for column, states in STATES.items()
        ]
        parts += [(column, among, found[labels]) for column, among, found in counted if labels in found]
        for column, among, found in parts:
            of = sum(found.values())
            kept = {state: people for state, people in found.items() if people or state in ("known", "missing")}
            rows += [(labels, column, among, state) for state in kept]
            exact += [(people, of) for people in kept.values()]
        rows += [(labels, column, "everyone", AFTER) for column in later if tallied[column, AFTER, labels]]
        exact += [(tallied[column, AFTER, labels], total) for column in later if tallied[column, AFTER, labels]]
    return _table(names, rows, np.array(exact, np.int64).reshape(-1, 2), policy)


def _counted(counts: CohortCounts, answers: Counts, plan: Plan) -> Iterator[tuple[str, str, dict[Labels, dict[str, int]]]]:
    """Columns of which the counts tell the completeness: what an indicator about one column alone could not answer."""
    for indicator in plan.indicators:
        among = indicator.texts.get("among", "everyone").strip()
        if indicator.name in _RECORDED:
            found = _by_organisation(counts, answers, indicator.name)
            yield _RECORDED[indicator.name], among, {key: {"known": yes, "missing": no} for key, (yes, no, _) in found.items()}
        elif column := _only_column(indicator):
            found = _by_organisation(counts, answers, indicator.name)
            yield column, among, {key: {"known": yes + no, "missing": gone} for key, (yes, no, gone) in found.items()}


def _only_column(indicator: Indicator) -> str | None:
    """The column that a PLUS group, or whether someone smokes, is read from; those that are tallied themselves are left out."""
    if not (indicator.is_plus or indicator.name == "smoker"):
        return None
    columns = columns_of(indicator.where)
    return next(iter(columns)) if len(columns) == 1 and not columns & set(STATES) else None


def _by_organisation(counts: CohortCounts, everyone: Counts, indicator: str) -> dict[Labels, list[int]]:
    """Exact yes, no and unknown of everyone, by organisation, where the indicator applies to someone."""
    chosen = [place for place, name in enumerate(counts.strata) if name in ORGANISATIONS]
    start = 3 * counts.indicators.index(indicator)
    answers = everyone[:, start : start + 3]
    found: dict[Labels, Any] = {}
    for members, row in zip(counts.members[:, chosen].tolist(), answers.tolist(), strict=True):
        labels = tuple(counts.labels[place][code] for place, code in zip(chosen, members, strict=True))
        found.setdefault(labels, Counter()).update(dict(enumerate(row)))
    sums = {labels: [sums[answer] for answer in range(3)] for labels, sums in found.items()}
    return {labels: row for labels, row in sums.items() if sum(row)}


def _table(names: list[str], rows: list[tuple[Labels, str, str, str]], exact: Any, policy: Policy) -> pa.Table:
    groups = [row[:3] if row[3] != AFTER else row for row in rows]
    people, of = protect(exact, groups, policy)
    columns: dict[str, Any] = {name: pa.array([row[0][place] for row in rows], pa.string()) for place, name in enumerate(names)}
    for place, name in enumerate(("column", "among", "state"), start=1):
        columns[name] = pa.array([row[place] for row in rows], pa.string())
    columns["people"], columns["of"] = pa.array(people, pa.int64()), pa.array(of, pa.int64())
    shares = [part / whole if part is not None and whole else None for part, whole in zip(people, of, strict=True)]
    columns["share"] = pa.array([None if share is None else min(share, 1.0) for share in shares], pa.float64())
    return pa.table(columns)
