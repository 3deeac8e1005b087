"""Questions whose answers are known from an undisturbed run, and when two answers are the same."""

from datetime import date
from typing import Any

import pyarrow as pa

from core20plus5_cli.population import sample_people, sample_schema
from core20plus5_client import Client, CohortResult
from tests.e2e.asking import assert_same_provenance, assert_same_table

ASK: dict[str, Any] = {"reference_date": date(2026, 3, 31), "imd_version": "2025", "imd_from": "imd_rank"}

#: Can be asked of parts of the records.
EXACT: dict[str, Any] = ASK | {
    "strata": ["imd_quintile", "ethnic_group"],
    "plus_groups": ["learning_disability", "autism"],
    "disclosure": "none",
    "inequality": False,
}

#: Is asked of all of them at once.
RELEASED: dict[str, Any] = ASK | {"strata": ["imd_quintile"], "completeness": True}


def sample(rows: int, seed: int = 1) -> pa.Table:
    """Made-up people."""
    return pa.Table.from_batches(list(sample_people(rows, seed)), sample_schema())


def assert_same_result(found: CohortResult, expected: CohortResult) -> None:
    """To the last field, the order of rows included."""
    for name in ("counts", "indicators", "quality"):
        assert_same_table(getattr(found, name), getattr(expected, name))
    for name in ("completeness", "measured"):
        one, other = getattr(found, name), getattr(expected, name)
        assert (one is None) is (other is None)
        if other is not None:
            assert_same_table(one, other)
    assert_same_provenance(found.provenance, expected.provenance)


def all_flags(client: Client, people: pa.Table, **more: Any) -> tuple[pa.Table, pa.Table, dict[str, Any]]:
    """Flags, quality and provenance of a whole stream."""
    with client.flag_patients(people, **ASK | more) as flags:
        table = pa.Table.from_batches(flags, flags.schema)
    return table, flags.quality, flags.provenance


def assert_same_flags(found: tuple[Any, ...], expected: tuple[Any, ...]) -> None:
    """Row by row, and the ledger."""
    assert_same_table(found[0], expected[0])
    assert_same_table(found[1], expected[1])
    assert_same_provenance(found[2], expected[2])
