"""From the text of a sentence to a typed tree: an allow-list of Python's syntax, and nothing else."""

import ast
import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from core20plus5.expressions.nodes import (
    Always,
    AnyPlusGroup,
    AtLeast,
    Both,
    Choice,
    CodeIn,
    ColumnValue,
    DaysBetween,
    Either,
    IndicatorAnswer,
    InSeason,
    IsYes,
    Literal,
    Negation,
    Node,
    OnRegister,
    Parameter,
    Recorded,
    ReferenceDate,
    Sum,
    Type,
    WithinMonths,
)
from core20plus5.records import Kind, find_column

MAX_LENGTH = 2_000
MAX_DEPTH = 40

# Columns that a sentence reads through a derived value, where several columns or a table make one fact.
_DERIVED = {
    "age_years": "age",
    "lsoa_code": "deprivation_decile",
    "imd_rank": "deprivation_decile",
    "imd_decile": "deprivation_decile",
    "no_imd_reason": "deprivation_decile",
}
_COLUMN_TYPES = {Kind.DATE: Type.DATE, Kind.BOOL: Type.TRUTH, Kind.CODE: Type.CODE} | dict.fromkeys(
    (Kind.INTEGER, Kind.NUMBER), Type.NUMBER
)
_NUMBER_NAMES = ("age", "deprivation_decile")


class ExpressionError(ValueError):
    """A sentence that cannot be read; `position` counts characters from 1."""

    def __init__(self, message: str, position: int) -> None:
        self.position = position
        super().__init__(f"position {position}: {message}")


@dataclass
class Vocabulary:
    """What a sentence may name besides the columns of the record."""

    parameters: Mapping[str, Type] = field(default_factory=dict)
    definitions: Mapping[str, str] = field(default_factory=dict)
    indicators: frozenset[str] = frozenset()
    _open: list[str] = field(default_factory=list)

    def definition(self, name: str, position: int) -> Node:
        """Read the definition of a word, where it is used; a mistake in it is reported at its own position."""
        if name in self._open:
            raise ExpressionError(f"{name!r} is defined by itself", position)
        self._open.append(name)
        try:
            return read_expression(self.definitions[name], self)
        except ExpressionError as error:
            raise ExpressionError(f"in the definition of {name!r}, {error}", position) from None
        finally:
            self._open.pop()


def read_expression(text: str, vocabulary: Vocabulary) -> Node:
    """Read one sentence.

    text: a boolean or arithmetic expression in a subset of Python's syntax.
    Raises ExpressionError, with the position, for everything that is not in the language.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"longer than {MAX_LENGTH} characters", MAX_LENGTH + 1)
    if "#" in text:  # lines are joined, so a comment would swallow what follows it
        raise ExpressionError("comments are not part of the language", text.index("#") + 1)
    one_line = text.replace("\n", " ").rstrip()
    start = len(one_line) - len(one_line.lstrip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            tree = ast.parse(one_line[start:], mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError, Warning) as error:
        column = getattr(error, "offset", None) or 1
        raise ExpressionError("not a well-formed expression", start + column) from None
    return _Reader(one_line, start, vocabulary).node(tree.body, 0)


class _Reader:
    def __init__(self, text: str, start: int, vocabulary: Vocabulary) -> None:
        self.text = text
        self.start = start
        self.vocabulary = vocabulary

    def fail(self, tree: ast.AST, message: str) -> ExpressionError:
        """An error at the place of a part, in characters from 1; Python counts in bytes."""
        before = self.text[self.start :].encode()[: getattr(tree, "col_offset", 0)]
        return ExpressionError(message, self.start + len(before.decode(errors="ignore")) + 1)

    def node(self, tree: ast.expr, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self.fail(tree, f"nested more than {MAX_DEPTH} deep")
        readers: dict[type, Callable[..., Node]] = {
            ast.BoolOp: self.bool_op,
            ast.UnaryOp: self.unary_op,
            ast.BinOp: self.bin_op,
            ast.Compare: self.compare,
            ast.IfExp: self.choice,
            ast.Call: self.call,
            ast.Name: self.name,
            ast.Constant: self.constant,
        }
        reader = readers.get(type(tree))
        if reader is None:
            raise self.fail(tree, f"{type(tree).__name__} is not part of the language")
        return reader(tree, depth + 1)

    def typed(self, tree: ast.expr, depth: int, *types: Type) -> Node:
        node = self.node(tree, depth)
        if node.type not in types:
            wanted = " or ".join(type_.value for type_ in types)
            raise self.fail(tree, f"expected {wanted}, found {node.type.value}")
        return node

    def bool_op(self, tree: ast.BoolOp, depth: int) -> Node:
        join = Both if isinstance(tree.op, ast.And) else Either
        parts = [self.typed(value, depth, Type.TRUTH) for value in tree.values]
        result = parts[0]
        for part in parts[1:]:
            result = join(result, part)
        return result

    def unary_op(self, tree: ast.UnaryOp, depth: int) -> Node:
        if isinstance(tree.op, ast.Not):
            return Negation(self.typed(tree.operand, depth, Type.TRUTH))
        number = self.node(tree.operand, depth)
        if isinstance(tree.op, ast.USub) and isinstance(number, Literal):
            return Literal(-number.value)
        raise self.fail(tree, "only `not`, and a minus before a number, are part of the language")

    def bin_op(self, tree: ast.BinOp, depth: int) -> Node:
        if not isinstance(tree.op, (ast.Add, ast.Sub)):
            raise self.fail(tree, f"{type(tree.op).__name__} is not part of the language; + and - are")
        left = self.typed(tree.left, depth, Type.NUMBER)
        right = self.typed(tree.right, depth, Type.NUMBER)
        return Sum(left, right, isinstance(tree.op, ast.Sub))

    def choice(self, tree: ast.IfExp, depth: int) -> Node:
        condition = self.typed(tree.test, depth, Type.TRUTH)
        if_yes = self.typed(tree.body, depth, Type.NUMBER)
        return Choice(condition, if_yes, self.typed(tree.orelse, depth, Type.NUMBER))

    def constant(self, tree: ast.Constant, depth: int) -> Node:
        if isinstance(tree.value, bool):
            return Always(tree.value)
        if isinstance(tree.value, (int, float)) and abs(tree.value) <= 1e9 and math.isfinite(tree.value):
            return Literal(float(tree.value))
        raise self.fail(tree, "expected True, False or a number up to a thousand million")

    def name(self, tree: ast.Name, depth: int) -> Node:
        name, words = tree.id, self.vocabulary
        if name == "reference_date":
            return ReferenceDate()
        if name in words.parameters:
            return Parameter(name, words.parameters[name])
        if name in words.definitions:
            return words.definition(name, self.fail(tree, "").position)
        column = find_column(name)
        # A cohort may have the name of the column it reads: inside a sentence the name is the column.
        if column is None and name in words.indicators:
            return IndicatorAnswer(name)
        if name in _NUMBER_NAMES:
            return ColumnValue(name, Type.NUMBER)
        base = name.removesuffix("_2019").removesuffix("_2025")
        if base in _DERIVED:
            raise self.fail(tree, f"column {name!r} is read through {_DERIVED[base]!r}")
        if column is None or column.kind not in _COLUMN_TYPES:
            raise self.fail(tree, f"{name!r} is no column, parameter, definition or indicator that a sentence can use")
        return ColumnValue(name, _COLUMN_TYPES[column.kind])

    def compare(self, tree: ast.Compare, depth: int) -> Node:
        if len(tree.ops) != 1:
            raise self.fail(tree, "one comparison at a time; join two with `and`")
        operator, right_tree = tree.ops[0], tree.comparators[0]
        left = self.typed(tree.left, depth, Type.NUMBER, Type.DATE, Type.CODE)
        if left.type is Type.CODE:
            return self.compare_code(left, operator, right_tree)
        right = self.typed(right_tree, depth, left.type)
        at_least, at_most = AtLeast(left, right), AtLeast(right, left)
        meanings: dict[type, Node] = {
            ast.GtE: at_least,
            ast.LtE: at_most,
            ast.Lt: Negation(at_least),
            ast.Gt: Negation(at_most),
            ast.Eq: Both(at_least, at_most),
            ast.NotEq: Negation(Both(at_least, at_most)),
        }
        if type(operator) not in meanings:
            raise self.fail(tree, f"{type(operator).__name__} does not compare {left.type.value}")
        return meanings[type(operator)]

    def compare_code(self, column: Node, operator: ast.cmpop, right: ast.expr) -> Node:
        if isinstance(operator, (ast.In, ast.NotIn)) and isinstance(right, (ast.Tuple, ast.List, ast.Set)):
            texts = right.elts
        elif isinstance(operator, (ast.Eq, ast.NotEq)):
            texts = [right]
        else:
            raise self.fail(right, "a code is compared with ==, !=, `in (...)` or `not in (...)`")
        assert isinstance(column, ColumnValue)
        inside = CodeIn(column, tuple(self.code(text, column.name) for text in texts))
        return Negation(inside) if isinstance(operator, (ast.NotIn, ast.NotEq)) else inside

    def code(self, tree: ast.expr, name: str) -> str:
        column = find_column(name)
        accepted = column.values if column else ()
        if not (isinstance(tree, ast.Constant) and isinstance(tree.value, str) and tree.value in accepted):
            raise self.fail(tree, f"{name!r} is one of {', '.join(map(repr, accepted))}")
        return tree.value

    def call(self, tree: ast.Call, depth: int) -> Node:
        functions: dict[str, tuple[Callable[..., Node], list[tuple[Type, ...]]]] = {
            "recorded": (Recorded, [(Type.DATE, Type.NUMBER, Type.CODE, Type.TRUTH)]),
            "is_yes": (IsYes, [(Type.TRUTH,)]),
            "within_months": (WithinMonths, [(Type.DATE,), (Type.NUMBER,)]),
            "in_season": (InSeason, [(Type.DATE,), (Type.TEXT,), (Type.TEXT,)]),
            "on_register": (OnRegister, [(Type.DATE,), (Type.DATE,)]),
            "days_between": (DaysBetween, [(Type.DATE,), (Type.DATE,)]),
            "any_plus_group": (AnyPlusGroup, []),
        }
        if not isinstance(tree.func, ast.Name) or tree.func.id not in functions:
            raise self.fail(tree, f"the functions are {', '.join(functions)}")
        build, wanted = functions[tree.func.id]
        if tree.keywords or len(tree.args) != len(wanted):
            raise self.fail(tree, f"{tree.func.id} takes {len(wanted)} argument(s), by position")
        arguments = [self.typed(arg, depth, *types) for arg, types in zip(tree.args, wanted, strict=True)]
        self.check_arguments(tree, tree.func.id, arguments)
        return build(*arguments)

    def check_arguments(self, tree: ast.Call, function: str, arguments: list[Node]) -> None:
        """Windows and registers read columns as they are, and take their limits from the request, not from a row."""
        for place, argument in zip(tree.args, arguments, strict=True):
            if function in ("within_months", "in_season", "on_register") and argument.type is Type.DATE:
                wrong = not isinstance(argument, ColumnValue)
                hint = "a date column"
            elif function == "within_months":
                wrong = not isinstance(argument, (Parameter, Literal))
                hint = "a parameter or a number"
            elif function == "recorded":
                wrong = not isinstance(argument, ColumnValue)
                hint = "a column"
            else:
                continue
            if wrong:
                raise self.fail(place, f"{function} takes {hint} here")
