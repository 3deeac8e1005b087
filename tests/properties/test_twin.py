"""The engine and the slow twin agree: on every answer for every person, and on every exact count."""

from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, given, settings

from tests.properties.records import Population, populations
from tests.reference.answers import answers, quality
from tests.reference.counting import counts
from tests.spec.engine import engine_counts, engine_flags, flags_table

# A population has many columns, which is more than Hypothesis expects of an example.
with_large_examples = settings(suppress_health_check=list(HealthCheck))
few_examples = settings(with_large_examples, max_examples=3)


def wanted(row: dict[str, Any], population: Population) -> dict[str, Any]:
    """The columns of the flags that the request asked for."""
    chosen = population.request.indicators
    always = ("excluded", "core20_unknown_reason")
    return row if chosen is None else {name: row[name] for name in (*always, *chosen)}


def by_cell(rows: list[dict[str, Any]], population: Population) -> dict[tuple[str, ...], Any]:
    """Engine counts as the twin gives them."""
    names = (*population.request.strata, "cohort", "cohort_answer", "indicator")
    return {
        tuple(row[name] for name in names): None if row["status"] == "column_absent" else (row["yes"], row["no"], row["unknown"])
        for row in rows
    }


@with_large_examples
@given(populations())
def test_flags(population: Population) -> None:
    found, findings = engine_flags(population.table(), population.request)
    expected = answers(population.records, population.columns, population.request)
    assert found == [wanted(row, population) for row in expected]
    # Only the columns that are needed are read; of these the engine finds what the twin finds.
    assert findings.items() <= quality(population.records, population.columns, population.request).items()


@with_large_examples
@given(populations())
def test_counts(population: Population) -> None:
    rows, findings = engine_counts(population.table(), population.request)
    found = by_cell(rows, population)
    assert len(found) == len(rows)
    assert found == counts(population.records, population.columns, population.request)
    assert findings.items() <= quality(population.records, population.columns, population.request).items()


@few_examples
@given(populations(most_people=40))
def test_many_people(population: Population) -> None:
    """Blocks, words of 64 and threads: the same people many times over have the same answers, and counts so many times."""
    people = len(population.records)
    times = 140_001 // people
    table = population.table(times)
    found, _ = flags_table(table, population.request)
    plain = pa.table({name: found[name].cast(pa.string()) for name in found.column_names}).combine_chunks()
    once = plain.slice(0, people)
    expected = answers(population.records, population.columns, population.request)
    assert once.to_pylist() == [wanted(row, population) for row in expected]
    everybody = pa.array([place for _ in range(times) for place in range(people)], pa.int64())
    assert plain.equals(once.take(everybody).combine_chunks())
    rows, _ = engine_counts(table, population.request)
    exact = counts(population.records, population.columns, population.request)
    assert by_cell(rows, population) == {
        cell: triple and tuple(times * (number or 0) for number in triple) for cell, triple in exact.items()
    }
