"""What the engine costs inside Spark, by hand: `python -m tests.spark.measure --millions 20 --rounds 3`.

Counts the same Parquet in turns, on local[2]: with a bare `mapInArrow` that only adds up rows of the same columns, with the
engine in Spark, and with the engine embedded in this process. Prints seconds by the clock, which a busy machine spoils, and
processor seconds of Spark's Java, of its Python workers and of this process.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa
import pyarrow.dataset
from pyspark.sql import DataFrame, SparkSession

import core20plus5
from core20plus5.engine.call import open_call
from core20plus5_cli.population import write_sample
from core20plus5_spark import count_cohorts
from core20plus5_spark.frame import arrow_schema, pruned
from tests.spark.asking import ASKED
from tests.spark.conftest import start

Way = Callable[[DataFrame, dict[str, Any]], int]

#: A question about hypertension by deprivation, and all that can be asked.
QUESTIONS: dict[str, dict[str, Any]] = {
    "narrow": {
        "strata": ["imd_quintile"],
        "indicators": ["core20", "hypertension", "hypertension_controlled"],
        "cohorts": ["everyone", "core20"],
    },
    "everything": {"strata": ["icb_code", "imd_quintile"], "plus_groups": "all"},
}


def rows_only(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The least that a task can do with Arrow."""
    yield pa.record_batch({"rows": pa.array([sum(batch.num_rows for batch in batches)])})


def processor_seconds() -> dict[str, float]:
    """Used so far by Spark's Java and by its Python workers, the descendants of this process, and by this process."""
    tick, used, parents, names = os.sysconf("SC_CLK_TCK"), {}, {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().partition("(")[2].rpartition(")")
        except OSError:  # it has just ended
            continue
        fields, process = rest.split(), int(stat.parent.name)
        parents[process], names[process], used[process] = int(fields[1]), name, (int(fields[11]) + int(fields[12])) / tick
    ours = {os.getpid()}
    while found := {process for process, parent in parents.items() if parent in ours} - ours:
        ours |= found
    ours.discard(os.getpid())
    java = {process for process in ours if names[process] == "java"}
    return {"java": sum(used[p] for p in java), "python": sum(used[p] for p in ours - java), "here": time.process_time()}


def timed(work: Callable[[], int]) -> dict[str, float]:
    """Rows, and seconds by the clock and of each processor user."""
    before, start_time = processor_seconds(), time.perf_counter()
    rows = work()
    seconds, after = time.perf_counter() - start_time, processor_seconds()
    return {"rows": rows, "wall": seconds, **{name: after[name] - before[name] for name in after}}


def by_engine(df: DataFrame, question: dict[str, Any]) -> int:
    ledger = count_cohorts(df, **ASKED, **question).provenance
    assert ledger["rows_received"] == ledger["rows_counted"] + sum(ledger["rows_excluded"].values())
    return int(ledger["rows_received"])


def bare(df: DataFrame, question: dict[str, Any]) -> int:
    schema = arrow_schema(df)
    call = open_call(schema.empty_table(), True, None, "core20plus5-adults", **ASKED, **question)
    frame = pruned(df, schema, call.columns)
    return sum(row.rows for row in frame.mapInArrow(rows_only, "rows bigint").collect())


def embedded(df: DataFrame, question: dict[str, Any]) -> int:
    files = [file.removeprefix("file://") for file in df.inputFiles()]
    records = pyarrow.dataset.dataset(files)  # type: ignore[arg-type]
    return int(core20plus5.count_cohorts(records, **ASKED, **question).provenance["rows_received"])


def turns(ways: dict[str, Way], df: DataFrame, question: dict[str, Any], rounds: int) -> dict[str, list[dict[str, float]]]:
    """Each way once a round, in turns."""
    runs: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            runs[name].append(timed(partial(way, df, question)))
            print(name, {key: round(value, 1) for key, value in runs[name][-1].items()}, flush=True)
    return runs


def say(runs: dict[str, list[dict[str, float]]]) -> None:
    """Medians, and what the engine adds."""
    middle = {}
    for way, timings in runs.items():
        middle[way] = {key: median(run[key] for run in timings) for key in timings[0]}
        middle[way]["processor"] = median(run["java"] + run["python"] + run["here"] for run in timings)
        print(way, {key: round(value, 1) for key, value in middle[way].items()})
    bare, engine = middle["bare"], middle["engine"]
    for key in ("wall", "processor"):
        print(f"{key}: engine is {engine[key] / bare[key]:.2f} of bare")
    share = (engine["python"] - bare["python"]) / engine["processor"]  # Java does the same for both
    print(f"the engine's share of processor time: {share:.0%}")


def people(spark: SparkSession, folder: Path, millions: int) -> DataFrame:
    """Sample people in files of a million; the first stands for all."""
    folder.mkdir()
    write_sample(folder / "0.parquet", 1_000_000, 1)
    for number in range(1, millions):
        os.link(folder / "0.parquet", folder / f"{number}.parquet")
    return spark.read.parquet(str(folder))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--millions", type=int, default=20)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--question", choices=QUESTIONS, default="narrow")
    options.add_argument("--batch-rows", type=int, default=10_000)
    asked = options.parse_args()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # workers need the packages of this environment
    ways: dict[str, Way] = {"bare": bare, "engine": by_engine, "embedded": embedded}
    with tempfile.TemporaryDirectory() as name:
        spark = start("local[2]", Path(name), **{"spark.sql.execution.arrow.maxRecordsPerBatch": asked.batch_rows})
        df = people(spark, Path(name) / "people", asked.millions)
        print(f"Spark {spark.version}, {asked.question}, {asked.batch_rows} rows a batch", flush=True)
        turns(ways, spark.read.parquet(f"{name}/people/0.parquet"), QUESTIONS[asked.question], 1)  # Java compiles, kernels load
        runs = turns(ways, df, QUESTIONS[asked.question], asked.rounds)
        spark.stop()
    assert {run["rows"] for way in ways for run in runs[way]} == {asked.millions * 1_000_000}
    say(runs)


if __name__ == "__main__":
    main()
