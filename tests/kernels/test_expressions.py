"""The expression language: what it reads, and everything it refuses, with the position."""

import pytest

from core20plus5.expressions import ExpressionError, Type, Vocabulary, read_expression
from core20plus5.expressions.nodes import (
    AtLeast,
    Both,
    Choice,
    CodeIn,
    ColumnValue,
    IndicatorAnswer,
    Literal,
    Negation,
    Parameter,
    Sum,
    columns_of,
    indicators_of,
    parameters_of,
)

WORDS = Vocabulary(
    {"limit": Type.NUMBER, "start": Type.TEXT, "end": Type.TEXT},
    {"raised": "bp_systolic >= limit", "broken": "bp_systolic >= nothing", "circle": "circle or homeless"},
    frozenset({"smi", "homeless"}),
)
SYSTOLIC, LIMIT = ColumnValue("bp_systolic", Type.NUMBER), Parameter("limit", Type.NUMBER)


def test_words_become_typed_nodes() -> None:
    node = read_expression("raised and not is_yes(homeless) or smi", WORDS)
    assert columns_of(node) == {"bp_systolic", "homeless"}
    assert indicators_of(node) == {"smi"}
    assert parameters_of(node) == {"limit"}


def test_comparisons_are_read_as_at_least() -> None:
    at_least, at_most = AtLeast(SYSTOLIC, LIMIT), AtLeast(LIMIT, SYSTOLIC)
    expected = {
        ">=": at_least,
        "<=": at_most,
        "<": Negation(at_least),
        ">": Negation(at_most),
        "==": Both(at_least, at_most),
        "!=": Negation(Both(at_least, at_most)),
    }
    for operator, node in expected.items():
        assert read_expression(f"bp_systolic {operator} limit", WORDS) == node


def test_codes_are_sets() -> None:
    sex = ColumnValue("sex", Type.CODE)
    assert read_expression("sex in ('male', 'female')", WORDS) == CodeIn(sex, ("male", "female"))
    assert read_expression("sex != 'male'", WORDS) == Negation(CodeIn(sex, ("male",)))


def test_numbers_can_be_chosen_and_added() -> None:
    node = read_expression("bp_systolic - (5 if homeless else 0)", WORDS)
    assert node == Sum(SYSTOLIC, Choice(ColumnValue("homeless", Type.TRUTH), Literal(5), Literal(0)), minus=True)


def test_a_name_of_a_column_and_an_indicator_is_the_column() -> None:
    assert read_expression("homeless", WORDS) == ColumnValue("homeless", Type.TRUTH)
    assert read_expression("smi", WORDS) == IndicatorAnswer("smi")


REFUSED = [
    ("__import__('os')", 1, "the functions are"),
    ("homeless.real", 1, "Attribute is not part"),
    ("homeless[0]", 1, "Subscript is not part"),
    ("(lambda: homeless)()", 1, "the functions are"),
    ("[homeless for x in homeless]", 1, "ListComp is not part"),
    ("(homeless := smi)", 2, "NamedExpr is not part"),
    ("f'{homeless}'", 1, "JoinedStr is not part"),
    ("homeless and 'text'", 14, "True, False or a number"),
    ("homeless and None", 14, "True, False or a number"),
    ("age >= 1e400", 8, "True, False or a number"),
    ("age >= 9999999999", 8, "a number up to"),
    ("age >= 1j", 8, "True, False or a number"),
    ("age * 2 >= 1", 1, "Mult is not part"),
    ("age ** age >= 1", 1, "Pow is not part"),
    ("~homeless", 1, "only `not`"),
    ("-age >= 1", 1, "only `not`"),
    ("1 <= age <= 2", 1, "one comparison at a time"),
    ("age is limit", 1, "Is does not compare"),
    ("age in (1, 2)", 8, "Tuple is not part"),
    ("nothing", 1, "'nothing' is no column"),
    ("person_id", 1, "'person_id' is no column"),
    ("practice_code", 1, "'practice_code' is no column"),
    ("imd_rank >= 1", 1, "read through 'deprivation_decile'"),
    ("imd_decile_2025 >= 1", 1, "read through 'deprivation_decile'"),
    ("age_years >= 1", 1, "read through 'age'"),
    ("homeless and age", 14, "expected a yes, no or unknown, found a number"),
    ("age >= homeless", 8, "expected a number, found a yes, no or unknown"),
    ("bp_date >= age", 12, "expected a date, found a number"),
    ("homeless >= smi", 1, "expected a number or a date or a code"),
    ("sex == 'm'", 8, "'sex' is one of 'male', 'female'"),
    ("sex == limit", 8, "'sex' is one of"),
    ("sex >= 'male'", 8, "a code is compared with"),
    ("sex in 'male'", 8, "a code is compared with"),
    ("recorded()", 1, "recorded takes 1 argument"),
    ("recorded(value=sex)", 1, "by position"),
    ("recorded(*sex)", 10, "Starred is not part"),
    ("recorded(age + 1)", 10, "recorded takes a column here"),
    ("is_yes(age)", 8, "expected a yes, no or unknown"),
    ("within_months(age, limit)", 15, "expected a date"),
    ("within_months(reference_date, limit)", 15, "within_months takes a date column here"),
    ("within_months(bp_date, age)", 24, "a parameter or a number"),
    ("in_season(flu_vaccine_latest, limit, end)", 31, "expected a text"),
    ("on_register(bp_date, reference_date)", 22, "on_register takes a date column here"),
    ("days_between(bp_date, age) >= 1", 23, "expected a date"),
    ("any_plus_group(1)", 1, "any_plus_group takes 0 argument"),
    ("open('x')", 1, "the functions are"),
    ("homeless or broken", 13, "in the definition of 'broken', position 16: 'nothing' is no column"),
    ("circle", 1, "'circle' is defined by itself"),
    ("homeless and", 1, "not a well-formed expression"),
    ("homeless) or (smi", 1, "not a well-formed expression"),
    ("", 1, "not a well-formed expression"),
    ("homeless\x00", 1, "not a well-formed expression"),
    ("homeless # or smi", 10, "comments are not part"),
    ("homeless; smi", 1, "not a well-formed expression"),
    ("not " * 60 + "homeless", 1, "nested more than 40 deep"),
    ("(" * 300 + "homeless" + ")" * 300, 1, "not a well-formed expression"),
    ("homeless or " * 300 + "smi", 2001, "longer than 2000 characters"),
]


@pytest.mark.parametrize(("text", "position", "message"), REFUSED, ids=[text[:30] for text, _, _ in REFUSED])
def test_refusals(text: str, position: int, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        read_expression(text, WORDS)
    assert message in str(caught.value)
    assert caught.value.position >= 1
    if "well-formed" not in message and "nested" not in message:
        assert caught.value.position == position


def test_positions_count_over_lines() -> None:
    with pytest.raises(ExpressionError) as caught:
        read_expression("homeless\nand nothing", WORDS)
    assert caught.value.position == len("homeless\nand ") + 1
