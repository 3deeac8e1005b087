"""Dates after the reference date, as every real extract has a few."""

from __future__ import annotations

import numpy as np

from core20plus5_cli.population.arrays import NONE, Columns
from core20plus5_cli.population.assumptions import Assumptions
from core20plus5_cli.population.demography import Calendar
from core20plus5_cli.population.draws import Draws

READ_AS_THEY_STAND = ("birth_date", "registration_start", "registration_end", "death_date")
LONGEST = 400


class FutureDates:
    """Moves one date in a thousand past the reference date, in columns that have many.

    They stand so far apart that in any first n people they stay well under 1 % of each column: the limit above which an
    extract is taken to be of a later day.
    """

    def __init__(self, settings: Assumptions, calendar: Calendar) -> None:
        self.day = calendar.day
        self.first_after = int(settings.number("dirt.first_after"))
        self.every = int(settings.number("dirt.every"))

    def add(self, columns: Columns, names: list[str], draws: Draws) -> None:
        """Changes the (n,) int32 date columns `names` in place."""
        for name in names:
            if name in READ_AS_THEY_STAND:
                continue
            dates = columns[name]
            rows = np.flatnonzero(dates != NONE)
            start = self.first_after + int(draws.generator.integers(0, self.every))
            moved = rows[start :: self.every]
            dates[moved] = self.day + 1 + draws.days(len(moved), LONGEST)
