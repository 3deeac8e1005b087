"""Where a home lies in the deprivation order: as a rank, or as an LSOA of a table that the caller brings."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core20plus5_cli.population.arrays import Doubles, Ints

RANKS_2025 = 33_755


class LsoaTable(Protocol):
    """An IMD table: what the sample needs of it to give people an LSOA."""

    @property
    def ranks(self) -> NDArray[np.int32]:
        """(m,) int32 ranks, 1 the most deprived, at the numeric part of the LSOA code; 0 for no such code."""

    @property
    def version(self) -> str:
        """``2019`` (LSOA 2011 codes) or ``2025`` (LSOA 2021 codes)."""


class Ladder:
    """Homes from the most to the least deprived: a place in (0, 1) becomes a rank, or a position in `codes`.

    `column` is the record column that it fills, `codes` the LSOA codes from the most deprived on (empty for ranks).
    """

    def __init__(self, table: LsoaTable | None) -> None:
        if table is None:
            self.column, self.codes, self.steps = "imd_rank_2025", [], RANKS_2025
            return
        numbers = np.flatnonzero(table.ranks > 0)
        if not len(numbers):
            raise ValueError("the IMD table has no LSOA with a rank above 0")
        ordered = numbers[np.argsort(table.ranks[numbers], kind="stable")]
        self.column, self.codes = "lsoa_code", [f"E01{number:06d}" for number in ordered]
        self.steps = len(self.codes)

    def step(self, place: Doubles) -> Ints:
        """(n,) int32: rank 1..33755, or position 0..m-1 in `codes`, of places in [0, 1)."""
        found = np.minimum((place * self.steps).astype(np.int32), self.steps - 1)
        return found if self.codes else found + np.int32(1)
