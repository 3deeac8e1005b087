"""A query as one SQL text: clean, then each level of indicators, then what a strategy selects. The optimizer flattens it."""

from collections.abc import Iterable

from tests.benchmarks.definitions.query import COUNTER_BITS, COUNTERS, Named, Query
from tests.benchmarks.definitions.translate import LABELS


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


def tidy(query: Query) -> str:
    """The tidy table by SQL alone (DuckDB's): each group joins the cohorts it answers about, columns of sums become rows."""
    cohorts = ", ".join(f"('{name}', {2 * place})" for place, name in enumerate(query.cohorts))
    alike = {name: f"n * {_counter(f'(c0 >> {2 * place}) & 3')}" for place, name in enumerate(query.cohorts)}
    summed = {"everyone": "n"} | alike | dict(zip(query.others, query.counters, strict=True))
    sums_of_each = ", ".join(f"sum({summed[name]})::BIGINT AS {name}" for name in query.rules.reported)
    strata = {f"k{place}": name for place, name in enumerate(query.question.strata)}
    labelled = ", ".join(f"{_label(key, name)} AS {name}" for key, name in strata.items())
    mask = (1 << COUNTER_BITS) - 1
    answers = [
        f"(packed >> {COUNTER_BITS * place}) & {mask} AS {answer}" for place, answer in enumerate(("yes", "no", "unknown"))
    ]
    return f"""
        WITH grouped AS MATERIALIZED ({sums(query)}), cohorts(cohort, place) AS (VALUES {cohorts}), members AS (
            SELECT *, 'everyone' AS cohort, 3 AS code FROM grouped
            UNION ALL SELECT grouped.*, cohort, (c0 >> place) & 3 FROM grouped CROSS JOIN cohorts
        ), wide AS (SELECT {", ".join(strata)}, cohort, code, {sums_of_each} FROM members GROUP BY ALL),
        long AS (UNPIVOT wide ON {", ".join(query.rules.reported)} INTO NAME indicator VALUE packed)
        SELECT {labelled}, cohort, CASE code WHEN 3 THEN 'yes' WHEN 1 THEN 'no' ELSE 'unknown' END AS cohort_answer,
            indicator, {", ".join(answers)}, FALSE AS suppressed, 'ok' AS status FROM long WHERE packed > 0"""


def _counter(code: str) -> str:
    yes, no, unknown = (f"{number}::BIGINT" for number in COUNTERS)
    return f"CASE {code} WHEN 3 THEN {yes} WHEN 1 THEN {no} ELSE {unknown} END"


def _label(key: str, name: str) -> str:
    labels = ", ".join(f"'{label}'" for label in LABELS.get(name, ()))
    return f"[{labels}][{key} + 1]" if labels else key


def flags(query: Query) -> str:
    """The answer of each reported indicator for everyone who is counted, as a small number."""
    codes = {name: query.code(name) for name in query.rules.reported}
    return answered(query, ["person_id", listed(codes)], ["person_id"])
