"""SQL, in the dialects of DuckDB and DataFusion."""

from collections.abc import Sequence
from datetime import date

from tests.benchmarks.definitions.algebra import Algebra, Numbers


class Sql(Algebra):
    """Both dialects, where they are the same."""

    def column(self, name: str) -> str:
        return name

    def constant(self, value: bool | float | str | date) -> str:
        if isinstance(value, date):
            return f"DATE '{value.isoformat()}'"
        if isinstance(value, bool):
            return str(value).upper()
        return f"'{value}'" if isinstance(value, str) else str(value)

    def both(self, left: str, right: str) -> str:
        return f"({left} AND {right})"

    def either(self, left: str, right: str) -> str:
        return f"({left} OR {right})"

    def negate(self, of: str) -> str:
        return f"(NOT {of})"

    def at_least(self, left: str, right: str) -> str:
        return f"({left} >= {right})"

    def is_in(self, value: str, values: Sequence[str]) -> str:
        if len(values) == 1:
            return f"({value} = {self.constant(values[0])})"
        return f"({value} IN ({', '.join(map(self.constant, values))}))"

    def recorded(self, value: str) -> str:
        return f"({value} IS NOT NULL)"

    def is_yes(self, truth: str) -> str:
        return f"coalesce({truth}, FALSE)"

    def otherwise(self, value: str, instead: str) -> str:
        return f"coalesce({value}, {instead})"

    def case(self, branches: Sequence[tuple[str, str]], otherwise: str | None = None) -> str:
        whens = " ".join(f"WHEN {condition} THEN {value}" for condition, value in branches)
        return f"CASE {whens}{f' ELSE {otherwise}' if otherwise is not None else ''} END"

    def add(self, left: str, right: str) -> str:
        return f"({left} + {right})"

    def subtract(self, left: str, right: str) -> str:
        return f"({left} - {right})"

    def upper(self, text: str) -> str:
        return f"upper(trim({text}))"

    def first_letter(self, text: str) -> str:
        return f"substr({text}, 1, 1)"

    def is_short(self, text: str) -> str:
        return f"(length({text}) <= 2)"

    def code(self, among: str | None, truth: str, numbers: Numbers) -> str:
        yes, no, unknown = map(self.big, numbers)
        asked = f"WHEN NOT {among} THEN {self.big(0)} " if among is not None else ""
        return f"CASE {asked}WHEN {truth} IS NULL THEN {unknown} WHEN {truth} THEN {yes} ELSE {no} END"

    def total(self, parts: Sequence[str]) -> str:
        return " + ".join(parts) or self.big(0)

    def big(self, value: int) -> str:
        """A 64-bit integer."""
        return f"CAST({value} AS BIGINT)"

    def days(self, start: str, end: str) -> str:
        raise NotImplementedError

    def quintile(self, decile: str) -> str:
        raise NotImplementedError

    def matches(self, text: str, pattern: str) -> str:
        raise NotImplementedError


class DuckDbSql(Sql):
    """DuckDB: dates subtract to days, `//` is whole division."""

    def days(self, start: str, end: str) -> str:
        return f"({end} - {start})"

    def quintile(self, decile: str) -> str:
        return f"(({decile} + 1) // 2)"

    def matches(self, text: str, pattern: str) -> str:
        return f"regexp_full_match({text}, '{pattern}')"


class DataFusionSql(Sql):
    """DataFusion: a date is a number of days, integers divide to integers."""

    def days(self, start: str, end: str) -> str:
        return f"(arrow_cast({end}, 'Int32') - arrow_cast({start}, 'Int32'))"

    def quintile(self, decile: str) -> str:
        return f"(({decile} + 1) / 2)"

    def matches(self, text: str, pattern: str) -> str:
        return f"({text} ~ '^{pattern}$')"
