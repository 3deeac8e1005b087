"""Statins, other lipid-lowering treatment, and cholesterol measurements."""

from __future__ import annotations

import numpy as np

from core20plus5_cli.population.arrays import NONE, Columns, Doubles, Floats, Ints, Mask, Rows, nowhere
from core20plus5_cli.population.assumptions import Assumptions
from core20plus5_cli.population.conditions import Registers
from core20plus5_cli.population.demography import Calendar
from core20plus5_cli.population.draws import Draws
from core20plus5_cli.population.people import People
from core20plus5_cli.population.tables import flat, spread

SIX_MONTHS = 175
LONGEST = 5 * 365
NON_HDL_TARGET = 2.6
OTHER_FROM_AGE = 40


class Lipids:
    """Draws the lipid columns; the measurement is the lipid profile of the yearly checks."""

    def __init__(self, settings: Assumptions, calendar: Calendar) -> None:
        self.calendar, self.settings = calendar, settings
        self.statin_cvd = settings.by_decile("lipid.statin_cvd").astype(np.float32)
        self.statin = flat(spread(settings.by_age("lipid.statin_by_age")))
        self.to_target = settings.by_decile("lipid.to_target_cvd").astype(np.float32)

    def columns(self, people: People, registers: Registers, profile: Ints, draws: Draws) -> Columns:
        """Dates, and mmol/L to one decimal with NaN for null; `profile` is the date of the lipid check."""
        number, n = self.settings.number, len(people)
        measured = profile.copy()
        measured[~draws.share(n, number("lipid.same_day"))] = NONE
        rows = np.flatnonzero(measured != NONE)
        non_hdl = self._non_hdl(people, registers, rows, draws)
        ratio = number("lipid.ldl_of_non_hdl")
        ldl = np.minimum(np.round(non_hdl * ratio, 1), 9.9)
        ldl[draws.share(len(rows), number("lipid.ldl_missing"))] = np.nan
        non_hdl[draws.share(len(rows), number("lipid.non_hdl_missing"))] = np.nan
        found = {"ldl_mmol": np.full(n, np.nan), "non_hdl_mmol": np.full(n, np.nan)}
        found["ldl_mmol"][rows], found["non_hdl_mmol"][rows] = ldl, non_hdl
        return {**found, **self._treatment(people, registers, draws), "cholesterol_date": measured}

    def _treatment(self, people: People, registers: Registers, draws: Draws) -> Columns:
        number = self.settings.number
        chance = self.statin.take(people.cell)
        chance[registers.cvd] = self.statin_cvd.take(people.decile[registers.cvd])
        other = np.zeros(len(people), np.float32)
        other[people.age >= OTHER_FROM_AGE] = number("lipid.other_rest")
        other[registers.cvd] = number("lipid.other_cvd")
        return {
            "statin_latest": self._issued(chance, chance > 0, number("lipid.statin_stopped"), draws),
            "other_lipid_lowering_latest": self._issued(other, other > 0, number("lipid.other_rest"), draws),
        }

    def _issued(self, chance: Floats, may: Mask, stopped: float, draws: Draws) -> Ints:
        """(n,) date of the latest issue: within six months for the share `chance`, else long ago for some."""
        rows = np.flatnonzero(may)
        before = np.full(len(rows), stopped, np.float32)
        ago = draws.last_done(chance[rows], SIX_MONTHS, before, LONGEST)
        dates = nowhere(len(chance))
        dates[rows] = np.where(ago < 0, NONE, self.calendar.day - ago)
        return dates

    def _non_hdl(self, people: People, registers: Registers, rows: Rows, draws: Draws) -> Doubles:
        """(m,) mmol/L: people with CVD at or under target, or over it; the others around the average."""
        number, m = self.settings.number, len(rows)
        mean, spread_ = number("lipid.non_hdl_mean"), number("lipid.non_hdl_spread")
        value: Doubles = mean + spread_ * draws.normal(m).astype(np.float64)
        cvd = registers.cvd[rows]
        good = draws.happens(self.to_target.take(people.decile[rows]))
        distance = draws.exponential(m).astype(np.float64) * number("lipid.mean_distance")
        value = np.where(cvd, np.where(good, NON_HDL_TARGET - distance, NON_HDL_TARGET + 0.1 + distance), value)
        value = np.asarray(np.round(np.clip(value, 0.8, 9.5), 1), np.float64)
        value[draws.few(m, number("lipid.implausible"))] = 99.0
        return value
