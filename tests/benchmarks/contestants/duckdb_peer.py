"""DuckDB, over a table of its own that it has loaded before the clock starts: faster than scanning Arrow."""

from typing import Any

import duckdb
import pyarrow as pa

from tests.benchmarks.contestants.contestant import Contestant, Times
from tests.benchmarks.contestants.expand import group, tidy
from tests.benchmarks.contestants.imd import lookup
from tests.benchmarks.data import Data
from tests.benchmarks.definitions import stages
from tests.benchmarks.definitions.query import Query
from tests.benchmarks.definitions.sql import DuckDbSql
from tests.benchmarks.question import Question


class DuckDb(Contestant):
    """Groups by answer pattern in SQL, expands in NumPy."""

    def __init__(self, data: Data, question: Question, threads: int = 2, thorough: bool = False, own: bool = True) -> None:
        super().__init__(data, question)
        self.connection = duckdb.connect(config={"threads": threads, "preserve_insertion_order": False})
        self.connection.execute("SET enable_progress_bar = false")
        people = data.table()
        self.query = Query(DuckDbSql(), question, tuple(people.column_names), thorough)
        self.arrow = people
        self.connection.register("imd_arrow", lookup(data.imd_table()))
        self.connection.execute("CREATE TABLE imd AS FROM imd_arrow")
        self.connection.register("people_arrow" if own else "people", people)
        if own:
            self.connection.execute("CREATE TABLE people AS FROM people_arrow")

    def _ask(self, text: str) -> pa.Table:
        return self.connection.sql(text).to_arrow_table()

    def count(self, times: Times) -> pa.Table:
        grouped = times.run("counts", lambda: group(self._ask(stages.patterns(self.query)), self.query))
        return times.run("table", lambda: tidy(grouped, self.query))

    def flag(self, times: Times) -> Any:
        return times.run("flags", lambda: self._ask(stages.flags(self.query)))

    def close(self) -> None:
        self.connection.close()
