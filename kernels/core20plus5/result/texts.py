"""Text columns of long tables, from few labels: written once, without a dictionary on the way."""

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core20plus5.arrow import ArrowArray, buffer
from core20plus5.kernels.tidy import find_runs, write_runs, write_sequences

Places = npt.NDArray[np.int32]

#: Bytes that are copied at once: kernels write, and read, up to so many too far.
_AT_ONCE = 64


class Runs(NamedTuple):
    """Rows that have the same place many times on end. places: int32 (n,); ends: int32, the row after each run."""

    places: Places
    ends: Places


def runs_of(places: Places) -> Runs:
    """Found once for all columns that follow from the same places."""
    ends = np.empty(places.size, np.int32)
    return Runs(places, ends[: find_runs(places, ends)])


class Texts:
    """A list of labels, to be written as text by their place in it."""

    def __init__(self, labels: Sequence[str]) -> None:
        encoded = [label.encode() for label in labels]
        self._lengths, self._longest = np.array(list(map(len, encoded)), np.int32), max([1, *map(len, encoded)])
        self._starts, self._labels = _end_to_end(encoded)
        self._pattern_starts, self._patterns = _end_to_end([_over_and_over(label) for label in encoded])

    def column(self, runs: Runs, label_of: Places) -> ArrowArray:
        """A string array that has the same text in many rows on end. runs: their places are of `label_of`, int32, which gives the
        place of a label."""

        def write(offsets: Places, text: Any) -> int:
            size: int = write_runs(*runs, label_of, self._lengths, self._pattern_starts, self._patterns, offsets, text)
            return size

        return self._written(runs.places.size, write)

    def sequence(self, places: Places) -> ArrowArray:
        """A string array that has one label after the other in many rows on end. places: int32 (n,), of labels."""
        return self._written(
            places.size, lambda offsets, text: write_sequences(places, self._starts, self._labels, offsets, text)
        )

    def _written(self, rows: int, write: Callable[[Places, Any], int]) -> ArrowArray:
        # One piece of memory for all columns, so that it comes in large pages, was not faster: what a table held before is given
        # back to the system as a whole, and has to be had again for the next one.
        offsets, text = np.empty(rows + 1, np.int32), np.empty(rows * self._longest + _AT_ONCE, np.uint8)
        size = write(offsets, text)
        text.resize(size + 8, refcheck=False)  # gives back what was not written to; to measure all texts first takes half as long
        column: ArrowArray = pa.StringArray.from_buffers(rows, buffer(offsets), buffer(text).slice(0, size))
        return column


def _end_to_end(texts: Sequence[bytes]) -> tuple[Places, npt.NDArray[np.uint8]]:
    """Where each text begins, and all of them, with a little more than they take."""
    starts = np.array(list(accumulate(map(len, texts), initial=0)), np.int32)
    return starts, np.frombuffer(b"".join(texts) + bytes(_AT_ONCE), np.uint8)


def _over_and_over(label: bytes) -> bytes:
    """A label so often that the next bytes are there wherever in it one begins."""
    times = _AT_ONCE // max(len(label), 1) + 2
    return (label * times)[: len(label) + _AT_ONCE]
