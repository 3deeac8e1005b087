"""Flags beside the key, as the embedded engine gives them, with the ledger."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

import core20plus5
from core20plus5.errors import LaterThanReferenceDateError
from tests.ask import REFERENCE_DATE
from tests.spark.asking import ASKED, flag, sample, written
from tests.tables import people

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROWS = 400


def rows(stream: core20plus5.FlagStream) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for batch in stream for row in batch.to_pylist()]


@pytest.mark.parametrize("key", [pa.int64(), pa.string()])
def test_beside_the_key(spark: "SparkSession", tmp_path: Path, key: Any) -> None:
    records = sample(ROWS)
    records = records.set_column(records.schema.get_field_index("person_id"), "person_id", records["person_id"].cast(key))
    found = flag(spark.read.parquet(written(records, tmp_path)).repartition(3), plus_groups="all")
    expected = core20plus5.flag_patients(records, **ASKED, plus_groups="all")
    answers = [tuple(row) for row in found.flags.collect()]
    assert found.flags.columns == expected.schema.names
    assert sorted(answers) != answers
    assert sorted(answers, key=lambda row: str(row[0])) == sorted(rows(expected), key=lambda row: str(row[0]))
    assert found.indicators.equals(expected.indicators)
    assert found.quality.equals(expected.quality)
    assert found.provenance == expected.provenance
    assert found.provenance["rows_received"] == ROWS


def test_as_any_other_columns(spark: "SparkSession", tmp_path: Path) -> None:
    """Joined and counted by Spark, as often as one likes."""
    records = sample(ROWS)
    df = spark.read.parquet(written(records, tmp_path)).repartition(3)
    flags = flag(df, indicators=["core20"]).flags
    joined = df.select("person_id", "icb_code").join(flags, "person_id")
    expected = pa.Table.from_batches(list(core20plus5.flag_patients(records, **ASKED, indicators=["core20"])))
    assert joined.where("core20 = 'yes'").count() == expected["core20"].to_pylist().count("yes") > 0


def test_what_shows_in_all_records_only_comes_first(spark: "SparkSession", tmp_path: Path) -> None:
    """2 % of the dates are later than the reference date: none of them, or all, in most partitions."""
    late = [date(2027, 1, 1)] * 8 + [REFERENCE_DATE] * 392
    df = spark.read.parquet(written(people(400, hypertension_dx_latest=late), tmp_path))
    with pytest.raises(LaterThanReferenceDateError, match="hypertension_dx_latest"):
        flag(df)
    assert flag(df, allow_later_facts=True).flags.count() == 400
