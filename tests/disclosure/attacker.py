"""Somebody who knows a released table, how its counts are linked, and the policy, and who has an integer-programming solver.

Nothing here comes from the engine: the relations are written down by hand from the definitions of the adult ruleset, so that one
which the release overlooks shows as a hidden count that can be narrowed down. The attacker can be told more than a reader knows:
which of the hidden numbers are the small ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

ANSWERS = ("yes", "no", "unknown")
ADULT = ("smi", "respiratory", "cancer", "hypertension", "cvd", "smoker")
AREAS = ("maternity", "smi", "respiratory", "cancer", "hypertension")
ASKED_AMONG = {
    **dict.fromkeys(("smi_alcohol", "smi_glucose", "smi_bp", "smi_bmi", "smi_lipids", "smi_smoking", "smi_full_check"), "smi"),
    **dict.fromkeys(("copd_flu_vaccine", "copd_pneumococcal_vaccine"), "respiratory"),
    **dict.fromkeys(("cancer_staged", "cancer_early_stage"), "cancer"),
    **dict.fromkeys(("hypertension_bp_recorded", "hypertension_to_target", "hypertension_controlled"), "hypertension"),
    **dict.fromkeys(("cvd_lipid_therapy", "cvd_lipids_to_target"), "cvd"),
    "smoker_supported": "smoker",
}
CHECKS = ("smi_alcohol", "smi_glucose", "smi_bp", "smi_bmi", "smi_lipids", "smi_smoking")
NO_LIMIT = 10**4  # more than there are people in any table that is attacked

Group = tuple[str, str]  # cohort, answer
Cell = tuple[Any, ...]


@dataclass
class Knowledge:
    """Of one stratum. limits: what the release says of each count; equal, at_least: sums of weight x count: 0, or >= 0."""

    cohorts: tuple[str, ...]
    indicators: tuple[str, ...]
    plus_groups: tuple[str, ...]
    limits: dict[Cell, tuple[int, int]] = field(default_factory=dict)
    equal: list[dict[Cell, int]] = field(default_factory=list)
    at_least: list[dict[Cell, int]] = field(default_factory=list)

    def cell(self, group: Group, indicator: str, answer: str) -> Cell | None:
        """The name of a count, the same for the same people; None for those that there cannot be."""
        told = (indicator, answer)
        if group == told or indicator == "everyone":
            return ("people", group) if answer == "yes" or indicator != "everyone" else None
        if group[0] == indicator:
            return None
        if group[0] == "everyone":
            return ("people", told)
        if indicator in self.cohorts:
            return ("both", *sorted((group, told)))
        return ("both", group, told)

    def groups(self) -> list[Group]:
        """Everyone, and each answer of each cohort."""
        rest = [cohort for cohort in self.cohorts if cohort != "everyone"]
        return [("everyone", "yes"), *((cohort, answer) for cohort in rest for answer in ANSWERS)]

    def say(self, kept: list[dict[Cell, int]], *terms: tuple[int, Cell | None]) -> None:
        """Note a relation."""
        relation: dict[Cell, int] = {}
        for weight, cell in terms:
            if cell is not None:
                relation[cell] = relation.get(cell, 0) + weight
        kept.append(relation)

    def relate(self) -> None:
        """Everything that the definitions say about these counts."""
        for group in self.groups():
            self.relate_indicators(group)
        for indicator in self.indicators:
            for answer in ANSWERS:
                self.relate_cohorts((indicator, answer))

    def relate_indicators(self, group: Group) -> None:
        """Within one group, between indicators."""

        def of(indicator: str, answer: str) -> Cell | None:
            return self.cell(group, indicator, answer)

        people, adults = ("people", group), ("adults", group)
        self.say(self.at_least, (1, people), (-1, adults))
        for name in self.indicators:
            self.relate_base(name, of, people, adults)
        self.say(self.equal, (1, of("hypertension_bp_recorded", "no")), (-1, of("hypertension_to_target", "unknown")))
        self.say(self.equal, (1, of("hypertension_controlled", "yes")), (-1, of("hypertension_to_target", "yes")))
        self.say(self.equal, (1, of("cancer_staged", "no")), (-1, of("cancer_early_stage", "unknown")))
        self.say(self.at_least, *((1, of(check, "no")) for check in CHECKS), (-1, of("smi_full_check", "no")))
        for check in CHECKS:
            self.say(self.at_least, (1, of(check, "yes")), (-1, of("smi_full_check", "yes")))
        self.relate_groups(of)

    def relate_base(self, name: str, of: Any, people: Cell, adults: Cell) -> None:
        """An indicator's yes, no and unknown, and the people that it is asked of."""
        triple = [(-1, of(name, answer)) for answer in ANSWERS]
        at_most = {
            "copd_covid_vaccine": of("respiratory", "yes"),
            "maternity_continuity": of("maternity", "yes"),
            "possible_undiagnosed_hypertension": of("hypertension", "no"),
            "bp_checked_5y": adults,
            "any_clinical_area": people,
        }
        if name in at_most:
            self.say(self.at_least, (1, at_most[name]), *triple)
        elif name != "everyone":
            base = of(ASKED_AMONG[name], "yes") if name in ASKED_AMONG else adults if name in ADULT else people
            self.say(self.equal, (1, base), *triple)
        if name == "any_clinical_area":
            self.say(self.at_least, *((1, of(area, "yes")) for area in AREAS), (-1, of(name, "yes")))
            for area in AREAS:
                self.say(self.at_least, (1, of(name, "yes")), (-1, of(area, "yes")))

    def relate_cohorts(self, told: Group) -> None:
        """Of one answer of an indicator, between groups."""

        def of(cohort: str, answer: str) -> Cell | None:
            return self.cell((cohort, answer), *told)

        whole = self.cell(("everyone", "yes"), *told)
        for cohort in self.cohorts:
            if cohort != "everyone":
                self.say(self.equal, (1, whole), *((-1, of(cohort, answer)) for answer in ANSWERS))
        self.relate_groups(of)

    def relate_groups(self, of: Any) -> None:
        """A cohort inside another one."""
        self.say(self.at_least, (1, of("ethnic_minority", "yes")), (-1, of("ethnic_minority_excluding_white", "yes")))
        self.say(self.equal, (1, of("ethnic_minority", "unknown")), (-1, of("ethnic_minority_excluding_white", "unknown")))
        if not self.plus_groups:
            return
        for part, whole in [
            *((group, "plus_any") for group in self.plus_groups),
            ("plus_any", "core20plus"),
            ("core20", "core20plus"),
        ]:
            self.say(self.at_least, (1, of(whole, "yes")), (-1, of(part, "yes")))
            self.say(self.at_least, (1, of(part, "no")), (-1, of(whole, "no")))
        for whole, parts in (("plus_any", self.plus_groups), ("core20plus", ("core20", "plus_any"))):
            self.say(self.at_least, *((1, of(part, "yes")) for part in parts), (-1, of(whole, "yes")))


class Attacker:
    """Looks for hidden small counts that can have fewer than 3 values."""

    def __init__(self, knowledge: Knowledge, small: dict[Cell, int]) -> None:
        knowledge.relate()
        self.small = small
        # The people themselves are one table that agrees with all that is known.
        self.seen: dict[Cell, set[int]] = {cell: {size} for cell, size in small.items()}
        cells = {cell for relation in (*knowledge.equal, *knowledge.at_least) for cell in relation} | set(knowledge.limits)
        self.places = {cell: place for place, cell in enumerate(sorted(cells, key=repr))}
        self.low = np.zeros(len(self.places))
        self.high = np.full(len(self.places), float(NO_LIMIT))
        for cell, (low, high) in knowledge.limits.items():
            self.low[self.places[cell]], self.high[self.places[cell]] = low, high
        relations = [*knowledge.equal, *knowledge.at_least]
        entries = [(row, self.places[cell], weight) for row, rule in enumerate(relations) for cell, weight in rule.items()]
        rows, columns, weights = (np.array(part) for part in zip(*entries, strict=True))
        matrix = csr_array((weights.astype(float), (rows, columns)), shape=(len(relations), len(self.places)))
        top = [0.0] * len(knowledge.equal) + [np.inf] * len(knowledge.at_least)
        self.relations = LinearConstraint(matrix, 0.0, np.array(top))

    def solve(
        self, objective: np.ndarray, low: np.ndarray | None = None, high: np.ndarray | None = None, gap: float = 0.0
    ) -> np.ndarray | None:
        """A table that agrees with all that is known, the best by an objective up to a gap; None where there is none."""
        bounds = Bounds(self.low if low is None else low, self.high if high is None else high)
        for presolve in (True, False):  # HiGHS's presolve has been seen to lose every table, the exact one included
            found = milp(
                objective,
                constraints=self.relations,
                bounds=bounds,
                integrality=np.ones(len(self.places)),
                options={"mip_rel_gap": gap, "presolve": presolve},
            )
            if found.x is not None:
                break
            assert found.status == 2, found.message
        if found.x is None:
            return None
        table: np.ndarray = np.rint(found.x)
        for cell, values in self.seen.items():
            values.add(int(table[self.places[cell]]))
        return table

    def open_cells(self) -> list[Cell]:
        """Small counts for which fewer than 3 values have been found."""
        return [cell for cell, values in self.seen.items() if len(values) < 3]

    def attack(self, seed: int = 1) -> Iterator[tuple[Cell, int, list[int]]]:
        """The counts that can be narrowed down: what they are, and the values they can have."""
        random = np.random.default_rng(seed)
        for attempt in range(6):
            if not self.open_cells():
                return
            aim = np.zeros(len(self.places))
            for cell in self.open_cells():  # all more, all fewer, then each its own way
                aim[self.places[cell]] = (-1, 1)[attempt] if attempt < 2 else random.choice((-1, 1))
            assert self.solve(aim, gap=0.2) is not None, "the exact table itself must agree with what is known"
        for cell in self.open_cells():
            if len(self.seen[cell]) < 3:
                yield from self.pin_down(cell)

    def pin_down(self, cell: Cell) -> Iterator[tuple[Cell, int, list[int]]]:
        """Every value that one count can have, until there are 3 of them."""
        place = self.places[cell]
        near = [self.small[cell] + step for step in (1, -1, 2, -2, 3, -3)]
        for value in [*near, *range(int(max(0, self.low[place])), min(20, int(self.high[place])) + 1)]:
            if len(self.seen[cell]) >= 3:
                return
            if value not in self.seen[cell] and self.low[place] <= value <= self.high[place]:
                low, high = self.low.copy(), self.high.copy()
                low[place] = high[place] = value
                self.solve(np.zeros(len(self.places)), low, high)
        if len(self.seen[cell]) < 3:
            yield cell, self.small[cell], sorted(self.seen[cell])
