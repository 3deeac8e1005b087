"""Counts and tallies by the organisations among the strata; all together where there is none."""

import numpy as np
import numpy.typing as npt

from core20plus5.cohorts import CohortCounts
from core20plus5.completeness.states import SLOTS
from core20plus5.records import ORGANISATIONS
from core20plus5.strata import StratumIndex


class Organisations:
    """Of some counts, in the order of their labels.

    labels: of each, in each stratum column that is one; tallied: int64 (organisations, slots), see `states`.
    """

    def __init__(self, counts: CohortCounts) -> None:
        chosen = [place for place, name in enumerate(counts.strata) if name in ORGANISATIONS]
        index, number = StratumIndex(len(chosen)), np.empty(len(counts.members), np.int32)
        codes = np.ascontiguousarray(counts.members[:, chosen].T, np.int32)
        index.numbers(codes, [len(counts.labels[place]) for place in chosen], number)
        labels = [tuple(counts.labels[place][code] for place, code in zip(chosen, own, strict=True)) for own in index.members]
        order = sorted(range(len(labels)), key=labels.__getitem__)
        self.labels = [labels[place] for place in order]
        #: The strata, those of one organisation side by side, and where each organisation's begin.
        self._strata = np.argsort(np.argsort(order)[number], kind="stable")
        self._starts = np.cumsum([0, *np.bincount(number, minlength=len(order))[order]])[:-1]
        self._indicators, self._everyone = counts.indicators, counts.everyone()
        self.tallied = np.zeros((len(order), len(SLOTS)), np.int64)
        places, slots = ({each: place for place, each in enumerate(all_of_them)} for all_of_them in (self.labels, SLOTS))
        for (column, state, own), people in counts.ledger.completeness.items():
            self.tallied[places[own], slots[column, state]] = people

    def answers(self, indicator: str) -> npt.NDArray[np.int64]:
        """Exact yes, no and unknown of everyone: int64 (organisations, 3)."""
        start = 3 * self._indicators.index(indicator)
        if not len(self._strata):
            return np.zeros((0, 3), np.int64)
        return np.add.reduceat(self._everyone[self._strata, start : start + 3], self._starts, axis=0)
