"""Polars expressions."""

from collections.abc import Sequence
from datetime import date
from functools import reduce
from operator import add

import polars as pl

from tests.benchmarks.definitions.algebra import Algebra, Numbers


class PolarsWords(Algebra):
    """Everything is a `pl.Expr`; `&` and `|` of booleans are Kleene's."""

    def column(self, name: str) -> pl.Expr:
        return pl.col(name)

    def constant(self, value: bool | float | str | date) -> pl.Expr:
        return pl.lit(value)

    def both(self, left: pl.Expr, right: pl.Expr) -> pl.Expr:
        return left & right

    def either(self, left: pl.Expr, right: pl.Expr) -> pl.Expr:
        return left | right

    def negate(self, of: pl.Expr) -> pl.Expr:
        return ~of

    def at_least(self, left: pl.Expr, right: pl.Expr) -> pl.Expr:
        return left >= right

    def is_in(self, value: pl.Expr, values: Sequence[str]) -> pl.Expr:
        return value == values[0] if len(values) == 1 else value.is_in(list(values))

    def recorded(self, value: pl.Expr) -> pl.Expr:
        return value.is_not_null()

    def is_yes(self, truth: pl.Expr) -> pl.Expr:
        return truth.fill_null(False)

    def otherwise(self, value: pl.Expr, instead: pl.Expr) -> pl.Expr:
        return value.fill_null(instead)

    def case(self, branches: Sequence[tuple[pl.Expr, pl.Expr]], otherwise: pl.Expr | None = None) -> pl.Expr:
        (condition, value), *rest = branches
        chain: pl.Expr = pl.when(condition).then(value)
        for condition, value in rest:
            chain = chain.when(condition).then(value)  # type: ignore[attr-defined]
        return chain if otherwise is None else chain.otherwise(otherwise)  # type: ignore[attr-defined]

    def days(self, start: pl.Expr, end: pl.Expr) -> pl.Expr:
        return end.cast(pl.Int32) - start.cast(pl.Int32)

    def add(self, left: pl.Expr, right: pl.Expr) -> pl.Expr:
        return left + right

    def subtract(self, left: pl.Expr, right: pl.Expr) -> pl.Expr:
        return left - right

    def quintile(self, decile: pl.Expr) -> pl.Expr:
        return (decile + 1) // 2

    def upper(self, text: pl.Expr) -> pl.Expr:
        return text.str.strip_chars().str.to_uppercase()

    def first_letter(self, text: pl.Expr) -> pl.Expr:
        return text.str.slice(0, 1)

    def is_short(self, text: pl.Expr) -> pl.Expr:
        return text.str.len_bytes() <= 2

    def matches(self, text: pl.Expr, pattern: str) -> pl.Expr:
        return text.str.contains(f"^{pattern}$")

    def code(self, among: pl.Expr | None, truth: pl.Expr, numbers: Numbers) -> pl.Expr:
        yes, no, unknown = (pl.lit(number, pl.Int64) for number in numbers)
        asked = pl.when(truth).then(yes).when(truth.is_null()).then(unknown).otherwise(no)
        return asked if among is None else pl.when(among.is_null() | among).then(asked).otherwise(pl.lit(0, pl.Int64))

    def total(self, parts: Sequence[pl.Expr]) -> pl.Expr:
        return reduce(add, parts) if parts else pl.lit(0, pl.Int64)
