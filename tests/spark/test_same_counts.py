"""Spark's answers are those of the embedded engine, wherever the rows lie and in whatever form they come."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.properties.records import Population, populations
from tests.spark.asking import EVERYTHING, assert_same, sample, written
from tests.spec.engine import arguments
from tests.tables import people

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

PEOPLE = sample(1_500)

PARTITIONS: dict[str, "Callable[[DataFrame], DataFrame]"] = {
    "as read": lambda df: df,
    "random": lambda df: df.repartition(5),
    "skewed and empty": lambda df: df.repartition(24, "sex"),
    "by stratum": lambda df: df.repartition(6, "icb_code"),
}


@pytest.fixture(scope="module", name="path")
def path_fixture(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(PEOPLE, tmp_path_factory.mktemp("people"))


@pytest.mark.parametrize("partitions", PARTITIONS)
def test_any_partitions(spark: "SparkSession", path: str, partitions: str) -> None:
    df = PARTITIONS[partitions](spark.read.parquet(path))
    if "empty" in partitions:
        assert len(rows_of_partitions(df)) < df.rdd.getNumPartitions()
    result = assert_same(df, PEOPLE, **EVERYTHING)
    assert result.provenance["rows_received"] == 1_500
    assert result.quality.num_rows


def test_a_row_in_each_partition(spark: "SparkSession", path: str) -> None:
    df = spark.read.parquet(path).orderBy("person_id").limit(9).repartitionByRange(9, "person_id")
    assert rows_of_partitions(df) == [1] * 9
    assert_same(df, PEOPLE.slice(0, 9), **EVERYTHING, disclosure="none")


def test_no_partition_at_all(spark: "SparkSession", path: str) -> None:
    df = spark.createDataFrame(spark.sparkContext.emptyRDD(), spark.read.parquet(path).schema)
    assert df.rdd.getNumPartitions() == 0
    assert assert_same(df, PEOPLE.slice(0, 0), **EVERYTHING).provenance["rows_received"] == 0


def test_no_column_that_is_read(spark: "SparkSession") -> None:
    """The people are counted all the same."""
    result = assert_same(spark.range(1_000, numPartitions=3), pa.table({"id": range(1_000)}), indicators=["everyone"])
    assert result.provenance["rows_counted"] == 1_000


@given(populations())
@settings(max_examples=6, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
def test_people_near_every_boundary(spark: "SparkSession", tmp_path: Path, population: Population) -> None:
    """Every type that a platform sends, every stratum, every way to ask: as the engine is tested against its twin."""
    table = population.table()
    df = spark.read.parquet(written(table, tmp_path)).repartition(3)
    assert_same(df, table, **arguments(population.request))


def test_text_that_is_wide_repeated_or_odd(spark: "SparkSession", tmp_path: Path) -> None:
    wide = [f"Ünterm Bürg {'x' * 200} {number % 7}" for number in range(400)]
    few = pa.array([" a", "A ", "", None, "å", "a", "x.y", "unknown"] * 50)
    table = people(400, wide=wide, few=few, practice_code=["a81001", " A81001 ", "V81999", None] * 100)
    table = table.append_column("coded", few.dictionary_encode())
    df = spark.read.parquet(written(table, tmp_path)).repartition(4)
    for strata in (["wide"], ["few", "practice_code"], ["coded"]):
        assert_same(df, table, strata=strata, disclosure="none")


def test_dates_and_timestamps(spark: "SparkSession", tmp_path: Path) -> None:
    """An instant is a date in London, whatever the zone of the session; one without a zone stands as it is."""
    assert spark.conf.get("spark.sql.session.timeZone") == "Pacific/Auckland"
    instants = [datetime(2025, 3, 31, 22, tzinfo=UTC) + timedelta(hours=step) for step in range(4)]
    local = [instant.replace(tzinfo=None) for instant in instants]
    table = people(4, bp_systolic=[120] * 4, bp_diastolic=[80] * 4, hypertension_dx_latest=[date(1900, 1, 1)] * 4)
    for name, kind, values in (("bp_date", pa.timestamp("us", "UTC"), instants), ("alcohol_date", pa.timestamp("us"), local)):
        table = table.append_column(name, pa.array(values, kind))
    df = spark.read.parquet(written(table, tmp_path))
    assert [kind for name, kind in df.dtypes if name in ("bp_date", "alcohol_date")] == ["timestamp", "timestamp_ntz"]
    result = assert_same(df, table, disclosure="none", indicators=["hypertension_bp_recorded", "smi_alcohol"])
    recorded = [row for row in result.counts.to_pylist() if row["indicator"] == "hypertension_bp_recorded"]
    # 22:00 UTC is still 31 March in London, 23:00 is 1 April: within 12 months of 31 March 2026.
    assert [(row["yes"], row["no"]) for row in recorded if row["cohort"] == "everyone"] == [(3, 1)]


def test_names_that_spark_would_read_otherwise(spark: "SparkSession") -> None:
    """Dots, quotes, and columns that differ in case only."""
    columns: dict[str, list[Any]] = {"ward.name": ["x"] * 9, "SEX": ["F"] * 9, "sex": ["M"] * 9, "back`tick": ["p"] * 9}
    names = "date'1980-01-01' as birth_date, 'x' as `ward.name`, 'F' as SEX, 'M' as sex, 'p' as `back``tick`"
    df = spark.sql(f"select {names} from range(9)")
    assert_same(df, people(9, **columns), strata=["ward.name", "sex", "back`tick"], disclosure="none")


def test_a_folder_of_parts_as_delta_keeps_them(spark: "SparkSession", tmp_path: Path) -> None:
    """Parts by the value of a column, which is in the names of the folders only, beside a log that is no data."""
    parts = pa.dataset.partitioning(pa.schema([("icb_code", pa.string())]), flavor="hive")
    pa.dataset.write_dataset(PEOPLE.cast(plain(PEOPLE.schema)), tmp_path / "people", format="parquet", partitioning=parts)
    log = tmp_path / "people" / "_delta_log"
    log.mkdir()
    (log / "00000000000000000000.json").write_text("{}")
    df = spark.read.parquet(str(tmp_path / "people"))
    assert df.rdd.getNumPartitions() > 1
    # Spark puts the column of the folders last, and the provenance lists columns in the order they came.
    assert_same(df, PEOPLE.select(df.columns), **EVERYTHING)


def test_a_view(spark: "SparkSession", path: str) -> None:
    spark.read.parquet(path).createOrReplaceTempView("everyone")
    df = spark.sql("select *, lower(sex) as ward from everyone where person_id % 3 = 0")
    chosen = PEOPLE.filter(pc.equal(pc.subtract(PEOPLE["person_id"], pc.multiply(pc.divide(PEOPLE["person_id"], 3), 3)), 0))
    chosen = chosen.append_column("ward", pc.utf8_lower(chosen["sex"].cast(pa.string())))
    result = assert_same(df, chosen, **EVERYTHING | {"strata": ["ward", "icb_code"]})
    assert result.provenance["rows_received"] == 500


def rows_of_partitions(df: "DataFrame") -> list[int]:
    """How many rows each partition has that has any."""
    counts = df.rdd.mapPartitions(lambda rows: [sum(1 for _ in rows)]).collect()
    return [rows for rows in counts if rows]


def plain(schema: pa.Schema) -> pa.Schema:
    return pa.schema([(f.name, f.type.value_type if pa.types.is_dictionary(f.type) else f.type) for f in schema])
