"""A task's memory is the engine's buffers and the cells, whatever the number of rows."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from tests.spark.asking import count

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: The engine gathers 1,048,576 people before it sorts them: from there on nothing may grow.
FEW, MANY = 1_500_000, 6_000_000


@dataclass(frozen=True)
class WatchedTask:
    """The engine's own task; leaves the peak of its worker's memory in a file."""

    question: Any
    peak: str

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from core20plus5_spark.task import PartialTask, _compiled

        _compiled()
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
        yield from PartialTask(self.question)(batches)
        lines = Path("/proc/self/status").read_text().splitlines()
        mebibytes = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024
        Path(self.peak).write_text(str(mebibytes))


def people(spark: "SparkSession", rows: int) -> "DataFrame":
    """Rows that Spark makes up, in one partition."""
    columns = {
        "age_years": "cast(id % 100 as int)",
        "imd_decile": "cast(1 + id % 10 as int)",
        "autism": "id % 3 = 0",
        "icb_code": "cast(id % 40 as string)",
    }
    return spark.range(rows, numPartitions=1).selectExpr(*(f"{value} as {name}" for name, value in columns.items()))


@pytest.mark.skipif(not os.access("/proc/self/clear_refs", os.W_OK), reason="peaks of memory are Linux's")
def test_four_times_the_rows(spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from core20plus5_spark import job

    monkeypatch.setattr(job, "PartialTask", lambda question: WatchedTask(question, str(tmp_path / "peak")))
    peaks = []
    for rows in (FEW, MANY):
        result = count(people(spark, rows), strata=["icb_code"], plus_groups=["autism"], disclosure="none")
        assert result.provenance["rows_counted"] == rows
        peaks.append(int((tmp_path / "peak").read_text()))
    # 4.5 million rows more are 90 MB of Arrow and 70 MB of answers. Both tasks may meet a worker that has run another before.
    assert peaks[1] < peaks[0] + 40
