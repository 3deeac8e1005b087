"""What a sentence becomes: a small tree of typed nodes. Equal trees are equal objects to a dictionary, so work is shared."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import Enum


class Type(Enum):
    """The type of a node; the value is the word used in messages."""

    TRUTH = "a yes, no or unknown"
    NUMBER = "a number"
    DATE = "a date"
    CODE = "a code"
    TEXT = "a text"


@dataclass(frozen=True)
class Node:
    """Any part of a sentence."""

    @property
    def type(self) -> Type:
        """Truths are the rule; the other types override this."""
        return Type.TRUTH

    def parts(self) -> Iterator["Node"]:
        """The nodes directly inside this one."""
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Node):
                yield value


# Values.


@dataclass(frozen=True)
class ColumnValue(Node):
    """A column of the record, or one of the two values that ingest derives: `age` and `deprivation_decile`."""

    name: str
    of: Type

    @property
    def type(self) -> Type:
        return self.of


@dataclass(frozen=True)
class Parameter(Node):
    """A named threshold or window; its value comes with the request."""

    name: str
    of: Type

    @property
    def type(self) -> Type:
        return self.of


@dataclass(frozen=True)
class Literal(Node):
    """A number written out."""

    value: float

    @property
    def type(self) -> Type:
        return Type.NUMBER


@dataclass(frozen=True)
class ReferenceDate(Node):
    """The reference date of the request."""

    @property
    def type(self) -> Type:
        return Type.DATE


@dataclass(frozen=True)
class DaysBetween(Node):
    """Days from one date to another, negative when the second is earlier; unknown when either is."""

    start: Node
    end: Node

    @property
    def type(self) -> Type:
        return Type.NUMBER


@dataclass(frozen=True)
class Sum(Node):
    """left + right, or left - right where `minus`."""

    left: Node
    right: Node
    minus: bool

    @property
    def type(self) -> Type:
        return Type.NUMBER


@dataclass(frozen=True)
class Choice(Node):
    """One number or another, by a condition; unknown where the condition is."""

    condition: Node
    if_yes: Node
    if_no: Node

    @property
    def type(self) -> Type:
        return Type.NUMBER


# Truths.


@dataclass(frozen=True)
class Always(Node):
    """Yes, or no, for everyone."""

    value: bool


@dataclass(frozen=True)
class AtLeast(Node):
    """left >= right, of two numbers or two dates; unknown when either is unknown."""

    left: Node
    right: Node


@dataclass(frozen=True)
class CodeIn(Node):
    """Whether a code is one of some; unknown when the code is."""

    column: ColumnValue
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Both(Node):
    left: Node
    right: Node


@dataclass(frozen=True)
class Either(Node):
    left: Node
    right: Node


@dataclass(frozen=True)
class Negation(Node):
    of: Node


@dataclass(frozen=True)
class IsYes(Node):
    """Unknown becomes no."""

    of: Node


@dataclass(frozen=True)
class Recorded(Node):
    """Whether a value is there; never unknown."""

    value: Node


@dataclass(frozen=True)
class WithinMonths(Node):
    """Later than some calendar months before the reference date; no date is no."""

    date: ColumnValue
    months: Node


@dataclass(frozen=True)
class InSeason(Node):
    """In the latest season that began on or before the reference date; no date is no."""

    date: ColumnValue
    start: Node
    end: Node


@dataclass(frozen=True)
class OnRegister(Node):
    """Diagnosed, and not resolved since; a same-day tie keeps the diagnosis."""

    diagnosed: ColumnValue
    resolved: ColumnValue


@dataclass(frozen=True)
class IndicatorAnswer(Node):
    """The answer of another indicator, not applicable read as no."""

    name: str


@dataclass(frozen=True)
class AnyPlusGroup(Node):
    """OR of the PLUS groups that the request names."""


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for part in node.parts():
        yield from _walk(part)


def columns_of(node: Node) -> set[str]:
    """Names of the columns and derived values that a sentence reads itself."""
    return {part.name for part in _walk(node) if isinstance(part, ColumnValue)}


def indicators_of(node: Node) -> set[str]:
    """Names of the indicators whose answers a sentence reads."""
    return {part.name for part in _walk(node) if isinstance(part, IndicatorAnswer)}


def parameters_of(node: Node) -> set[str]:
    """Names of the parameters that a sentence reads."""
    return {part.name for part in _walk(node) if isinstance(part, Parameter)}


def reads_plus_groups(node: Node) -> bool:
    """Whether a sentence depends on the PLUS groups of the request."""
    return any(isinstance(part, AnyPlusGroup) for part in _walk(node))
