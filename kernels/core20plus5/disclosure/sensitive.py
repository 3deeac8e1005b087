"""Rows that say something about each of a few people without a small count: all of them, or none, answer yes."""

import numpy as np
import numpy.typing as npt

from core20plus5.disclosure.links import Links
from core20plus5.disclosure.release import ExactRows
from core20plus5.expressions import indicators_of
from core20plus5.rulesets import Ruleset


def all_or_none(rows: ExactRows, links: Links, ruleset: Ruleset) -> npt.NDArray[np.bool_]:
    """bool (rows, 3): measures of people of a sensitive cohort or area, where all or none of a small base are yes."""
    sensitive = ruleset.sensitive
    groups = np.array([cohort in sensitive.indicators and answer == 0 for cohort, answer in links.groups], np.bool_)
    measures = np.zeros(len(links.indicators), np.bool_)
    asked_of_them = measures.copy()
    for place, name in enumerate(links.indicators):
        indicator = ruleset.indicators.get(name)
        if indicator is not None and indicator.kind == "measure":
            measures[place] = True
            asked_of_them[place] = bool(indicators_of(indicator.among) & set(sensitive.indicators))
    group, place = rows.where.T
    base, yes = rows.counts.sum(axis=1), rows.counts[:, 0]
    extreme = (base > 0) & (base <= sensitive.small_base) & ((yes == 0) | (yes == base))
    found = extreme & measures[place] & (groups[group] | asked_of_them[place])
    return np.repeat(found[:, None], 3, axis=1)
