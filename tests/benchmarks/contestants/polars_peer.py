"""Polars, over a frame of its own that it has loaded before the clock starts."""

from typing import Any

import polars as pl
import pyarrow as pa

from tests.benchmarks.contestants.contestant import Contestant, Times
from tests.benchmarks.contestants.expand import group, tidy
from tests.benchmarks.contestants.imd import lookup
from tests.benchmarks.data import Data
from tests.benchmarks.definitions.polars_words import PolarsWords
from tests.benchmarks.definitions.query import Named, Query
from tests.benchmarks.question import Question


def _named(named: Named) -> list[pl.Expr]:
    return [expression.alias(name) for name, expression in named.items()]


class Polars(Contestant):
    """Groups by answer pattern, expands in NumPy."""

    def __init__(self, data: Data, question: Question, thorough: bool = False) -> None:
        super().__init__(data, question)
        people = data.table()
        self.query = Query(PolarsWords(), question, tuple(people.column_names), thorough)
        frame: Any = pl.from_arrow(people)
        self.people = frame.with_columns(pl.col(pl.Categorical).cast(pl.String)).lazy()
        imd: Any = pl.from_arrow(lookup(data.imd_table()))
        self.imd = imd.lazy()

    def _answered(self, carried: tuple[str, ...] = ()) -> pl.LazyFrame:
        query = self.query
        frame = self.people.filter(query.kept).join(self.imd, on="lsoa_code", how="left")
        frame = frame.select([*carried, *_named(query.keys | query.clean)])
        for level in query.levels:
            frame = frame.with_columns(_named(level))
        return frame

    def _patterns(self) -> pa.Table:
        query = self.query
        frame = self._answered().select([*query.keys, *_named(query.pattern)])
        return frame.group_by([*query.keys, *query.pattern]).agg(pl.len().alias("n")).collect(engine="streaming").to_arrow()

    def _flags(self) -> pl.DataFrame:
        codes = {name: self.query.code(name).cast(pl.Int8) for name in self.query.rules.reported}
        return self._answered(("person_id",)).select(["person_id", *_named(codes)]).collect()

    def count(self, times: Times) -> pa.Table:
        grouped = times.run("counts", lambda: group(self._patterns(), self.query))
        return times.run("table", lambda: tidy(grouped, self.query))

    def flag(self, times: Times) -> Any:
        return times.run("flags", self._flags)
