"""What was worked out for the dictionary of a column, kept until another dictionary comes.

Most sources send one and the same dictionary with every batch: it is read once, not once a block.
"""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

import pyarrow as pa

from core20plus5.arrow import ArrowArray
from core20plus5.ingest.arrays import as_dictionary, as_text
from core20plus5.ingest.columns import Recorded
from core20plus5.ingest.encoder import TextEncoder

Made = TypeVar("Made")


class DictionaryMemory(threading.local):
    """One entry for each use and thread: each meets dictionaries of its own where text comes plain."""

    def __init__(self) -> None:
        self._kept: dict[object, tuple[object, ArrowArray, Any]] = {}
        self._encoders: dict[str, TextEncoder] = {}

    def encoded(self, column: str, array: ArrowArray) -> tuple[Recorded, ArrowArray]:
        """A column's places in a dictionary, and the dictionary; see `as_dictionary`."""
        if pa.types.is_dictionary(array.type) or pa.types.is_floating(array.type):
            return as_dictionary(array)
        if column not in self._encoders:
            self._encoders[column] = TextEncoder()
        return self._encoders[column].encode(as_text(array))

    def of(self, use: object, dictionary: ArrowArray, make: Callable[[ArrowArray], Made]) -> Made:
        """What `make` gives for a dictionary. use: tells one purpose and column from another."""
        identity = _identity(dictionary)
        kept = self._kept.get(use)
        if kept is None or kept[0] != identity:
            # The dictionary is kept as well, so that no other one can come to lie at its address.
            kept = (identity, dictionary, make(dictionary))
            self._kept[use] = kept
        made: Made = kept[2]
        return made


def _identity(array: ArrowArray) -> object:
    """Where an array lies in memory, and what it takes itself for."""
    buffers = [(buffer.address, buffer.size) if buffer else None for buffer in array.buffers()]
    return array.type, len(array), array.offset, buffers
