"""Plain text as places in a dictionary that grows from block to block, so that each spelling is read once."""

from typing import Any

import numpy as np
import pyarrow as pa

from core20plus5.arrow import ArrowArray
from core20plus5.ingest.arrays import as_dictionary, text_bytes, valid_plane
from core20plus5.ingest.columns import Recorded
from core20plus5.kernels.texts import number_texts, place_texts

_FIRST_ROOM = 1 << 8

#: Slots of a first hash table: so many that the codes of a few organisations seldom meet, since to look on is a misprediction.
_FIRST_SLOTS = 1 << 12

#: Different values after which a column is no code: it is left to Arrow, block by block, so that memory stays bounded.
_MOST_VALUES = 1 << 17


class TextEncoder:
    """Of one column and thread. Long texts, and columns of very many values, are left to Arrow, which takes longer."""

    def __init__(self) -> None:
        self._met = 0
        self._keys = np.empty((_FIRST_ROOM, 2), np.uint64)
        self._slots = np.full(_FIRST_SLOTS, -1, np.int32)
        self._dictionary: ArrowArray = pa.array([], pa.string())
        self._gave_up = False

    def encode(self, array: ArrowArray) -> tuple[Recorded, ArrowArray]:
        """As `as_dictionary`, for a string or large_string array."""
        if not self._gave_up:
            offsets, text = text_bytes(array)
            known = valid_plane(array)
            places = np.zeros(known.size * 64, np.int32)
            if self._number(offsets, text, known, places):
                return Recorded.of(places, known), self._values()
            self._gave_up = True
        return as_dictionary(array)

    def _number(self, offsets: Any, text: Any, known: Any, places: Any) -> bool:
        row = 0
        while True:
            row, self._met = number_texts(offsets, text, known, row, self._met, self._keys, self._slots, places)
            if row == len(offsets) - 1:
                return True
            if self._met < len(self._keys) or self._met >= _MOST_VALUES:
                return False
            self._grow()

    def _grow(self) -> None:
        keys = np.empty((4 * len(self._keys), 2), np.uint64)
        keys[: self._met] = self._keys
        self._keys, self._slots = keys, np.full(max(_FIRST_SLOTS, 2 * len(keys)), -1, np.int32)
        place_texts(self._keys, self._met, self._slots)

    def _values(self) -> ArrowArray:
        """The values met so far: the same array until there are more."""
        if len(self._dictionary) < self._met:
            content = self._keys[: self._met].tobytes()
            texts = [content[place : place + content[place + 15]].decode() for place in range(0, len(content), 16)]
            self._dictionary = pa.array(texts, pa.string())
        return self._dictionary
