"""Text columns of long tables, from few labels: written once, without a dictionary on the way."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core20plus5.arrow import ArrowArray, buffer
from core20plus5.kernels.tidy import write_texts

Places = npt.NDArray[np.int32]


class Texts:
    """A list of labels, to be written as text by their place in it."""

    def __init__(self, labels: Sequence[str]) -> None:
        encoded = [label.encode() for label in labels]
        self._lengths = np.array([len(label) for label in encoded], np.int32)
        self._longest = max([1, *map(len, encoded)])
        width = -(-self._longest // 8) * 8
        self._labels = np.frombuffer(b"".join(label.ljust(width, b"\0") for label in encoded), np.uint64).reshape(-1, width // 8)
        self._all = np.arange(len(labels), dtype=np.int32)

    def column(self, places: Places, label_of: Places | None = None) -> ArrowArray:
        """A string array. places: int32 (n,), of labels, or of `label_of`, which gives the place of a label."""
        label_of = self._all if label_of is None else label_of
        # One piece of memory for all columns, so that it comes in large pages, was not faster: what a table held before is given
        # back to the system as a whole, and has to be had again for the next one.
        offsets, text = np.empty(places.size + 1, np.int32), np.empty(places.size * self._longest + 8, np.uint8)
        size = write_texts(places, label_of, self._lengths, self._labels, offsets, text)
        text.resize(size + 8, refcheck=False)  # gives back what was not written to; to measure all texts first takes half as long
        column: ArrowArray = pa.StringArray.from_buffers(places.size, buffer(offsets), buffer(text).slice(0, size))
        return column
