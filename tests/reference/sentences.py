"""The sentences of a ruleset, worked out one person at a time. Yes is True, no is False, unknown is None."""

import ast
import operator
from collections.abc import Callable
from functools import cache
from typing import Any, Protocol

Truth = bool | None


class Words(Protocol):
    """What the names and functions of a sentence mean for one person."""

    def name(self, name: str) -> Any: ...

    def call(self, function: str, arguments: list[Any]) -> Any: ...


@cache
def tree_of(sentence: str) -> ast.expr:
    """Python's own reading of a sentence, which may go over several lines."""
    return ast.parse(f"({sentence})", mode="eval").body


def all_of(truths: list[Truth]) -> Truth:
    """Kleene's AND: one no is enough."""
    if False in truths:
        return False
    return None if None in truths else True


def any_of(truths: list[Truth]) -> Truth:
    """Kleene's OR: one yes is enough."""
    if True in truths:
        return True
    return None if None in truths else False


def opposite(truth: Truth) -> Truth:
    return None if truth is None else not truth


def work_out(tree: ast.expr, words: Words) -> Any:
    return MEANINGS[type(tree)](tree, words)


def _bool_op(tree: ast.BoolOp, words: Words) -> Truth:
    join = all_of if isinstance(tree.op, ast.And) else any_of
    return join([work_out(part, words) for part in tree.values])


def _not(tree: ast.UnaryOp, words: Words) -> Truth:
    assert isinstance(tree.op, ast.Not)
    return opposite(work_out(tree.operand, words))


def _sum(tree: ast.BinOp, words: Words) -> Any:
    left, right = work_out(tree.left, words), work_out(tree.right, words)
    if left is None or right is None:
        return None
    return left + right if isinstance(tree.op, ast.Add) else left - right


def _choice(tree: ast.IfExp, words: Words) -> Any:
    condition = work_out(tree.test, words)
    if condition is None:
        return None
    return work_out(tree.body if condition else tree.orelse, words)


COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda value, group: value in group,
    ast.NotIn: lambda value, group: value not in group,
}


def _compare(tree: ast.Compare, words: Words) -> Truth:
    """A comparison with an unknown value is unknown."""
    (comparison,), (right_tree,) = tree.ops, tree.comparators
    left, right = work_out(tree.left, words), work_out(right_tree, words)
    if left is None or right is None:
        return None
    return COMPARISONS[type(comparison)](left, right)


def _call(tree: ast.Call, words: Words) -> Any:
    assert isinstance(tree.func, ast.Name)
    return words.call(tree.func.id, [work_out(argument, words) for argument in tree.args])


MEANINGS: dict[type, Callable[[Any, Words], Any]] = {
    ast.Constant: lambda tree, words: tree.value,
    ast.Name: lambda tree, words: words.name(tree.id),
    ast.Tuple: lambda tree, words: tuple(work_out(part, words) for part in tree.elts),
    ast.BoolOp: _bool_op,
    ast.UnaryOp: _not,
    ast.BinOp: _sum,
    ast.IfExp: _choice,
    ast.Compare: _compare,
    ast.Call: _call,
}


@cache
def names_in(sentence: str) -> frozenset[str]:
    """Every name and function that a sentence mentions."""
    return frozenset(part.id for part in ast.walk(tree_of(sentence)) if isinstance(part, ast.Name))
