"""The latest pregnancy: booking, end, and the plan for continuity of carer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core20plus5_cli.population.arrays import NONE, NONE_SMALL, Codes, Columns, Ints, Mask, Rows, nowhere
from core20plus5_cli.population.assumptions import Assumptions
from core20plus5_cli.population.demography import Calendar, Demography
from core20plus5_cli.population.draws import Draws
from core20plus5_cli.population.people import People
from core20plus5_cli.population.tables import calibrated, flat, spread

YEAR = 365
PLAN_BY, LATEST_BIRTH, VIABLE = 203, 294, 168
FIRST_BOOKING, LATE_BOOKING = 35, 140


@dataclass(frozen=True)
class Course:
    """The pregnancies of a block, (m,) each: whose (a row), and the days of booking, conception and end."""

    rows: Rows
    booking: Ints
    conceived: Ints
    end: Ints


class Pregnancies:
    """Draws the `preg_` and `coc_` columns."""

    def __init__(self, settings: Assumptions, calendar: Calendar, demography: Demography) -> None:
        self.calendar, self.settings = calendar, settings
        relative = spread(settings.by_age("pregnancy.by_age"), settings.number("pregnancy.deprivation_ratio"), 0.0)
        self.kept = int(settings.number("pregnancy.kept") * YEAR)
        overall = settings.number("pregnancy.bookings") * settings.number("pregnancy.kept")
        self.chance = flat(calibrated(relative, overall, demography.weights))
        names = ("booking_weeks", "plan_recorded", "pathway")
        self.by_decile = {name: settings.by_decile(f"pregnancy.{name}").astype(np.float32) for name in names}

    def columns(self, people: People, draws: Draws) -> Columns:
        """Dates with NONE, days with NONE_SMALL and bools with -1 for null."""
        n, number = len(people), self.settings.number
        rows = np.flatnonzero(draws.happens(self.chance.take(people.cell)))
        booking = self.calendar.day - draws.days(len(rows), self.kept)
        gestation = self._gestation(people, rows, draws)
        conceived = booking - gestation
        recorded = gestation.astype(np.int16)
        recorded[draws.share(len(rows), number("pregnancy.gestation_missing"))] = NONE_SMALL
        recorded[draws.share(len(rows), number("pregnancy.gestation_invalid"))] = 0
        end = self._end(booking, gestation, draws)
        course = Course(rows, booking, conceived, end)
        found: Columns = {
            "preg_booking_date": self._put(booking, rows, n),
            "preg_gestation_at_booking_days": np.full(n, NONE_SMALL, np.int16),
        }
        found["preg_gestation_at_booking_days"][rows] = recorded
        seen = np.where(end > self.calendar.day, NONE, end)
        seen[draws.share(len(rows), number("pregnancy.end_missing"))] = NONE
        found["preg_end_date"] = self._put(seen, rows, n)
        return {**found, **self._plan(people, course, draws)}

    def _put(self, dates: Ints, rows: Rows, n: int) -> Ints:
        column = nowhere(n)
        column[rows] = dates
        return column

    def _gestation(self, people: People, rows: Rows, draws: Draws) -> Ints:
        """(m,) days of pregnancy at booking: around the median of the tenth, some much later."""
        number = self.settings.number
        median = self.by_decile["booking_weeks"].take(people.decile[rows]) * 7
        days = np.clip(median + number("pregnancy.booking_spread") * draws.normal(len(rows)), FIRST_BOOKING, LATE_BOOKING).astype(
            np.int32
        )
        late = draws.share(len(rows), number("pregnancy.booking_late"))
        return np.where(late, LATE_BOOKING + draws.days(len(rows), 110), days)

    def _end(self, booking: Ints, gestation: Ints, draws: Draws) -> Ints:
        """(m,) date on which each pregnancy ends, past or to come, never before the booking."""
        m = len(booking)
        term, spread_ = self.settings.numbers("pregnancy.birth_days").astype(np.float32)
        birth = np.clip(term + spread_ * draws.normal(m), VIABLE, LATEST_BIRTH).astype(np.int32)
        lost = draws.share(m, self.settings.number("pregnancy.lost")) & (gestation < VIABLE)
        loss = gestation + (draws.uniform(m) * np.maximum(VIABLE - gestation, 1)).astype(np.int32)
        return booking + np.maximum(np.where(lost, loss, birth) - gestation, 0)

    def _plan(self, people: People, course: Course, draws: Draws) -> Columns:
        """Plans dated day 0 to 203 of the pregnancy, up to the reference date and not after its end."""
        rows, booking, number = course.rows, course.booking, self.settings.number
        n, m = len(people), len(rows)
        last = np.minimum(np.minimum(course.conceived + PLAN_BY, self.calendar.day), course.end)
        room = last - booking
        day = booking + (draws.uniform(m) * np.maximum(room + 1, 1)).astype(np.int32)
        planned = draws.happens(self.by_decile["plan_recorded"].take(people.decile[rows])) & (room >= 0)
        pathway = draws.happens(self.by_decile["pathway"].take(people.decile[rows])).astype(np.int8)
        on = planned & (pathway == 1)
        pathway[draws.share(m, number("pregnancy.pathway_missing"))] = -1
        found: Columns = {"coc_plan_date": self._put(np.where(planned, day, NONE), rows, n)}
        found["coc_pathway"] = self._answers(np.where(planned, pathway, -1), rows, n)
        for name in ("named_midwife", "named_team"):
            named = self._named(on, draws.share(m, number(f"pregnancy.{name}")))
            found[f"coc_{name}"] = self._answers(named, rows, n)
        return found

    def _named(self, on: Mask, given: Mask) -> Codes:
        """1 named, 0 not named on a pathway; nothing recorded off it."""
        return np.where(on, given.astype(np.int8), -1).astype(np.int8)

    def _answers(self, values: Codes, rows: Rows, n: int) -> Codes:
        column = np.full(n, -1, np.int8)
        column[rows] = values
        return column
