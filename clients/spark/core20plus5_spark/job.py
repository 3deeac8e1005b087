"""From a call to what all partitions found."""

from typing import Any

from pyspark.sql import DataFrame

from core20plus5.engine.call import Call
from core20plus5.engine.partial import Partial, Question, ask_part, merge
from core20plus5_spark.frame import pruned
from core20plus5_spark.task import PARTIAL_SCHEMA, PartialTask, Travelling, unpack


def ask_all_partitions(call: Call, df: DataFrame) -> Partial[Any]:
    """Run one job: every partition counted (or tallied) where it is, the partial answers added up here.

    Raises the engine's error of the first partition that has one.
    """
    question = Question.of(call)
    travelling = Travelling.to_executors(question, df)
    try:
        frame = pruned(df, question.schema, question.columns)
        rows = frame.mapInArrow(PartialTask(travelling), PARTIAL_SCHEMA).collect()
    finally:
        travelling.forget()
    nothing = ask_part(question, [])  # a DataFrame may have no partition at all
    return merge([nothing, *(unpack(row[0]) for row in rows)])
