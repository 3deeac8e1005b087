"""Ask the server and the embedded engine the same, and hold the answers against each other."""

from datetime import date
from typing import Any

import pyarrow as pa

import core20plus5
from core20plus5_client import Client

ASK: dict[str, Any] = {"reference_date": date(2026, 3, 31), "imd_version": "2025"}


def assert_same_counts(client: Client, data: Any, imd_table: Any = None, *, embedded: Any = None, **question: Any) -> Any:
    """embedded: the records for the embedded engine, where those for the server can be read once only."""
    asked = ASK | question
    served = client.count_cohorts(data, **asked)
    expected = core20plus5.count_cohorts(data if embedded is None else embedded, imd_table=imd_table, **asked)
    assert served.counts.num_rows > 0
    for name in ("counts", "indicators", "quality"):
        assert_same_table(getattr(served, name), getattr(expected, name))
    if served.measured is not None:
        assert_same_table(served.inequality, expected.inequality)
    assert (served.completeness is None) is (expected.completeness is None)
    if served.completeness is not None:
        assert_same_table(served.completeness, expected.completeness)
    assert_same_provenance(served.provenance, expected.provenance)
    return served


def assert_same_flags(client: Client, data: Any, imd_table: Any = None, **question: Any) -> pa.Table:
    asked = ASK | question
    expected = core20plus5.flag_patients(data, imd_table=imd_table, **asked)
    with client.flag_patients(data, **asked) as served:
        found = pa.Table.from_batches(served, served.schema)
    assert_same_table(found, pa.Table.from_batches(expected, expected.schema))
    assert_same_table(served.indicators, expected.indicators)
    assert_same_table(served.quality, expected.quality)
    assert_same_provenance(served.provenance, expected.provenance)
    return found


def assert_same_table(found: pa.Table, expected: pa.Table) -> None:
    """The same columns, types and values. Chunks, and the order of words in a dictionary, say nothing."""
    assert found.schema.equals(expected.schema, check_metadata=True)
    for name in expected.column_names:
        one, other = (_plain(table.column(name)) for table in (found, expected))
        assert one.equals(other), name


def _plain(column: Any) -> Any:
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def assert_same_provenance(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Every key in the same order, and values of the same types: it is written to files."""
    assert list(found) == list(expected)
    for key, value in expected.items():
        assert found[key] == value, key
        assert type(found[key]) is type(value), key
    assert {key: type(value) for key, value in found["parameters"].items()} == {
        key: type(value) for key, value in expected["parameters"].items()
    }
