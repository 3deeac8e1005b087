"""Counts that add up, whatever the order and the size of their parts."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core20plus5.ingest import Ledger


@dataclass(frozen=True)
class CohortCounts:
    """Exact counts of one request, or of a part of its people. Not for publication: see `disclosure`.

    labels: of each stratum column, the labels that its codes stand for; members: int64 (strata, columns), the codes of each
    populated stratum; cohorts, indicators: names; counts: int64 (strata, 2c - 1, 3i). Their second axis is: everyone yes, then
    yes and unknown of each further cohort; their third is yes, no and unknown of each indicator.
    """

    strata: tuple[str, ...]
    cohorts: tuple[str, ...]
    indicators: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    members: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    ledger: Ledger

    def tuples(self) -> list[tuple[str, ...]]:
        """The labels of each stratum."""
        return [tuple(self.labels[column][code] for column, code in enumerate(codes)) for codes in self.members.tolist()]

    def __add__(self, other: "CohortCounts") -> "CohortCounts":
        """The counts of both. Raises ValueError where the two do not answer the same question."""
        mine, theirs = (self.strata, self.cohorts, self.indicators), (other.strata, other.cohorts, other.indicators)
        if mine != theirs:
            raise ValueError("only counts of the same strata, cohorts and indicators can be merged")
        strata = sorted({*self.tuples(), *other.tuples()})
        numbers = {stratum: number for number, stratum in enumerate(strata)}
        counts = np.zeros((len(strata), *self.counts.shape[1:]), np.int64)
        for part in (self, other):
            counts[[numbers[stratum] for stratum in part.tuples()]] += part.counts
        labels = [tuple(sorted({stratum[column] for stratum in strata})) for column in range(len(self.strata))]
        codes = [{label: code for code, label in enumerate(column)} for column in labels]
        members = np.array(
            [[codes[column][label] for column, label in enumerate(stratum)] for stratum in strata], np.int64
        ).reshape(len(strata), len(self.strata))
        return CohortCounts(*mine, tuple(labels), members, counts, self.ledger + other.ledger)
