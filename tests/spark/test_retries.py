"""A Python worker that dies in mid-job takes its half-counted partition with it; the next attempt counts it once."""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from tests.ask import REFERENCE_DATE
from tests.spark.asking import EVERYTHING, assert_same, sample, written

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PEOPLE = sample(4_000)


def dying(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Passes records on; the first attempt of every second partition is killed after two batches."""
    from pyspark import TaskContext

    context = TaskContext.get()
    assert context is not None
    for number, batch in enumerate(batches):
        if number == 2 and context.partitionId() % 2 == 0 and context.attemptNumber() == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        yield batch


@dataclass(frozen=True)
class DyingTask:
    """The engine's own task, in a worker that dies in the same way."""

    question: Any

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from core20plus5_spark.task import PartialTask

        yield from PartialTask(self.question)(dying(batches))


def failed_tasks(spark: "SparkSession", group: str) -> int:
    tracker = spark.sparkContext.statusTracker()
    jobs = [tracker.getJobInfo(job) for job in tracker.getJobIdsForGroup(group)]
    stages = [tracker.getStageInfo(stage) for job in jobs if job for stage in job.stageIds]
    return sum(stage.numFailedTasks for stage in stages if stage)


def test_records_whose_source_is_killed(spark: "SparkSession", tmp_path: Path) -> None:
    df = spark.read.parquet(written(PEOPLE, tmp_path)).coalesce(1).repartition(2)
    killed = df.mapInArrow(dying, df.schema)
    spark.sparkContext.setJobGroup("source", "source")
    assert_same(killed, PEOPLE, **EVERYTHING, disclosure="none")
    assert failed_tasks(spark, "source") >= 1


def test_the_engine_is_killed(spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from core20plus5_spark import job

    df = spark.read.parquet(written(PEOPLE, tmp_path)).coalesce(1).repartition(2)
    monkeypatch.setattr(job, "PartialTask", DyingTask)
    spark.sparkContext.setJobGroup("engine", "engine")
    assert_same(df, PEOPLE, **EVERYTHING, disclosure="none")
    assert failed_tasks(spark, "engine") >= 1


def test_answers_of_one_partition_are_small_and_one(spark: "SparkSession", tmp_path: Path) -> None:
    """One row leaves each task, and no accumulator carries anything."""
    from core20plus5.engine.call import open_call
    from core20plus5.engine.partial import Question
    from core20plus5_spark.frame import arrow_schema, pruned
    from core20plus5_spark.task import PARTIAL_SCHEMA, PartialTask, Travelling, unpack

    df = spark.read.parquet(written(PEOPLE, tmp_path)).repartition(3)
    source = pa.RecordBatchReader.from_batches(arrow_schema(df), [])
    asked = {"reference_date": REFERENCE_DATE, "imd_version": "2025"}
    question = Question.of(open_call(source, True, None, "core20plus5-adults", **asked))
    task = PartialTask(Travelling.to_executors(question, df))
    rows = pruned(df, question.schema, question.columns).mapInArrow(task, PARTIAL_SCHEMA).collect()
    assert sorted(unpack(row.partial).found.ledger.received for row in rows) == [1_333, 1_333, 1_334]
    assert max(len(row.partial) for row in rows) < 10_000
