"""Errors are the engine's own, on the driver; those that need no row come before any job."""

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from core20plus5 import errors
from tests.ask import REFERENCE_DATE
from tests.spark.asking import count, flag, sample, written
from tests.tables import people

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: Ten digits each, with a check digit that fits.
NHS_NUMBERS = ["9434765919", "4010232137", "9990000018"]

BEFORE_THE_JOB: dict[str, tuple[str, dict[str, Any], type[Exception], list[str]]] = {
    "types": (
        "select '2020-01-01' as birth_date, date'2020-01-01' as sex, array(1) as ltc_count, interval 1 day as bp_date",
        {},
        errors.SchemaError,
        ["'birth_date': expected date, got string", "'sex': expected", "'ltc_count'", "'bp_date'", "interval day"],
    ),
    "a column twice": ("select 1 as age_years, 2 as age_years", {}, errors.SchemaError, ["'age_years': sent more than once"]),
    "no IMD table": ("select 'E01000001' as lsoa_code", {}, errors.RequestError, ["no IMD 2025 table is loaded"]),
    "no such column": ("select 1 as age_years", {"strata": ["ward"]}, errors.RequestError, ["'ward'"]),
    "an argument": ("select 1 as age_years", {"imd_version": "2015"}, errors.RequestError, ["imd_version"]),
    "an absent group": ("select 1 as age_years", {"plus_groups": ["autism"]}, errors.RequestError, ["'autism'"]),
}


@pytest.mark.parametrize("case", BEFORE_THE_JOB)
@pytest.mark.parametrize("ask", [count, flag])
def test_before_the_job_starts(spark: "SparkSession", case: str, ask: Any) -> None:
    query, arguments, error, words = BEFORE_THE_JOB[case]
    if ask is flag:
        arguments = {name: value for name, value in arguments.items() if name != "strata"}
        if not arguments and case == "no such column":
            return
    context = spark.sparkContext
    context.setJobGroup(case, case)
    with pytest.raises(error) as raised:
        ask(spark.sql(query), **arguments)
    assert all(word in str(raised.value) for word in words), raised.value
    assert context.statusTracker().getJobIdsForGroup(case) == []


def test_what_is_no_dataframe(spark: "SparkSession") -> None:
    with pytest.raises(errors.RequestError, match="Spark DataFrame, not Table"):
        count(people(1))  # type: ignore[arg-type]
    with pytest.raises(errors.RequestError, match="it has no end"):
        count(spark.readStream.format("rate").load())


def test_records_that_are_later_than_the_reference_date(spark: "SparkSession", tmp_path: Path) -> None:
    """A share of all records, not of a partition: 1 in 200 is tolerated even where a partition has nothing else."""
    late = [REFERENCE_DATE + timedelta(1)] + [REFERENCE_DATE] * 199
    path = written(people(200, hypertension_dx_latest=late), tmp_path)
    df = spark.read.parquet(path).repartitionByRange(4, "hypertension_dx_latest")
    result = count(df, indicators=["hypertension"])
    assert {"column": "hypertension_dx_latest", "reason": "after_reference_date", "rows": 1} in result.quality.to_pylist()
    with pytest.raises(errors.LaterThanReferenceDateError, match="hypertension_dx_latest"):
        count(df, reference_date=date(2026, 3, 30), indicators=["hypertension"])


def test_nhs_numbers(spark: "SparkSession", tmp_path: Path) -> None:
    records = people(3, person_id=NHS_NUMBERS, ward=NHS_NUMBERS)
    df = spark.read.parquet(written(records, tmp_path)).repartition(3)
    with pytest.raises(errors.NhsNumberError, match="'ward'"):
        count(df, strata=["ward"])
    with pytest.raises(errors.NhsNumberError, match="'person_id'"):
        flag(df)


def test_nhs_numbers_by_chance(spark: "SparkSession", tmp_path: Path) -> None:
    """One in eleven numbers of ten digits passes the check: a partition that happens to hold nothing else proves nothing."""
    ids = [*NHS_NUMBERS, *(str(4_000_000_001 + 2 * number) for number in range(60))]
    records = people(len(ids), person_id=ids, part=[0] * 3 + [1] * 60)
    df = spark.read.parquet(written(records, tmp_path)).repartitionByRange(2, "part")
    assert flag(df).provenance["rows_received"] == len(ids)


def test_an_error_that_a_task_meets(spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an answer: the task is not tried again, and the error is the engine's."""
    from core20plus5_spark import EngineVersionError, task

    monkeypatch.setattr(task, "engine_version", lambda: "another")
    df = spark.read.parquet(written(sample(10), tmp_path))
    spark.sparkContext.setJobGroup("version", "version")
    with pytest.raises(EngineVersionError, match="the driver has core20plus5 another, an executor has"):
        count(df)
    tracker = spark.sparkContext.statusTracker()
    (job,) = tracker.getJobIdsForGroup("version")
    stages = [tracker.getStageInfo(stage) for stage in tracker.getJobInfo(job).stageIds]
    assert [stage.numFailedTasks for stage in stages if stage] == [0]
