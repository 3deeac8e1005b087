"""The table of completeness: what the blocks tallied and what the counts tell, released."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core20plus5.cohorts import CohortCounts
from core20plus5.completeness.organisations import Organisations
from core20plus5.completeness.protect import protect
from core20plus5.completeness.states import AFTER, SLOTS, STATES
from core20plus5.disclosure import Policy
from core20plus5.expressions import columns_of
from core20plus5.flags import Plan
from core20plus5.records import ORGANISATIONS
from core20plus5.rulesets import Indicator

#: Indicators that ask whether something is recorded, and the column that they ask about.
_RECORDED = {"cancer_staged": "cancer_stage", "hypertension_bp_recorded": "bp_date"}

#: States that are shown with nobody in them as well.
_ALWAYS = ("known", "missing")

#: Of each organisation: int64 (organisations,).
People = npt.NDArray[np.int64]


class Part(NamedTuple):
    """All states of a column among some people, or one that people can be in besides. there: where the part has rows at all."""

    column: str
    among: str
    states: dict[str, People]
    of: People
    there: npt.NDArray[np.bool_]


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
    organisations = Organisations(counts)
    total = organisations.answers("everyone").sum(axis=1)
    parts = [*_tallied(organisations, total), *_counted(organisations, plan), *_late(organisations, total)]
    lines = [(number, part, state, part.states[state]) for number, part in enumerate(parts) for state in part.states]
    kept = [part.there & (total > 0) & ((people > 0) | (state in _ALWAYS)) for _, part, state, people in lines]
    where, line = np.nonzero(np.stack(kept, axis=1))
    people = np.stack([people for *_, people in lines], axis=1)[where, line]
    of = np.stack([part.of for _, part, *_ in lines], axis=1)[where, line]
    groups = where * len(parts) + np.array([number for number, *_ in lines])[line]
    columns: dict[str, Any] = {
        name: pa.array([labels[place] for labels in organisations.labels], pa.string()).take(pa.array(where, pa.int64()))
        for place, name in enumerate(name for name in counts.strata if name in ORGANISATIONS)
    }
    texts = zip(*((part.column, part.among, state) for _, part, state, _ in lines), strict=True)
    for name, each in zip(("column", "among", "state"), texts, strict=True):
        columns[name] = pa.array(each, pa.string()).take(pa.array(line, pa.int64()))
    return pa.table(columns | _released(np.stack([people, of], axis=1), groups, policy))


def _tallied(organisations: Organisations, total: People) -> Iterator[Part]:
    """Columns whose states were tallied block by block."""
    for column, states in STATES.items():
        people = {state: organisations.tallied[:, SLOTS.index((column, state))] for state in states}
        yield Part(column, "everyone", people, np.sum(list(people.values()), axis=0), total > 0)


def _late(organisations: Organisations, total: People) -> Iterator[Part]:
    """Columns with dates after the reference date."""
    for column in sorted(column for column, state in SLOTS if state == AFTER):
        people = organisations.tallied[:, SLOTS.index((column, AFTER))]
        yield Part(column, "everyone", {AFTER: people}, total, people > 0)


def _counted(organisations: Organisations, plan: Plan) -> Iterator[Part]:
    """Columns of which the counts tell the completeness: what an indicator about one column alone could not answer."""
    for indicator in plan.indicators:
        column = _RECORDED.get(indicator.name) or _only_column(indicator)
        if column:
            yes, no, unknown = organisations.answers(indicator.name).T
            known, missing = (yes, no) if indicator.name in _RECORDED else (yes + no, unknown)
            among = indicator.texts.get("among", "everyone").strip()
            yield Part(column, among, {"known": known, "missing": missing}, known + missing, yes + no + unknown > 0)


def _only_column(indicator: Indicator) -> str | None:
    """The column that a PLUS group, or whether someone smokes, is read from; those that are tallied themselves are left out."""
    if not (indicator.is_plus or indicator.name == "smoker"):
        return None
    columns = columns_of(indicator.where)
    return next(iter(columns)) if len(columns) == 1 and not columns & set(STATES) else None


def _released(exact: npt.NDArray[np.int64], groups: npt.NDArray[np.int64], policy: Policy) -> dict[str, Any]:
    shown, hidden = protect(exact, groups, policy)
    (people, of), gone = shown.T, hidden.any(axis=1) | (shown[:, 1] == 0)
    share = np.minimum(np.divide(people, of, out=np.zeros(len(of)), where=~gone), 1.0)
    return {
        "people": pa.array(people, pa.int64(), mask=hidden[:, 0]),
        "of": pa.array(of, pa.int64(), mask=hidden[:, 1]),
        "share": pa.array(share, pa.float64(), mask=gone),
    }
