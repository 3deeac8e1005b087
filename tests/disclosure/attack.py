"""The whole attack, by hand: `python -m tests.disclosure.attack --tables 1000 --practices 20`. It takes hours.

Prints a line for each policy: tables, counts attacked, counts narrowed down to fewer than 3 values by a reader, and by someone
who is told besides which of the hidden numbers are the small ones.
"""

import argparse
import sys
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from core20plus5_cli.population.sample import sample_people
from tests.disclosure.generated import ASK, tables
from tests.disclosure.releases import PUBLISHED, breaches

Asked = Iterator[tuple[pa.Table, dict[str, Any]]]


def practices(number: int) -> Asked:
    """So many practices of the sample population, with every measure of everyone, Core20 and ethnic minorities."""
    everyone = pa.Table.from_batches(list(sample_people(100_000, 1, icbs=1)))
    codes = [code for code in pc.unique(everyone["practice_code"]).to_pylist() if code][:number]
    for code in codes:
        people = everyone.filter(pc.equal(everyone["practice_code"], code))
        yield people, ASK | {"strata": ["practice_code"], "cohorts": ["everyone", "core20", "ethnic_minority"]}


def attack(policy: str, what: str, asked: Asked) -> int:
    """Attack some tables; prints and returns how many counts a reader narrows down."""
    number, attacked, by_reader, by_told = 0, 0, 0, 0
    for people, question in asked:
        found = [breaches(people, policy, told, **question) for told in (False, True)]
        number += 1
        attacked += found[0][0]
        by_reader += len(found[0][1])
        by_told += len(found[1][1])
        if number % 50 == 0:
            sys.stderr.write(
                f"{policy} {what}: {number} tables, {attacked} counts, {by_reader} narrowed down, {by_told} if told\n"
            )
    sys.stdout.write(f"{policy} {what}: {number} tables, {attacked} counts, {by_reader} narrowed down, {by_told} if told\n")
    sys.stdout.flush()
    return by_reader


def main() -> None:
    """Exit code 1 where a reader narrows a count down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=1_000)
    parser.add_argument("--practices", type=int, default=20)
    parser.add_argument("--policies", default=",".join(PUBLISHED))
    parser.add_argument("--seed", type=int, default=100)
    options = parser.parse_args()
    found = 0
    for policy in options.policies.split(","):
        found += attack(policy, "practices", practices(options.practices))
        found += attack(policy, "generated", tables(options.tables, options.seed))
    sys.exit(min(found, 1))


if __name__ == "__main__":
    main()
