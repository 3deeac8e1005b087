"""Released tables beside the exact ones, stratum by stratum, as an attacker sees them."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

import core20plus5
from core20plus5.disclosure import POLICIES, Policy
from tests.disclosure.attacker import ANSWERS, NO_LIMIT, Attacker, Cell, Knowledge

PUBLISHED = [name for name in POLICIES if name != "none"]

Row = dict[str, Any]


def limits(policy: Policy, shown: int | None, exact: int, told: bool) -> tuple[int, int]:
    """What a released number says of a count, by the words of the policy."""
    if shown is None:
        small = 1 <= exact <= policy.protected_to and policy.hidden_from <= exact <= policy.hidden_to
        return (policy.hidden_from, policy.hidden_to) if told and small else (0, NO_LIMIT)
    if shown == 0:
        return 0, 0
    match policy.name:
        case "hes" | "opensafely":
            return shown - 2, shown + 2
        case "midpoint6":
            return shown - 2, shown + 3
        case "threshold10":
            return shown, shown
    raise AssertionError(policy.name)


def attackers(people: pa.Table, policy: str, told: bool = True, **asked: Any) -> Iterator[Attacker]:
    """One attacker for each stratum of a released table."""
    released = core20plus5.count_cohorts(people, disclosure=policy, **asked)
    exact = core20plus5.count_cohorts(people, disclosure="none", **asked)
    provenance = released.provenance
    by_stratum: dict[tuple[str, ...], list[tuple[Row, Row]]] = {}
    for shown, true in zip(released.counts.to_pylist(), exact.counts.to_pylist(), strict=True):
        if shown["status"] == "ok":
            by_stratum.setdefault(tuple(shown[name] for name in provenance["strata"]), []).append((shown, true))
    answered = [name for name in provenance["indicators"] if name not in absent(released.counts)]
    for rows in by_stratum.values():
        knowledge = Knowledge(tuple(provenance["cohorts"]), tuple(answered), tuple(provenance["plus_groups"]))
        yield Attacker(knowledge, read(knowledge, rows, POLICIES[policy], told))


def absent(counts: pa.Table) -> set[str]:
    """Indicators that are not answered."""
    return {row["indicator"] for row in counts.to_pylist() if row["status"] == "column_absent"}


def read(knowledge: Knowledge, rows: list[tuple[Row, Row]], policy: Policy, told: bool) -> dict[Cell, int]:
    """Fill in what each row says; returns the protected counts that are not shown as they are."""
    small: dict[Cell, int] = {}
    there = set()
    for shown, true in rows:
        group = (shown["cohort"], shown["cohort_answer"])
        there.add((group, shown["indicator"]))
        for answer in ANSWERS:
            cell = knowledge.cell(group, shown["indicator"], answer)
            if cell is None:
                assert true[answer] == 0
                continue
            low, high = limits(policy, shown[answer], true[answer], told)
            assert low <= true[answer] <= high
            before = knowledge.limits.get(cell, (0, NO_LIMIT))
            knowledge.limits[cell] = (max(low, before[0]), min(high, before[1]))
            if 1 <= true[answer] <= policy.protected_to:
                small[cell] = true[answer]
    for group in knowledge.groups():
        for indicator in knowledge.indicators:
            if group[0] in knowledge.cohorts and (group, indicator) not in there:
                for answer in ANSWERS:
                    cell = knowledge.cell(group, indicator, answer)
                    if cell is not None:
                        knowledge.limits[cell] = (0, 0)
    return small


def breaches(people: pa.Table, policy: str, told: bool = True, **asked: Any) -> tuple[int, list[tuple[Cell, int, list[int]]]]:
    """How many counts were attacked, and those that could be narrowed down."""
    attacked, found = 0, []
    for attacker in attackers(people, policy, told, **asked):
        attacked += len(attacker.small)
        found += list(attacker.attack())
    return attacked, found
