"""The list of indicators: every one of them, in order, as the ruleset and the engine have it."""

from datetime import date

import pyarrow as pa

from core20plus5 import count_cohorts
from tests.reference.ruleset import questions
from tests.spec.indicators import INDICATORS

ROWS = INDICATORS.dictionaries()


def test_the_engine_lists_them() -> None:
    people = pa.table({"plus_boaters": [True]})
    result = count_cohorts(people, reference_date=date(2026, 3, 31), imd_version="2025", plus_groups=["plus_boaters"])
    found = result.indicators.select(list(INDICATORS.header)).to_pylist()
    assert found == [
        {
            "name": row["name"],
            "kind": row["kind"],
            "direction": row["direction"] or None,
            "target": float(row["target"]) if row["target"] else None,
        }
        for row in ROWS
    ]


def test_the_ruleset_has_these_and_no_others() -> None:
    found = {name: question.kind for name, question in questions({"plus_boaters"}).items()}
    assert found == {row["name"]: row["kind"] for row in ROWS}
