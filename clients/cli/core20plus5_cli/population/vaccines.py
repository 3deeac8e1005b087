"""Flu, pneumococcal and COVID-19 vaccines."""

from __future__ import annotations

import numpy as np

from core20plus5_cli.population.arrays import NONE, Codes, Columns, Floats, Ints, Mask
from core20plus5_cli.population.assumptions import Assumptions
from core20plus5_cli.population.conditions import Registers
from core20plus5_cli.population.demography import Calendar
from core20plus5_cli.population.draws import Draws
from core20plus5_cli.population.ethnicity import by_broad_group
from core20plus5_cli.population.people import People
from core20plus5_cli.population.tables import flat, spread

YEAR = 365
RETIRED = 65


class Vaccines:
    """Draws the three vaccine dates and COVID-19 eligibility."""

    def __init__(self, settings: Assumptions, calendar: Calendar) -> None:
        self.calendar, self.settings = calendar, settings
        self.by_group = by_broad_group(settings.value("vaccine.by_group")).astype(np.float32)
        self.flu_ratio = settings.by_decile("vaccine.flu_ratio").astype(np.float32)
        self.pneumococcal_ratio = settings.by_decile("vaccine.pneumococcal_ratio").astype(np.float32)
        self.covid_recent = settings.by_decile("vaccine.covid_recent").astype(np.float32)
        names = ("flu", "pneumococcal", "covid_earlier")
        self.by_age = {name: flat(spread(settings.by_age(f"vaccine.{name}_by_age"))) for name in names}
        self.season = self.calendar.season_start()
        self.flu_days = settings.numbers("vaccine.flu_days").astype(int).tolist()
        self.pneumococcal_years = int(settings.number("vaccine.pneumococcal_years"))
        self.covid_days = (settings.numbers("vaccine.covid_earlier_years") * YEAR).astype(int).tolist()
        self.covid_recent_days = int(settings.number("vaccine.covid_recent_days"))

    def columns(self, people: People, registers: Registers, draws: Draws) -> Columns:
        """`flu_vaccine_latest`, `pneumococcal_vaccine_latest`, `covid_vaccine_latest`, `covid_vaccine_eligible`."""
        group = self.by_group.take(people.group)
        young = people.age < RETIRED
        risk = young & (registers.copd | registers.cvd)
        eligible, recorded = self._eligible(people, draws)
        found: Columns = {
            "flu_vaccine_latest": self._flu(people, group, young & registers.smi | risk, draws),
            "pneumococcal_vaccine_latest": self._pneumococcal(people, group, risk, draws),
            "covid_vaccine_latest": self._covid(people, group, eligible, draws),
            "covid_vaccine_eligible": recorded,
        }
        return found

    def _flu(self, people: People, group: Floats, risk: Mask, draws: Draws) -> Ints:
        """This season's date, or an earlier season's. In a season that has only begun, most are still to come."""
        chance = self.by_age["flu"].take(people.cell)
        chance[risk] = np.maximum(chance[risk], self.settings.number("vaccine.flu_at_risk"))
        chance *= group * self.flu_ratio.take(people.decile)
        n = len(people)
        first, last = self.flu_days
        day = first + (draws.uniform(n) ** np.float32(2.5) * (last - first)).astype(np.int32)
        dates = self.season + day
        u = draws.uniform(n)
        missed = (u >= chance) | (dates > self.calendar.day)
        dates[missed] -= YEAR * (1 + (day[missed] & 1))
        earlier = chance + (1 - chance) * np.float32(self.settings.number("vaccine.flu_earlier"))
        earlier[chance <= 0] = 0
        return self._kept(dates, u < earlier, people)

    def _pneumococcal(self, people: People, group: Floats, risk: Mask, draws: Draws) -> Ints:
        chance = self.by_age["pneumococcal"].take(people.cell)
        chance[risk] = np.maximum(chance[risk], self.settings.number("vaccine.pneumococcal_at_risk"))
        chance *= group * self.pneumococcal_ratio.take(people.decile)
        years = np.clip(people.age.astype(np.int32) - RETIRED + 1, 1, self.pneumococcal_years)
        ago = (draws.uniform(len(people)) * (years * YEAR).astype(np.float32)).astype(np.int32)
        return self._kept(self.calendar.day - ago, draws.happens(chance), people)

    def _eligible(self, people: People, draws: Draws) -> tuple[Mask, Codes]:
        """Who is eligible, and what the record has of it (-1 for null)."""
        number, n = self.settings.number, len(people)
        eligible = people.age >= int(number("vaccine.covid_eligible_age"))
        eligible[draws.few(n, number("vaccine.covid_eligible_younger"))] = True
        recorded = eligible.astype(np.int8)
        recorded[draws.few(n, number("vaccine.covid_eligible_unknown"))] = -1
        return eligible, recorded

    def _covid(self, people: People, group: Floats, eligible: Mask, draws: Draws) -> Ints:
        n = len(people)
        recent = eligible & draws.happens(group * self.covid_recent.take(people.decile))
        earlier = draws.happens(group * self.by_age["covid_earlier"].take(people.cell))
        first, last = self.covid_days
        ago = first + draws.days(n, last - first)
        ago[recent] = draws.days(int(recent.sum()), self.covid_recent_days)
        return self._kept(self.calendar.day - ago, recent | earlier, people)

    def _kept(self, dates: Ints, given: Mask, people: People) -> Ints:
        """The dates of people who were vaccinated and already born."""
        return np.where(given & (dates > people.birth), dates, NONE).astype(np.int32)
