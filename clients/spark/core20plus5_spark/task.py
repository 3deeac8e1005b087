"""What runs in a task: one partition in, one small row out (or its flags), through the engine of the executor.

Only a result of Spark's own carries counts, and Spark takes one from each partition, however often its task was tried.
"""

import pickle
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import pyarrow as pa
from pyspark.sql import DataFrame

from core20plus5 import warm_up
from core20plus5.engine.partial import Partial, Question, ask_part, flag_part
from core20plus5.errors import Core20Plus5Error
from core20plus5.result.provenance import engine_version
from core20plus5_spark.errors import EngineVersionError
from core20plus5_spark.frame import named

PARTIAL_SCHEMA = "partial binary"


@dataclass(frozen=True)
class Travelling:
    """A question on its way to the executors: a broadcast, or bytes where the session has none (Spark Connect)."""

    engine: str
    payload: Any

    @classmethod
    def to_executors(cls, question: Question, df: DataFrame) -> "Travelling":
        """Send a question, with its rules and its IMD table, to every executor that `df` may run on."""
        payload = pickle.dumps(question, protocol=5)
        try:
            context = df.sparkSession.sparkContext
        except (AttributeError, NotImplementedError):
            return cls(engine_version(), payload)
        return cls(engine_version(), context.broadcast(payload))

    def arrived(self) -> Question:
        """The question, in a task. Raises EngineVersionError before anything of another version is read."""
        if engine_version() != self.engine:
            raise EngineVersionError(
                f"the driver has core20plus5 {self.engine}, an executor has {engine_version()}: install one version on all"
            )
        _compiled()
        payload = self.payload if isinstance(self.payload, bytes) else self.payload.value
        return cast(Question, pickle.loads(payload))

    def forget(self) -> None:
        """Take it off the executors, when no task needs it any more."""
        if not isinstance(self.payload, bytes):
            self.payload.destroy()


@cache
def _compiled() -> None:
    """Every kernel, once for each Python worker and before its first row; from disk where Numba can keep them."""
    warm_up()


@dataclass(frozen=True)
class PartialTask:
    """Counts or tallies one partition: a single row, with the partial answer or with the engine's error."""

    question: Travelling

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        outcome: Partial[Any] | Core20Plus5Error
        try:
            question = self.question.arrived()
            outcome = ask_part(question, (named(batch, question.columns) for batch in batches))
        except Core20Plus5Error as error:  # as an answer: trying again would not help, and the driver raises it as it is
            outcome = error
        yield pa.record_batch({"partial": pa.array([pack(outcome)], pa.binary())})


@dataclass(frozen=True)
class FlagTask:
    """Flags one partition, in the order of its rows, with text instead of dictionaries, which Spark cannot take."""

    question: Travelling

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        question = self.question.arrived()
        for flags in flag_part(question, (named(batch, question.columns) for batch in batches)):
            yield flags.cast(_plain(flags.schema))


def _plain(schema: pa.Schema) -> pa.Schema:
    """The schema without dictionaries."""
    kinds: list[tuple[str, Any]] = [
        (field.name, field.type.value_type if pa.types.is_dictionary(field.type) else field.type) for field in schema
    ]
    return pa.schema(kinds)


def pack(outcome: Partial[Any] | Core20Plus5Error) -> bytes:
    """A partial answer as bytes. Most cells of a partition are 0, and go for next to nothing."""
    return zlib.compress(pickle.dumps(outcome, protocol=5), level=1)


def unpack(row: bytes) -> Partial[Any]:
    """The partial answer of one partition. Raises the engine's error that its task met."""
    outcome = pickle.loads(zlib.decompress(row))
    if isinstance(outcome, Core20Plus5Error):
        raise outcome
    return cast(Partial[Any], outcome)
