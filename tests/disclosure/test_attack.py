"""The promise, attacked: no hidden count of 1 to 7 can be narrowed down to fewer than 3 values.

A smaller, seeded part of `python -m tests.disclosure.attack`, whose results are in README.md beside this file.
"""

from typing import Any

import pyarrow as pa
import pytest

from core20plus5_cli.population.sample import sample_people
from tests.disclosure.attacker import Attacker, Knowledge
from tests.disclosure.generated import ASK, tables
from tests.disclosure.releases import PUBLISHED, breaches
from tests.tables import people


@pytest.mark.parametrize("policy", PUBLISHED)
def test_generated_tables(policy: str) -> None:
    attacked = 0
    for table, asked in tables(6, seed=PUBLISHED.index(policy) + 1):
        number, found = breaches(table, policy, told=False, **asked)
        attacked += number
        assert not found
    assert attacked > 500


def test_a_practice_of_the_sample_population() -> None:
    everyone = pa.Table.from_batches(list(sample_people(20_000, 1, icbs=1)))
    counts = everyone["practice_code"].value_counts().to_pylist()
    code = max((entry for entry in counts if entry["values"]), key=lambda entry: entry["counts"])["values"]
    practice = everyone.filter(pa.compute.equal(everyone["practice_code"], code))
    asked: dict[str, Any] = ASK | {"strata": ["practice_code"], "cohorts": ["everyone", "core20", "ethnic_minority"]}
    number, found = breaches(practice, "hes", told=False, **asked)
    assert number > 50
    assert not found


ADVERSARIAL = {
    "1 + 8 + 8 of 15": {"imd_decile": [1] + [9] * 8 + [None] * 8},
    "7 + 7 + 7 + 7 of 30": {"imd_decile": [1] * 14 + [9] * 14, "homeless": [True] * 7 + [False] * 14 + [True] * 7},
    "7 + 7 + 8 of 20": {"imd_decile": [1] * 7 + [9] * 7 + [None] * 8},
    "1 + 1 + 20 of 20": {"imd_decile": [1] + [9] * 20 + [None], "homeless": [None] * 21 + [True]},
    "one PLUS group": {"homeless": [True] * 3 + [False] * 30, "imd_decile": [1] * 2 + [9] * 31},
}


@pytest.mark.parametrize("policy", PUBLISHED)
@pytest.mark.parametrize("name", ADVERSARIAL)
def test_adversarial_tables(name: str, policy: str) -> None:
    """Told which of the hidden counts are small ones, the attacker still cannot."""
    columns = ADVERSARIAL[name]
    table = people(len(columns["imd_decile"]), **columns)
    groups = [column for column in columns if column != "imd_decile"]
    cohorts = ["everyone", "core20", *groups, *(["plus_any", "core20plus"] if groups else [])]
    asked = ASK | {"plus_groups": groups, "cohorts": cohorts, "indicators": cohorts}
    _, found = breaches(table, policy, told=True, **asked)
    assert not found


def test_the_attacker_can_win() -> None:
    """Against rounding and primary suppression alone: 1 + 8 + 8 of 15 gives the 1 away, 7 + 7 + 7 + 7 of 30 all four."""
    one = _attacker({"core20": (1, 8, 8)}, {"core20": ((1, 7), (8, 12), (8, 12))}, people=(13, 17))
    assert [(size, values) for _, size, values in one.attack()] == [(1, [1])]
    sevens = ((1, 7), (1, 7), (0, 0))
    four = _attacker({"core20": (7, 7, 0)}, {"core20": sevens}, people=(14, 14))
    assert [(size, values) for _, size, values in four.attack()] == [(7, [7]), (7, [7])]


def _attacker(
    exact: dict[str, tuple[int, int, int]], known: dict[str, tuple[tuple[int, int], ...]], people: tuple[int, int]
) -> Attacker:
    """Of one stratum and everyone in it."""
    knowledge = Knowledge(("everyone",), ("everyone", *exact), ())
    everyone = ("everyone", "yes")
    knowledge.limits[("people", everyone)] = people
    small = {}
    for indicator, counts in exact.items():
        for answer, count, limits in zip(("yes", "no", "unknown"), counts, known[indicator], strict=True):
            cell = knowledge.cell(everyone, indicator, answer)
            assert cell is not None
            knowledge.limits[cell] = limits
            if 1 <= count <= 7:
                small[cell] = count
    return Attacker(knowledge, small)
