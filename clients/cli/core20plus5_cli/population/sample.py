"""The sample as a stream of Arrow batches, made ahead on two threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date

import pyarrow as pa

from core20plus5_cli.population.block import BLOCK, Recipe
from core20plus5_cli.population.columns import types
from core20plus5_cli.population.deprivation import LsoaTable

REFERENCE_DATE = date(2026, 3, 31)
NATIONAL_ICBS = 42
THREADS = 2


def sample_schema(*, imd_table: LsoaTable | None = None) -> pa.Schema:
    """The columns of `sample_people`, all of the record's: `lsoa_code` given a table, `imd_rank_2025` without one."""
    return pa.schema(list(types("lsoa_code" if imd_table is not None else "imd_rank_2025").items()))


def sample_people(
    people: int,
    seed: int,
    *,
    reference_date: date = REFERENCE_DATE,
    imd_table: LsoaTable | None = None,
    icbs: int = NATIONAL_ICBS,
    threads: int = THREADS,
) -> Generator[pa.RecordBatch, None, None]:
    """Made-up people, one row each, as at `reference_date`: batches of 65,536 rows, the last shorter; none for 0.

    The rows follow from `seed`, `reference_date`, `imd_table` and `icbs` alone: fewer people are the first of more, and
    `threads` changes nothing. `person_id` counts from 1. The tree of organisations (about 155 practices to a system)
    depends on `icbs` alone. Homes are LSOAs of `imd_table`, or ranks of IMD 2025 without one.

    Raises ValueError for a negative `people` or `seed`, `threads` below 1, `icbs` outside 1 to 100, or a table that has
    no rank.
    """
    for name, value, least in (("people", people, 0), ("seed", seed, 0), ("threads", threads, 1)):
        if value < least:
            raise ValueError(f"{name} must be at least {least}, not {value}")
    return _batches(Recipe(reference_date, imd_table, icbs), people, seed, threads)


def _batches(recipe: Recipe, people: int, seed: int, threads: int) -> Generator[pa.RecordBatch, None, None]:
    blocks = iter(range(-(-people // BLOCK)))
    ahead: deque[Future[pa.RecordBatch]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="sample")
    try:
        for number in blocks:
            ahead.append(pool.submit(recipe.block, seed, number))
            if len(ahead) > 2 * threads:
                yield ahead.popleft().result()
        while ahead:
            batch = ahead.popleft().result()
            yield batch if ahead else batch.slice(0, people - (people - 1) // BLOCK * BLOCK)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
