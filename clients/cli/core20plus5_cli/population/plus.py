"""PLUS groups and the count of long-term conditions. Most social groups are rarely coded: no code is null, not no."""

from __future__ import annotations

import numpy as np

from core20plus5_cli.population.arrays import NONE_SMALL, Codes, Columns, Floats, Small
from core20plus5_cli.population.assumptions import Assumptions
from core20plus5_cli.population.demography import Demography
from core20plus5_cli.population.draws import Draws
from core20plus5_cli.population.people import People
from core20plus5_cli.population.tables import calibrated, flat, spread

GROUPS = (
    "learning_disability",
    "autism",
    "homeless",
    "drug_alcohol_dependence",
    "vulnerable_migrant",
    "gypsy_roma_traveller",
    "sex_worker",
    "justice_contact",
    "modern_slavery",
    "plus_carer",
)
COUNT_SLOTS = 256


class PlusGroups:
    """Draws each group as 1 in it, 0 recorded as not in it, -1 nothing recorded."""

    def __init__(self, settings: Assumptions, demography: Demography) -> None:
        self.settings = settings
        self.yes = {name: self._coded(name, demography) for name in GROUPS}
        self.no = {name: settings.number(f"plus.{name}.recorded_no") for name in GROUPS}
        self.together = settings.number("dependence_of_homeless.recorded")

    def _coded(self, name: str, demography: Demography) -> Floats:
        at = f"plus.{name}."
        number = self.settings.number
        relative = spread(self.settings.by_age(at + "by_age"), number(at + "deprivation_ratio"), number(at + "male_ratio"))
        return flat(calibrated(relative, number(at + "overall") * number(at + "recorded"), demography.weights))

    def columns(self, people: People, draws: Draws) -> Columns:
        """One int8 column for each group."""
        found: dict[str, Codes] = {}
        for name in GROUPS:
            chance = self.yes[name].take(people.cell)
            u = draws.uniform(len(people))
            recorded_no = u >= 1 - (1 - chance) * np.float32(self.no[name])
            found[name] = np.where(u < chance, 1, recorded_no.astype(np.int8) - 1).astype(np.int8)
        rough = np.flatnonzero(found["homeless"] == 1)
        rough = rough[draws.share(len(rough), self.together)]
        found["drug_alcohol_dependence"][rough] = 1
        return {**found}


class ConditionCount:
    """Draws `ltc_count`: the conditions that the record has dates for, and others that it has not."""

    def __init__(self, settings: Assumptions) -> None:
        age = settings.by_age("other_conditions.mean_by_age")
        mean = flat(spread(age, settings.number("other_conditions.deprivation_ratio"))).astype(np.float64)
        middle = (np.arange(COUNT_SLOTS) + 0.5) / COUNT_SLOTS
        term = np.exp(-mean)
        below = np.zeros((len(mean), COUNT_SLOTS), np.int8)
        total = term.copy()
        for k in range(1, 20):
            below += middle > total[:, None]
            term = term * mean / k
            total += term
        self.table: Codes = below
        self.unknown = settings.number("other_conditions.unknown")

    def column(self, people: People, known: Codes, draws: Draws) -> Small:
        """(n,) int16, NONE_SMALL for null; `known` is how many of the dated conditions each has."""
        count = (draws.pick(self.table, people.cell) + known).astype(np.int16)
        count[draws.few(len(people), self.unknown)] = NONE_SMALL
        return count
