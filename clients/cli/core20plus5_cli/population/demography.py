"""How many people there are of each sex, deprivation tenth and age: what chances are calibrated against."""

from __future__ import annotations

from datetime import date

import numpy as np

from core20plus5_cli.population.arrays import EPOCH, Codes, Doubles, Ints
from core20plus5_cli.population.assumptions import AGES, DECILES, Assumptions
from core20plus5_cli.population.draws import Draws
from core20plus5_cli.population.tables import slots

LAST_BAND = 90
AGE_SLOTS = 1 << 15
DAYS_OF_A_YEAR = 365


class Demography:
    """Ages and sexes. `weights` is (2, 10, 106): the share of all people in each cell, men first."""

    def __init__(self, settings: Assumptions) -> None:
        ages = self._ages(settings)
        self.male: Doubles = settings.by_age("sex.male_by_age")
        by_sex = np.stack([self.male, 1 - self.male])
        self.weights: Doubles = by_sex[:, None, :] * ages[None] / DECILES
        self.age_slots: Codes = slots(ages, AGE_SLOTS)

    def _ages(self, settings: Assumptions) -> Doubles:
        """(10, 106) share of the people of each tenth at each age."""
        bands = settings.numbers("age.bands")
        old = settings.number("age.oldest_decay") ** np.arange(AGES - LAST_BAND)
        national = np.concatenate([np.repeat(bands[:-1] / 5, 5), bands[-1] * old / old.sum()])
        tilt = settings.number("age.deprivation_tilt")
        rise = (np.arange(AGES) - 40) / 40
        middle = (np.arange(DECILES) + 0.5) / DECILES
        ages = national * np.exp(tilt * (middle[:, None] - 0.5) * rise)
        return np.asarray(ages / ages.sum(axis=1, keepdims=True))

    def age(self, decile: Codes, draws: Draws) -> Codes:
        """(n,) int8 completed years, 0 to 105."""
        return draws.pick(self.age_slots, decile.astype(np.intp))

    def sex(self, age: Codes, draws: Draws) -> Codes:
        """(n,) int8: 0 male, 1 female."""
        return (draws.uniform(len(age)) >= self.male.astype(np.float32).take(age)).astype(np.int8)


class Calendar:
    """Days since 1970 around the reference date."""

    def __init__(self, reference_date: date) -> None:
        self.date = reference_date
        self.day = np.int32(reference_date.toordinal() - EPOCH)
        self.birthdays = np.array([self.day_years_ago(years) for years in range(AGES)], np.int32)

    def day_years_ago(self, years: int) -> int:
        """The same day of an earlier year; 28 February for 29 February."""
        then = self.date.year - years
        try:
            found = self.date.replace(year=then)
        except ValueError:
            found = date(then, 2, 28)
        return found.toordinal() - EPOCH

    def birth(self, age: Codes, draws: Draws) -> Ints:
        """(n,) int32 birth dates of people who have completed `age` years and not one more."""
        return self.birthdays.take(age) - draws.days(len(age), DAYS_OF_A_YEAR)

    def season_start(self) -> int:
        """The latest 1 September on or before the reference date."""
        year = self.date.year if self.date.month >= 9 else self.date.year - 1
        return date(year, 9, 1).toordinal() - EPOCH
