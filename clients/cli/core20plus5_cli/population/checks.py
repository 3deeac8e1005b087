"""When the yearly checks were last done: blood pressure, alcohol, glucose, BMI, lipids and smoking."""

from __future__ import annotations

import numpy as np

from core20plus5_cli.population.arrays import NONE, Floats, Ints
from core20plus5_cli.population.assumptions import Assumptions
from core20plus5_cli.population.conditions import Registers
from core20plus5_cli.population.demography import Calendar
from core20plus5_cli.population.draws import Draws
from core20plus5_cli.population.people import People
from core20plus5_cli.population.tables import flat, spread

WINDOW = 365
OTHER_CHECKS = ("alcohol", "glucose", "bmi", "lipid", "smoking")
CHECKS = ("bp", *OTHER_CHECKS)


class Checks:
    """Draws the date of each check: by age; oftener with a long-term condition; together at an SMI review."""

    def __init__(self, settings: Assumptions, calendar: Calendar) -> None:
        self.calendar = calendar
        self.by_age = {name: flat(spread(settings.by_age(f"check.{name}_by_age"))) for name in OTHER_CHECKS}
        bp = spread(settings.by_age("bp.recorded_by_age"))
        self.by_age["bp"] = flat(bp * settings.by_decile("bp.recorded_ratio")[None, :, None])
        self.condition = settings.by_decile("check.long_term_condition").astype(np.float32)
        self.hypertension = settings.by_decile("bp.recorded_hypertension").astype(np.float32)
        self.cholesterol_cvd = settings.by_decile("lipid.cholesterol_cvd").astype(np.float32)
        self.complete = settings.by_decile("smi_check.complete").astype(np.float32)
        self.part_done = settings.number("smi_check.part_done")
        self.without_review = {name: np.float32(settings.number(f"smi_check.else_{name}")) for name in CHECKS}
        self.older = flat(spread(settings.by_age("care.older_by_age")))
        self.longest = int(settings.number("care.longest") * WINDOW)

    def draw(self, people: People, registers: Registers, draws: Draws) -> dict[str, Ints]:
        """(n,) int32 date of each of the six checks, NONE for never."""
        chronic = np.flatnonzero(registers.hypertension | registers.copd | registers.cvd)
        smi = np.flatnonzero(registers.smi)
        reviewed = draws.happens(self.complete.take(people.decile[smi]))
        review = self.calendar.day - draws.days(len(smi), WINDOW)
        found = {}
        for name in CHECKS:
            chance = self.by_age[name].take(people.cell)
            chance[chronic] = self._chronic(name, people, registers)[chronic]
            chance[smi] = self.without_review[name]
            dates = self._dates(chance, people, draws)
            done = reviewed & draws.share(len(smi), self.part_done)
            dates[smi[done]] = np.maximum(dates[smi[done]], review[done])
            found[name] = dates
        return found

    def _chronic(self, name: str, people: People, registers: Registers) -> Floats:
        chance = self.condition.take(people.decile)
        if name == "bp":
            return np.where(registers.hypertension, self.hypertension.take(people.decile), chance)
        if name == "lipid":
            return np.where(registers.cvd, self.cholesterol_cvd.take(people.decile), chance)
        return chance

    def _dates(self, chance: Floats, people: People, draws: Draws) -> Ints:
        ago = draws.last_done(chance, WINDOW, self.older.take(people.cell), self.longest)
        ago[chance <= 0] = -1
        dates = self.calendar.day - ago
        return np.where((ago < 0) | (dates < people.birth), NONE, dates)
