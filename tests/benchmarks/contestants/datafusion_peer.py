"""DataFusion, over the Arrow batches as they are: a table of its own would be the same batches."""

import os
from typing import Any

import datafusion
import pyarrow as pa

from tests.benchmarks.contestants.contestant import Contestant, Times
from tests.benchmarks.contestants.expand import group, tidy
from tests.benchmarks.contestants.lookups import deciles, ethnicities
from tests.benchmarks.data import Data
from tests.benchmarks.definitions import stages
from tests.benchmarks.definitions.query import Query
from tests.benchmarks.definitions.sql import DataFusionSql
from tests.benchmarks.question import Question


class DataFusion(Contestant):
    """Groups in SQL, expands in NumPy. way: `patterns` of all answers, or `sums` by pattern of cohorts."""

    def __init__(self, data: Data, question: Question, way: str = "sums", thorough: bool = False) -> None:
        super().__init__(data, question)
        threads = len(os.sched_getaffinity(0))
        self.select = {"patterns": stages.patterns, "sums": stages.sums}[way]
        config = datafusion.SessionConfig().with_target_partitions(threads).with_batch_size(8192)
        self.context = datafusion.SessionContext(config)
        people = data.table()
        batches = people.to_batches()
        self.context.register_record_batches("people", [batches[start::threads] for start in range(min(threads, len(batches)))])
        for name, table in {"imd": deciles(data.imd_table()), "ethnicity": ethnicities()}.items():
            self.context.register_record_batches(name, [table.to_batches()])
        self.query = Query(DataFusionSql(), question, tuple(people.column_names), thorough)

    def _ask(self, text: str) -> pa.Table:
        return self.context.sql(text).to_arrow_table()

    def count(self, times: Times) -> pa.Table:
        grouped = times.run("counts", lambda: group(self._ask(self.select(self.query)), self.query))
        return times.run("table", lambda: tidy(grouped, self.query))

    def flag(self, times: Times) -> Any:
        return times.run("flags", lambda: self._ask(stages.flags(self.query)))
