"""What is kept of a question between calls, and what is not."""

import pyarrow as pa
import pytest

from core20plus5.engine import prepare
from tests.ask import count, flags
from tests.tables import people

CANARY = "canary of somebody"


@pytest.mark.parametrize(
    "table",
    [
        people(1).append_column(CANARY, pa.array([1])),
        people(1).append_column(pa.field("homeless", pa.bool_(), metadata={"note": CANARY}), pa.array([True])),
        people(1).replace_schema_metadata({"note": CANARY}),
    ],
)
def test_no_names_or_notes_of_a_caller_are_kept(table: pa.Table) -> None:
    assert flags(table).num_rows == 1
    assert count(table).counts.num_rows
    assert CANARY not in repr([prepare._kept._made, prepare._plans._made])


def test_a_type_may_say_anything_where_it_is_long() -> None:
    usual = pa.schema({"sex": pa.dictionary(pa.int32(), pa.large_string()), "bp_date": pa.timestamp("us", "Europe/London")})
    assert prepare._may_be_kept(prepare.shape_of(usual))
    assert not prepare._may_be_kept(prepare.shape_of(pa.schema({"bp_date": pa.timestamp("us", CANARY * 3)})))


def test_what_only_the_names_of_other_columns_change_is_planned_once() -> None:
    first = flags(people(1))
    plans = set(prepare._plans._made)
    assert flags(people(1).append_column("something else", pa.array([1]))) == first
    assert set(prepare._plans._made) == plans
