"""The whole attack, by hand: `python -m tests.disclosure.attack --tables 1000 --practices 20`.

Prints lines for each policy: tables, counts attacked, and counts narrowed down to fewer than 3 values by a reader; with `--told`,
by someone who is told besides which of the hidden numbers are the small ones, which is more than the promise covers.
"""

import argparse
import sys
from collections.abc import Iterator
from time import process_time
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


def attack(policy: str, what: str, asked: Asked, told: bool) -> int:
    """Attack some tables; prints and returns how many counts can be narrowed down."""
    number, attacked, narrowed, started = 0, 0, 0, process_time()
    for people, question in asked:
        counts, found = breaches(people, policy, told, **question)
        number += 1
        attacked += counts
        narrowed += len(found)
        if number % 50 == 0:
            sys.stderr.write(f"{policy} {what}: {number} tables, {attacked} counts, {narrowed} narrowed down\n")
    took = f"{process_time() - started:.0f} s of processor time"
    sys.stdout.write(f"{policy} {what}: {number} tables, {attacked} counts, {narrowed} narrowed down, {took}\n")
    sys.stdout.flush()
    return narrowed


def main() -> None:
    """Exit code 1 where a reader narrows a count down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=1_000)
    parser.add_argument("--practices", type=int, default=20)
    parser.add_argument("--policies", default=",".join(PUBLISHED))
    parser.add_argument("--seed", type=int, default=100)
    parser.add_argument("--told", action="store_true", help="tell the attacker which hidden counts are the small ones")
    options = parser.parse_args()
    found = 0
    for policy in options.policies.split(","):
        found += attack(policy, "practices", practices(options.practices), options.told)
        found += attack(policy, "generated", tables(options.tables, options.seed), options.told)
    sys.exit(min(found, 1))


if __name__ == "__main__":
    main()
