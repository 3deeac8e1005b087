"""DuckDB, over a table of its own that it has loaded before the clock starts: faster than scanning Arrow."""

import os
from typing import Any

import duckdb
import pyarrow as pa

from tests.benchmarks.contestants.contestant import Contestant, Times
from tests.benchmarks.contestants.expand import group, tidy
from tests.benchmarks.contestants.lookups import deciles, ethnicities
from tests.benchmarks.data import Data
from tests.benchmarks.definitions import stages
from tests.benchmarks.definitions.query import Query
from tests.benchmarks.definitions.sql import DuckDbSql
from tests.benchmarks.question import Question


class DuckDb(Contestant):
    """Groups in SQL, expands in NumPy. way: `patterns` of all answers, or `sums` by pattern of cohorts."""

    def __init__(self, data: Data, question: Question, way: str = "sums", thorough: bool = False, own: bool = True) -> None:
        super().__init__(data, question)
        threads = len(os.sched_getaffinity(0))
        self.select = {"patterns": stages.patterns, "sums": stages.sums}[way]
        self.connection = duckdb.connect(config={"threads": threads, "preserve_insertion_order": False})
        self.connection.execute("SET enable_progress_bar = false")
        people = data.table()
        self.query = Query(DuckDbSql(), question, tuple(people.column_names), thorough)
        self.arrow = people
        for name, table in {"imd": deciles(data.imd_table()), "ethnicity": ethnicities()}.items():
            self.connection.register(f"{name}_arrow", table)
            self.connection.execute(f"CREATE TABLE {name} AS FROM {name}_arrow")
        self.connection.register("people_arrow" if own else "people", people)
        if own:
            self.connection.execute("CREATE TABLE people AS FROM people_arrow")

    def _ask(self, text: str) -> pa.Table:
        return self.connection.sql(text).to_arrow_table()

    def count(self, times: Times) -> pa.Table:
        grouped = times.run("counts", lambda: group(self._ask(self.select(self.query)), self.query))
        return times.run("table", lambda: tidy(grouped, self.query))

    def flag(self, times: Times) -> Any:
        return times.run("flags", lambda: self._ask(stages.flags(self.query)))

    def close(self) -> None:
        self.connection.close()


class DuckDbAlone(DuckDb):
    """SQL to the tidy table, with nothing after it: an expansion by UNPIVOT."""

    def count(self, times: Times) -> pa.Table:
        return times.run("total", lambda: self._ask(stages.tidy(self.query)))
