"""Who is on a practice's list on the reference date: joined, left, died."""

from __future__ import annotations

import numpy as np

from core20plus5_cli.population.arrays import NONE, Columns, Floats, nowhere
from core20plus5_cli.population.assumptions import Assumptions
from core20plus5_cli.population.demography import Calendar, Demography
from core20plus5_cli.population.draws import Draws
from core20plus5_cli.population.people import People
from core20plus5_cli.population.tables import calibrated, flat, spread

YEAR = 365
DAYS_PER_YEAR = 365.25


class Registration:
    """Draws registration and death dates."""

    def __init__(self, settings: Assumptions, calendar: Calendar, demography: Demography) -> None:
        self.calendar = calendar
        relative = spread(
            settings.by_age("death.by_age"),
            settings.number("death.deprivation_ratio"),
            settings.number("death.male_ratio"),
        )
        self.death: Floats = flat(calibrated(relative, settings.number("death.overall"), demography.weights))
        self.mean_days = np.float32(settings.number("registration.mean_years") * DAYS_PER_YEAR)
        self.chance = {name: settings.number(f"registration.{name}") for name in ("left", "leaving", "not_yet", "no_start")}

    def columns(self, people: People, draws: Draws) -> Columns:
        """`registration_start`, `registration_end`, `death_date`: days, NONE for null."""
        n, today = len(people), self.calendar.day
        life = today - people.birth
        start = today - np.minimum((draws.exponential(n) * self.mean_days).astype(np.int32), life)
        later = draws.few(n, self.chance["not_yet"])
        start[later] = today + 1 + draws.days(len(later), 30)
        start[draws.few(n, self.chance["no_start"])] = NONE
        end = nowhere(n)
        left = draws.few(n, self.chance["left"])
        end[left] = today - draws.days(len(left), YEAR)
        leaving = draws.few(n, self.chance["leaving"])
        end[leaving] = today + 1 + draws.days(len(leaving), 60)
        dead = np.flatnonzero(draws.happens(self.death.take(people.cell)))
        died = nowhere(n)
        died[dead] = np.maximum(today - draws.days(len(dead), YEAR), people.birth[dead])
        end[dead] = died[dead]
        return {"registration_start": start, "registration_end": end, "death_date": died}
