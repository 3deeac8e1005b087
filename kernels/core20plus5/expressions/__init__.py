"""The sentences of a ruleset: read with Python's own parser, checked against an allow-list, typed. Nothing is ever executed."""

from core20plus5.expressions.nodes import Node, Type, columns_of, indicators_of, parameters_of
from core20plus5.expressions.read import ExpressionError, Vocabulary, read_expression

__all__ = [
    "ExpressionError",
    "Node",
    "Type",
    "Vocabulary",
    "columns_of",
    "indicators_of",
    "parameters_of",
    "read_expression",
]
