"""Smoking status and the offer of support."""

from __future__ import annotations

import numpy as np

from core20plus5_cli.population.arrays import NONE, Codes, Columns, Ints, nowhere
from core20plus5_cli.population.assumptions import Assumptions
from core20plus5_cli.population.checks import WINDOW
from core20plus5_cli.population.conditions import Registers
from core20plus5_cli.population.demography import Calendar, Demography
from core20plus5_cli.population.draws import Draws
from core20plus5_cli.population.people import People
from core20plus5_cli.population.tables import calibrated, flat, spread

STATUSES = ["current", "ex", "never"]
CURRENT, EX, NEVER = 0, 1, 2
ADULT = 18
LONGEST = 6 * WINDOW


class Smoking:
    """Draws `smoking_status`, its date and `smoking_support_latest`."""

    def __init__(self, settings: Assumptions, calendar: Calendar, demography: Demography) -> None:
        self.calendar, self.settings = calendar, settings
        relative = spread(
            settings.by_age("smoking.current_by_age"),
            settings.number("smoking.current_deprivation_ratio"),
            settings.number("smoking.current_male_ratio"),
        )
        adults = demography.weights.copy()
        adults[:, :, :ADULT] = 0
        self.current = flat(calibrated(relative, settings.number("smoking.current"), adults))
        self.ex = flat(spread(settings.by_age("smoking.ex_by_age")))
        self.supported = settings.by_decile("smoking.supported").astype(np.float32)

    def columns(self, people: People, registers: Registers, asked: Ints, draws: Draws) -> Columns:
        """The three columns; `asked` is the date of the smoking check."""
        number = self.settings.number
        status = self._status(people, registers, draws)
        unknown = (people.age < ADULT) & (asked == NONE) | draws.share(len(people), number("smoking.unknown"))
        status[unknown & (asked < self.calendar.day - WINDOW)] = -1
        dates = np.where(status < 0, NONE, asked)
        dates[draws.few(len(people), number("smoking.undated"))] = NONE
        smokers = np.flatnonzero(status == CURRENT)
        support = nowhere(len(people))
        before = np.full(len(smokers), number("smoking.supported_before"), np.float32)
        ago = draws.last_done(self.supported.take(people.decile[smokers]), WINDOW, before, LONGEST)
        support[smokers] = np.where(ago < 0, NONE, self.calendar.day - ago)
        return {"smoking_status": status, "smoking_status_date": dates, "smoking_support_latest": support}

    def _status(self, people: People, registers: Registers, draws: Draws) -> Codes:
        number = self.settings.number
        current = self.current.take(people.cell)
        current[registers.copd] = number("smoking.current_copd")
        current[registers.smi] = number("smoking.current_smi")
        ex = self.ex.take(people.cell)
        ex[registers.copd] = number("smoking.ex_copd")
        status = np.where(draws.happens(ex), EX, NEVER).astype(np.int8)
        status[draws.happens(current)] = CURRENT
        return status
