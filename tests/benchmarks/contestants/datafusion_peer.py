"""DataFusion, over the Arrow batches as they are: a table of its own would be the same batches."""

from typing import Any

import datafusion
import pyarrow as pa

from tests.benchmarks.contestants.contestant import Contestant, Times
from tests.benchmarks.contestants.expand import group, tidy
from tests.benchmarks.contestants.imd import lookup
from tests.benchmarks.data import Data
from tests.benchmarks.definitions import stages
from tests.benchmarks.definitions.query import Query
from tests.benchmarks.definitions.sql import DataFusionSql
from tests.benchmarks.question import Question


class DataFusion(Contestant):
    """Groups by answer pattern in SQL, expands in NumPy."""

    def __init__(self, data: Data, question: Question, threads: int = 2, thorough: bool = False) -> None:
        super().__init__(data, question)
        config = datafusion.SessionConfig().with_target_partitions(threads).with_batch_size(8192)
        self.context = datafusion.SessionContext(config)
        people = data.table()
        batches = people.to_batches()
        self.context.register_record_batches("people", [batches[start::threads] for start in range(min(threads, len(batches)))])
        self.context.register_record_batches("imd", [lookup(data.imd_table()).to_batches()])
        self.query = Query(DataFusionSql(), question, tuple(people.column_names), thorough)

    def _ask(self, text: str) -> pa.Table:
        return self.context.sql(text).to_arrow_table()

    def count(self, times: Times) -> pa.Table:
        grouped = times.run("counts", lambda: group(self._ask(stages.patterns(self.query)), self.query))
        return times.run("table", lambda: tidy(grouped, self.query))

    def flag(self, times: Times) -> Any:
        return times.run("flags", lambda: self._ask(stages.flags(self.query)))
