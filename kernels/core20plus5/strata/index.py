"""The populated strata of a count, numbered in the order in which they are met."""

import numpy as np
import numpy.typing as npt

from core20plus5.kernels.strata import number_strata, place_strata

Codes = npt.NDArray[np.int32]

_FIRST_ROOM = 1 << 10


class StratumIndex:
    """Numbers strata as they are met. A stratum is a tuple of label numbers, one for each stratum column."""

    def __init__(self, columns: int) -> None:
        self._met = 0
        self._members = np.empty((_FIRST_ROOM, columns), np.int32)
        self._slots = np.full(2 * _FIRST_ROOM, -1, np.int32)

    def __len__(self) -> int:
        return self._met

    @property
    def members(self) -> Codes:
        """The label of each stratum in each column: int32 (strata, columns)."""
        return self._members[: self._met]

    def numbers(self, codes: Codes, out: Codes) -> None:
        """The number of each row's stratum. codes: int32 (columns, n or more); out: int32 (n,)."""
        row = 0
        while True:
            row, self._met = number_strata(codes, row, self._met, self._members, self._slots, out)
            if row == out.size:
                return
            self._grow()

    def _grow(self) -> None:
        room = 4 * len(self._members)
        members = np.empty((room, self._members.shape[1]), np.int32)
        members[: self._met] = self.members
        self._members, self._slots = members, np.full(2 * room, -1, np.int32)
        place_strata(self._members, self._met, self._slots)
