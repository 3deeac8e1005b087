"""Polars, over a frame of its own that it has loaded before the clock starts."""

from typing import Any

import polars as pl
import pyarrow as pa

from tests.benchmarks.contestants.contestant import Contestant, Times
from tests.benchmarks.contestants.expand import group, tidy
from tests.benchmarks.contestants.lookups import deciles, ethnicities
from tests.benchmarks.data import Data
from tests.benchmarks.definitions.polars_words import PolarsWords
from tests.benchmarks.definitions.query import Named, Query
from tests.benchmarks.question import Question


def _named(named: Named) -> list[pl.Expr]:
    return [expression.alias(name) for name, expression in named.items()]


def _frame(table: pa.Table) -> pl.DataFrame:
    frame: Any = pl.from_arrow(table)
    return frame.with_columns(pl.col(pl.Categorical).cast(pl.String))


class Polars(Contestant):
    """Groups, expands in NumPy. way: `patterns` of all answers, or `sums` by pattern of cohorts."""

    def __init__(self, data: Data, question: Question, way: str = "sums", thorough: bool = False) -> None:
        super().__init__(data, question)
        self.select = {"patterns": self._patterns, "sums": self._sums}[way]
        people = data.table()
        self.query = Query(PolarsWords(), question, tuple(people.column_names), thorough)
        self.people = _frame(people).lazy()
        self.imd, self.ethnicity = (_frame(table) for table in (deciles(data.imd_table()), ethnicities()))

    def _answered(self, carried: tuple[str, ...] = ()) -> pl.LazyFrame:
        query = self.query
        frame = self.people.filter(query.kept).with_columns(_named(self._looked_up()))
        frame = frame.select([*carried, *_named(query.keys | query.clean)])
        for level in query.levels:
            frame = frame.with_columns(_named(level))
        return frame

    def _looked_up(self) -> Named:
        """`replace_strict` rather than a join, which would gather every column of the people: 0.7 against 1.0 of the time."""
        code = self.query.translation.code_as_sent
        lsoa, category = code("lsoa_code"), code("ethnic_category")
        return {
            "deprivation_decile": lsoa.replace_strict(*self.imd.get_columns(), default=None),
            "ethnic_letter": category.replace_strict(*self.ethnicity.select("ethnic_code", "ethnic_letter"), default=None),
            "ethnic_place": category.replace_strict(*self.ethnicity.select("ethnic_code", "ethnic_place"), default=None),
        }

    def _patterns(self) -> pa.Table:
        query = self.query
        words = query.cohort_words | query.other_words
        frame = self._answered().select([*query.keys, *_named(words)])
        return self._collected(frame.group_by([*query.keys, *words]).agg(pl.len().alias("n")))

    def _sums(self) -> pa.Table:
        query = self.query
        frame = self._answered().select([*query.keys, *_named(query.cohort_words | query.counters)])
        summed = [pl.col(name).sum() for name in query.counters]
        return self._collected(frame.group_by([*query.keys, *query.cohort_words]).agg(pl.len().alias("n"), *summed))

    @staticmethod
    def _collected(frame: pl.LazyFrame) -> pa.Table:
        return frame.collect(engine="streaming").to_arrow()

    def _flags(self) -> pl.DataFrame:
        codes = {name: self.query.code(name).cast(pl.Int8) for name in self.query.rules.reported}
        return self._answered(("person_id",)).select(["person_id", *_named(codes)]).collect()

    def count(self, times: Times) -> pa.Table:
        grouped = times.run("counts", lambda: group(self.select(), self.query))
        return times.run("table", lambda: tidy(grouped, self.query))

    def flag(self, times: Times) -> Any:
        return times.run("flags", self._flags)
