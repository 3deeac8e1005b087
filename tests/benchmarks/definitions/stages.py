"""A query as one SQL text: clean, then each level of indicators, then what a strategy selects. The optimizer flattens it."""

from collections.abc import Iterable

from tests.benchmarks.definitions.query import Named, Query


def listed(named: Named) -> str:
    """Expressions with their names."""
    return ", ".join(f"{text} AS {name}" for name, text in named.items())


def answered(query: Query, last: Iterable[str], carried: Iterable[str] = ()) -> str:
    """Whatever `last` selects from the answers of everyone who is counted. carried: columns of the people to keep."""
    kept = {name: name for name in carried} | query.keys | query.clean
    looked_up = (
        f"people LEFT JOIN imd ON imd.lsoa_code = {query.translation.code_as_sent('people.lsoa_code')}"
        f" LEFT JOIN ethnicity ON ethnic_code = {query.translation.code_as_sent('people.ethnic_category')}"
    )
    parts = [f"s0 AS (SELECT {listed(kept)} FROM {looked_up} WHERE {query.kept})"]
    parts += [f"s{place} AS (SELECT *, {listed(level)} FROM s{place - 1})" for place, level in enumerate(query.levels, start=1)]
    return f"WITH {', '.join(parts)} SELECT {', '.join(last)} FROM s{len(query.levels)}"


def patterns(query: Query) -> str:
    """How many people of each stratum have each pattern of answers."""
    words = query.cohort_words | query.other_words
    names = ", ".join([*query.keys, *words])
    return f"SELECT {names}, count(*) AS n FROM ({answered(query, [*query.keys, listed(words)])}) GROUP BY {names}"


def sums(query: Query) -> str:
    """Of each stratum and pattern of cohorts: people, and how many of them answer what to each other indicator."""
    names = ", ".join([*query.keys, *query.cohort_words])
    answers = answered(query, [*query.keys, listed(query.cohort_words | query.counters)])
    summed = ", ".join(f"sum({name}) AS {name}" for name in query.counters)
    return f"SELECT {names}, count(*) AS n, {summed} FROM ({answers}) GROUP BY {names}"


def flags(query: Query) -> str:
    """The answer of each reported indicator for everyone who is counted, as a small number."""
    codes = {name: query.code(name) for name in query.rules.reported}
    return answered(query, ["person_id", listed(codes)], ["person_id"])
