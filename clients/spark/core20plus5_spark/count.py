"""Cohort counts of a DataFrame."""

from collections.abc import Mapping, Sequence
from datetime import date
from os import PathLike

import pyarrow as pa
from pyspark.sql import DataFrame

from core20plus5 import CohortResult
from core20plus5.deprivation import ImdTable
from core20plus5.engine.call import open_call
from core20plus5.engine.count import DEFAULT_RULESET
from core20plus5.engine.partial import finish_counts
from core20plus5.rulesets import ParameterValue
from core20plus5_spark.frame import arrow_schema
from core20plus5_spark.job import ask_all_partitions


def count_cohorts(
    df: DataFrame,
    *,
    reference_date: date,
    imd_version: str,
    imd_table: str | PathLike[str] | ImdTable | None = None,
    strata: Sequence[str] = (),
    plus_groups: Sequence[str] | str = (),
    ruleset: str = DEFAULT_RULESET,
    disclosure: str = "hes",
    cohorts: Sequence[str] | None = None,
    indicators: Sequence[str] | None = None,
    imd_from: str | None = None,
    null_means_no: Sequence[str] = (),
    parameters: Mapping[str, ParameterValue] | None = None,
    allow_later_facts: bool = False,
) -> CohortResult:
    """Count people by stratum, cohort, cohort answer and indicator, in one Spark job.

    df: one row per person with the columns of the record, facts as at the reference date; only the columns that the request
    reads leave Spark. Arguments, result and errors are those of `core20plus5.count_cohorts`; imd_table is a path on the driver.
    Errors of the request and of the columns come before the job starts. Exact counts pass through the memory of the job only.

    Raises RequestError, DataError, ImdTableError or RulesetError, EngineVersionError where executors have another engine, and
    Spark's own errors where the job fails; no message of the engine holds a value of a record.
    """
    schema = arrow_schema(df)
    call = open_call(
        pa.RecordBatchReader.from_batches(schema, []),
        True,
        imd_table,
        ruleset,
        reference_date=reference_date,
        imd_version=imd_version,
        strata=strata,
        plus_groups=plus_groups,
        disclosure=disclosure,
        cohorts=cohorts,
        indicators=indicators,
        imd_from=imd_from,
        null_means_no=null_means_no,
        parameters=parameters,
        allow_later_facts=allow_later_facts,
    )
    return finish_counts(call, ask_all_partitions(call, df))
