"""Flags of a DataFrame: personal data, which no disclosure policy applies to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from os import PathLike
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.types import StringType, StructField, StructType

from core20plus5.deprivation import ImdTable
from core20plus5.engine.call import Call, open_call
from core20plus5.engine.count import DEFAULT_RULESET
from core20plus5.engine.flag import FlagStream
from core20plus5.engine.partial import Question, finish_tally
from core20plus5.result import indicators_table, provenance, quality_table
from core20plus5.rulesets import ParameterValue
from core20plus5_spark.frame import arrow_schema, pruned
from core20plus5_spark.job import ask_all_partitions
from core20plus5_spark.task import FlagTask, Travelling


@dataclass(frozen=True)
class FlaggedPatients:
    """Flags, and what is needed to read them.

    flags: a DataFrame, worked out when it is used: person_id if sent, excluded, one text column per indicator,
    core20_unknown_reason. indicators, quality: pyarrow Tables; provenance: everything that changes an answer, and the ledger.
    """

    flags: DataFrame
    indicators: pa.Table
    quality: pa.Table
    provenance: dict[str, Any]


def flag_patients(
    df: DataFrame,
    *,
    reference_date: date,
    imd_version: str,
    imd_table: str | PathLike[str] | ImdTable | None = None,
    plus_groups: Sequence[str] | str = (),
    ruleset: str = DEFAULT_RULESET,
    indicators: Sequence[str] | None = None,
    imd_from: str | None = None,
    null_means_no: Sequence[str] = (),
    parameters: Mapping[str, ParameterValue] | None = None,
    allow_later_facts: bool = False,
) -> FlaggedPatients:
    """The answer of each indicator for each person, as columns beside `person_id`. Rows of a DataFrame have no order: send it.

    One job reads `df` now, for the ledger and the errors that only show in all of the records; the flags read it once more when
    they are used, so `df.persist()` first where it is dear to work out or would not come out the same. Columns, arguments and
    errors as in `core20plus5.flag_patients`.
    """
    schema = arrow_schema(df)
    call = open_call(
        pa.RecordBatchReader.from_batches(schema, []),
        False,
        imd_table,
        ruleset,
        reference_date=reference_date,
        imd_version=imd_version,
        plus_groups=plus_groups,
        indicators=indicators,
        imd_from=imd_from,
        null_means_no=null_means_no,
        parameters=parameters,
        allow_later_facts=allow_later_facts,
    )
    ledger = finish_tally(call, ask_all_partitions(call, df))
    return FlaggedPatients(
        _flags(call, df),
        indicators_table(call.plan),
        quality_table(ledger),
        provenance(call.plan, call.schema, None, ledger),
    )


def _flags(call: Call, df: DataFrame) -> DataFrame:
    question = Question.of(call)
    kinds = {field.name: field.dataType for field in df.schema.fields}
    names = FlagStream(call).schema.names
    columns = [StructField(name, kinds[name] if name == "person_id" else StringType()) for name in names]
    frame = pruned(df, question.schema, question.columns)
    return frame.mapInArrow(FlagTask(Travelling.to_executors(question, df)), StructType(columns))
