"""The words in which definitions are written for a peer: what SQL and Polars have in common.

An expression is whatever the peer takes: text for SQL, `pl.Expr` for Polars. Truths are three-valued in all of them: null is
unknown, AND, OR and NOT are Kleene's.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date
from typing import Any

Expression = Any

#: What stands for yes, for no and for unknown.
Numbers = tuple[int, int, int]


class Algebra(ABC):
    """One peer's way to write an expression."""

    @abstractmethod
    def column(self, name: str) -> Expression: ...

    @abstractmethod
    def constant(self, value: bool | float | str | date) -> Expression: ...

    @abstractmethod
    def both(self, left: Expression, right: Expression) -> Expression: ...

    @abstractmethod
    def either(self, left: Expression, right: Expression) -> Expression: ...

    @abstractmethod
    def negate(self, of: Expression) -> Expression: ...

    @abstractmethod
    def at_least(self, left: Expression, right: Expression) -> Expression: ...

    @abstractmethod
    def is_in(self, value: Expression, values: Sequence[str]) -> Expression:
        """Null where the value is."""

    @abstractmethod
    def recorded(self, value: Expression) -> Expression: ...

    @abstractmethod
    def is_yes(self, truth: Expression) -> Expression:
        """Null becomes no."""

    @abstractmethod
    def otherwise(self, value: Expression, instead: Expression) -> Expression:
        """The value; the other where it is null."""

    @abstractmethod
    def case(self, branches: Sequence[tuple[Expression, Expression]], otherwise: Expression | None = None) -> Expression:
        """The value of the first branch that is yes; null without `otherwise`."""

    @abstractmethod
    def days(self, start: Expression, end: Expression) -> Expression:
        """Whole days from one date to another."""

    @abstractmethod
    def add(self, left: Expression, right: Expression) -> Expression: ...

    @abstractmethod
    def subtract(self, left: Expression, right: Expression) -> Expression: ...

    @abstractmethod
    def quintile(self, decile: Expression) -> Expression:
        """(decile + 1) // 2."""

    @abstractmethod
    def upper(self, text: Expression) -> Expression:
        """Trimmed and in upper case."""

    @abstractmethod
    def first_letter(self, text: Expression) -> Expression: ...

    @abstractmethod
    def is_short(self, text: Expression) -> Expression:
        """At most two characters."""

    @abstractmethod
    def matches(self, text: Expression, pattern: str) -> Expression:
        """The whole text, by a regular expression."""

    @abstractmethod
    def code(self, among: Expression | None, truth: Expression, numbers: Numbers) -> Expression:
        """The answer as one of the 64-bit numbers, and 0 where `among` is no. among: None where everyone is asked."""

    @abstractmethod
    def total(self, parts: Sequence[Expression]) -> Expression:
        """The sum of some 64-bit integers."""
