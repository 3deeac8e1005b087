"""Records that lie in parts, on several machines say: a question that travels to them, partial answers that add up.

`Question.of(call)` can be pickled. Each part is asked with `ask_part`, or with `flag_part` for its flags; partial answers can be
pickled too, and merge with +. What only the whole of the records can show is checked where they have been added up.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, Self, TypeVar

import pyarrow as pa

from core20plus5.cohorts import MAX_CELLS, CohortCounts
from core20plus5.engine.call import Call
from core20plus5.engine.count import count_exactly, release_counts
from core20plus5.engine.flag import FlagStream
from core20plus5.ingest import Ledger, Source
from core20plus5.ingest.tripwires import check_ledger
from core20plus5.nhs_numbers import NhsNumberCheck
from core20plus5.parallel import Workers
from core20plus5.request import Request
from core20plus5.result import CohortResult


class _Adds(Protocol):
    def __add__(self, other: Self, /) -> Self: ...


Sum = TypeVar("Sum", bound=_Adds)


@dataclass(frozen=True)
class Partial(Generic[Sum]):
    """What was found in some parts of the records: exact counts or a ledger, and what shows NHS numbers. Not for publication."""

    found: Sum
    nhs_numbers: NhsNumberCheck

    def __add__(self, other: "Partial[Sum]") -> "Partial[Sum]":
        """What was found in both."""
        return Partial(self.found + other.found, self.nhs_numbers + other.nhs_numbers)


@dataclass(frozen=True)
class Question:
    """One checked request about records of one schema. columns: names of those that are read; no others need to be brought."""

    request: Request
    schema: pa.Schema
    counting: bool
    columns: tuple[str, ...]

    @classmethod
    def of(cls, call: Call) -> "Question":
        """The question of a call whose source has a schema."""
        assert call.source.schema is not None
        return cls(call.request, call.source.schema, call.counting, tuple(call.columns))

    def about(self, batches: Iterable[pa.RecordBatch]) -> Call:
        """The same call over one part of the records, in batches of the columns that are read."""
        return Call(self.request, Source(self.schema, _Pruned(self.schema, batches)), self.counting, whole=False)


class _Pruned:
    """Reads like a dataset: it has a schema of every column, and brings those that are read."""

    scanner = None

    def __init__(self, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
        self.schema, self._batches = schema, batches

    def to_batches(self, **_: Any) -> Iterable[pa.RecordBatch]:
        return self._batches


@contextmanager
def _workers(threads: int) -> Iterator[Workers]:
    with ThreadPoolExecutor(threads) as pool:
        yield Workers(pool, threads)


def count_part(question: Question, batches: Iterable[pa.RecordBatch], threads: int = 1) -> Partial[CohortCounts]:
    """The exact counts of one part. Memory does not grow with its rows. Raises DataError or TooManyCellsError."""
    call = question.about(batches)
    with _workers(threads) as workers:
        return Partial(count_exactly(call, workers).joined(), call.nhs_numbers)


def ask_part(question: Question, batches: Iterable[pa.RecordBatch], threads: int = 1) -> Partial[Any]:
    """What a question wants to know of one part: exact counts, or the ledger where it is about flags."""
    return count_part(question, batches, threads) if question.counting else tally_part(question, batches, threads)


def flag_part(question: Question, batches: Iterable[pa.RecordBatch], threads: int = 1) -> Iterator[pa.RecordBatch]:
    """The flags of one part, as those of `flag_patients`, in one batch at least. Raises DataError."""
    with _workers(threads) as workers:
        yield from FlagStream(question.about(batches), workers)


def tally_part(question: Question, batches: Iterable[pa.RecordBatch], threads: int = 1) -> Partial[Ledger]:
    """The ledger of the flags of one part, without the flags. Raises DataError."""
    call = question.about(batches)
    with _workers(threads) as workers:
        stream = FlagStream(call, workers)
        for _ in stream:
            pass
    return Partial(stream.ledger, call.nhs_numbers)


def merge(partials: Iterable[Partial[Sum]]) -> Partial[Sum]:
    """Everything that was found; at least one partial answer. Neighbours are added in pairs, so that sums stay small for long."""
    sums: list[tuple[int, Partial[Sum]]] = []
    for partial in partials:
        size, total = 1, partial
        while sums and sums[-1][0] == size:
            size, total = 2 * size, sums.pop()[1] + total
        sums.append((size, total))
    _, total = sums.pop()
    while sums:
        total = sums.pop()[1] + total
    return total


def finish_counts(call: Call, total: Partial[CohortCounts], max_cells: int = MAX_CELLS) -> CohortResult:
    """The result of a call from what all parts found. Raises DataError where the whole of the records cannot be trusted."""
    total.nhs_numbers.check()
    return release_counts(call, total.found.fitting(max_cells))


def finish_tally(call: Call, total: Partial[Ledger]) -> Ledger:
    """The ledger of all parts. Raises DataError where the whole of the records cannot be trusted."""
    total.nhs_numbers.check()
    check_ledger(total.found, call.request.allow_later_facts)
    return total.found
