"""The memory floor: a kernel that only reads the columns of a question, on as many threads as everyone."""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
import numpy as np
import pyarrow as pa

from tests.benchmarks.contestants.contestant import Contestant, Times
from tests.benchmarks.data import Data
from tests.benchmarks.question import Question

_OTHERS = {"person_id", "sex", "no_imd_reason", "practice_code", "pcn_code", "place_code", "sub_icb_code", "icb_code"}


@numba.njit(nogil=True)
def _read(words):  # type: ignore[no-untyped-def]
    total = np.uint64(0)
    for word in words:
        total ^= word
    return total


class MemoryFloor(Contestant):
    """Reads every buffer of the columns that the question needs once, eight bytes at a time."""

    def __init__(self, data: Data, question: Question) -> None:
        super().__init__(data, question)
        table = data.table()
        needed = [name for name in table.column_names if name not in _OTHERS or name in question.strata]
        self.people = table.select(needed)
        self.words = [
            np.frombuffer(buffer, np.uint64, buffer.size // 8)
            for column in self.people.columns
            for chunk in column.chunks
            for buffer in chunk.buffers()
            if buffer is not None
        ]
        _read(self.words[0])

    def count(self, times: Times) -> pa.Table:
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            times.run("reads", lambda: list(pool.map(_read, self.words)))
        return self.people.slice(0, 0)

    def flag(self, times: Times) -> Any:
        raise NotImplementedError
