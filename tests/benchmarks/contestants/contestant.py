"""What takes part: something that answers a question about the people of a file, in a process of its own."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from tests.benchmarks.data import Data
from tests.benchmarks.machine import peak_memory
from tests.benchmarks.question import Question


@dataclass
class Times:
    """Seconds by part, in order; `total` is their sum."""

    parts: dict[str, float] = field(default_factory=dict)

    def run(self, part: str, work: Callable[[], Any]) -> Any:
        """Do the work and note how long it took."""
        start = time.perf_counter()
        result = work()
        self.parts[part] = self.parts.get(part, 0.0) + time.perf_counter() - start
        return result

    @property
    def total(self) -> float:
        """Seconds of all parts."""
        return sum(self.parts.values())


class Contestant(ABC):
    """One way to answer. Made in a process of its own; all it prepares is outside of the clock."""

    def __init__(self, data: Data, question: Question) -> None:
        self.data, self.question = data, question

    @abstractmethod
    def count(self, times: Times) -> pa.Table:
        """The tidy table; parts `counts` and `table`."""

    @abstractmethod
    def flag(self, times: Times) -> Any:
        """The answers of every person, held in memory; part `flags`."""

    def memory(self) -> dict[str, float]:
        """MiB: what the process that answers has held at most, and what files it maps."""
        return peak_memory()

    def close(self) -> None:  # noqa: B027 - most have nothing to give back
        """Give back what was taken."""


def in_order(table: pa.Table) -> pa.Table:
    """A tidy table in the order of its labels, to compare it with another's. Text keys of few labels sort as one number."""
    table = table.combine_chunks()
    key = np.zeros(table.num_rows, np.int64)
    for name in table.column_names[: table.column_names.index("yes")]:
        column = table[name].combine_chunks()
        encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        labels = np.array(encoded.dictionary.to_pylist())
        ranks = np.argsort(np.argsort(labels))
        key = key * len(labels) + ranks[encoded.indices.to_numpy()]
    return table.take(pa.array(np.argsort(key))).combine_chunks()
