"""The populated strata of a count, numbered in the order in which they are met."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core20plus5.kernels.strata import number_few, number_strata, place_few, place_strata

Codes = npt.NDArray[np.int32]

_FIRST_ROOM = 1 << 10

#: Bits of a stratum's label numbers together, up to which they are its place in a table. A hash table takes four times as long.
_FEW_BITS = 20


class StratumIndex:
    """Numbers strata as they are met. A stratum is a tuple of label numbers, one for each stratum column."""

    def __init__(self, columns: int) -> None:
        self._met = 0
        self._members = np.empty((_FIRST_ROOM, columns), np.int32)
        self._bits: list[int] = []
        self._shifts: npt.NDArray[np.int64] | None = None
        self._slots = np.full(2 * _FIRST_ROOM, -1, np.int32)

    def __len__(self) -> int:
        return self._met

    @property
    def members(self) -> Codes:
        """The label of each stratum in each column: int32 (strata, columns)."""
        return self._members[: self._met]

    def numbers(self, codes: Codes, labels: Sequence[int], out: Codes) -> None:
        """The number of each row's stratum. codes: int32 (columns, n or more); labels: how many labels each column has by now;
        out: int32 (n,)."""
        bits = [count.bit_length() for count in labels]
        if bits != self._bits:
            self._bits = bits
            self._place()
        row = 0
        while True:
            if self._shifts is None:
                row, self._met = number_strata(codes, row, self._met, self._members, self._slots, out)
            else:
                row, self._met = number_few(codes, self._shifts, row, self._met, self._members, self._slots, out)
            if row == out.size:
                return
            self._grow()

    def _grow(self) -> None:
        members = np.empty((4 * len(self._members), self._members.shape[1]), np.int32)
        members[: self._met] = self.members
        self._members = members
        if self._shifts is None:
            self._place()

    def _place(self) -> None:
        """A new table of the strata met so far: by their label numbers where these are few bits, else by a hash of them."""
        if sum(self._bits) <= _FEW_BITS:
            self._shifts = np.cumsum([0, *self._bits], dtype=np.int64)[:-1]
            self._slots = np.full(1 << sum(self._bits), -1, np.int32)
            place_few(self._members, self._met, self._shifts, self._slots)
        else:
            self._shifts = None
            self._slots = np.full(2 * len(self._members), -1, np.int32)
            place_strata(self._members, self._met, self._slots)
