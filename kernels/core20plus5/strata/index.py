"""The populated strata of a count, numbered in the order in which they are met."""

import numpy as np
import numpy.typing as npt

from core20plus5.errors import TooManyCellsError
from core20plus5.kernels.strata import number_strata
from core20plus5.strata.values import Coded

_KEY_BITS = 62


class StratumIndex:
    """Numbers strata as they are met. A stratum is a tuple of labels, one for each stratum column."""

    def __init__(self, columns: int) -> None:
        self.labels: list[dict[str, int]] = [{} for _ in range(columns)]
        self._bits = [1] * columns
        self._keys = np.empty(0, np.int64)
        self._table_keys = np.full(1, -1, np.int64)
        self._table_numbers = np.zeros(1, np.int32)

    def __len__(self) -> int:
        return self._keys.size

    def numbers(self, coded: list[Coded], rows: int) -> npt.NDArray[np.int32]:
        """Number of the stratum of each row: int32 (rows,). Raises TooManyCellsError beyond all bounds."""
        codes = [self._codes(column, values) for column, values in enumerate(coded)]
        self._widen()
        keys = np.zeros(rows, np.int64)
        for bits, column_codes in zip(self._bits, codes, strict=True):
            keys = (keys << bits) | column_codes
        self._make_room(rows)
        out, new_keys = np.empty(rows, np.int32), np.empty(rows, np.int64)
        known = len(self)
        met = number_strata(keys, known, self._table_keys, self._table_numbers, new_keys, out)
        if met > known:
            self._keys = np.concatenate([self._keys, new_keys[: met - known]])
        return out

    def members(self) -> npt.NDArray[np.int64]:
        """Code of each populated stratum in each column: int64 (strata, columns), places in `labels`."""
        return self._split(self._keys, self._bits)

    def _codes(self, column: int, values: Coded) -> npt.NDArray[np.int64]:
        known = self.labels[column]
        table = np.array([known.setdefault(label, len(known)) for label in values.labels], np.int64)
        return table[values.places]

    def _widen(self) -> None:
        """Give every column bits enough for its labels, and the known strata their new keys."""
        needed = [max(bits, len(labels).bit_length()) for bits, labels in zip(self._bits, self.labels, strict=True)]
        if needed == self._bits:
            return
        if sum(needed) > _KEY_BITS:
            raise TooManyCellsError("strata: these columns have too many distinct values to be combined")
        members = self._split(self._keys, self._bits)
        # Room to grow, where there is some: labels come in over many blocks.
        spare = 2 if sum(needed) + 2 * len(needed) <= _KEY_BITS else 0
        self._bits = [bits + spare for bits in needed]
        keys = np.zeros(len(self), np.int64)
        for column, bits in enumerate(self._bits):
            keys = (keys << bits) | members[:, column]
        self._keys = keys
        self._table_keys = np.full(1, -1, np.int64)

    def _make_room(self, rows: int) -> None:
        """Keep the hash table at most half full, whatever the next rows bring."""
        size = 1 << (2 * (len(self) + rows)).bit_length()
        if self._table_keys.size >= size:
            return
        self._table_keys = np.full(size, -1, np.int64)
        self._table_numbers = np.zeros(size, np.int32)
        out, new_keys = np.empty(len(self), np.int32), np.empty(len(self), np.int64)
        number_strata(self._keys, 0, self._table_keys, self._table_numbers, new_keys, out)

    @staticmethod
    def _split(keys: npt.NDArray[np.int64], bits: list[int]) -> npt.NDArray[np.int64]:
        members = np.empty((keys.size, len(bits)), np.int64)
        for column in range(len(bits) - 1, -1, -1):
            members[:, column] = keys & ((1 << bits[column]) - 1)
            keys = keys >> bits[column]
        return members
