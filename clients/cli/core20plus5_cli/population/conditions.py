"""Who has hypertension, COPD, severe mental illness, cardiovascular disease or cancer, since when, and what ended."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core20plus5_cli.population.arrays import NONE, Codes, Columns, Doubles, Floats, Ints, Mask, Rows, nowhere
from core20plus5_cli.population.assumptions import Assumptions
from core20plus5_cli.population.demography import Calendar, Demography
from core20plus5_cli.population.draws import Draws
from core20plus5_cli.population.people import People
from core20plus5_cli.population.tables import calibrated, flat, slots, spread

YEAR = 365
ENDS = {"hypertension": "hypertension_resolved_latest", "copd": "copd_resolved_latest", "smi": "smi_remission_latest"}


@dataclass(frozen=True)
class Registers:
    """(n,) bool each: who is on each register on the reference date. `cancer` is ever."""

    hypertension: Mask
    copd: Mask
    smi: Mask
    cvd: Mask
    cancer: Mask

    def count(self) -> Codes:
        """(n,) int8: how many of the five each person is on."""
        masks = (self.hypertension, self.copd, self.smi, self.cvd, self.cancer)
        return np.asarray(np.sum(np.stack(masks), axis=0), np.int8)


class Condition:
    """One condition: the chance to be on its register, how old the diagnosis is and how often it has ended."""

    def __init__(self, settings: Assumptions, name: str, demography: Demography) -> None:
        at = f"condition.{name}."
        shape = spread(
            settings.by_age(at + "by_age"),
            settings.number(at + "deprivation_ratio"),
            settings.number(at + "male_ratio"),
        )
        self.table: Doubles = calibrated(shape, settings.number(at + "overall"), demography.weights)
        self.ended = settings.number(at + "ended")
        self.longest = int(settings.number(at + "longest") * YEAR)
        self.chance: Floats = flat(self.table / (1 - self.ended))
        self.onset = float(np.argmax(settings.by_age(at + "by_age") > 0)) * YEAR

    def people(self, people: People, draws: Draws) -> Rows:
        """Positions of those ever diagnosed."""
        return np.flatnonzero(draws.happens(self.chance.take(people.cell)))

    def days_ago(self, age: Codes, first: int, draws: Draws) -> Ints:
        """(m,) days since the latest diagnosis code, from `first` on, and not before the age of onset."""
        span = np.clip(age * np.float32(YEAR) - np.float32(self.onset), first + 30, self.longest) - first
        return np.asarray(first + draws.uniform(len(age)) * span).astype(np.int32)


class Conditions:
    """Draws the diagnosis, resolved and stage columns."""

    def __init__(self, settings: Assumptions, calendar: Calendar, demography: Demography) -> None:
        names = ("hypertension", "copd", "smi", "cvd", "new_cancer", "earlier_cancer")
        self.calendar = calendar
        self.kinds = {name: Condition(settings, name, demography) for name in names}
        self.same_day, self.before = settings.number("tie.same_day"), settings.number("tie.before")

    def draw(self, people: People, draws: Draws) -> tuple[Registers, Columns]:
        """Who is on which register, and the date columns that say so."""
        n = len(people)
        found: Columns = {}
        on: dict[str, Mask] = {}
        for name in ("hypertension", "copd", "smi", "cvd"):
            rows = self.kinds[name].people(people, draws)
            dates = nowhere(n)
            dates[rows] = self.calendar.day - self.kinds[name].days_ago(people.age[rows], 0, draws)
            found[f"{name}_dx_latest"] = dates
            on[name] = dates != NONE
            if name in ENDS:
                found[ENDS[name]] = self._ends(name, rows, dates, on[name], draws)
        found["cancer_dx_latest"] = cancer = self._cancer(people, draws)
        return Registers(**on, cancer=cancer != NONE), found

    def _ends(self, name: str, rows: Rows, dates: Ints, on: Mask, draws: Draws) -> Ints:
        """Resolved dates: after the diagnosis (people leave `on`), the same day, or followed by a new diagnosis."""
        ends, ended = nowhere(len(dates)), self.kinds[name].ended
        off = rows[draws.share(len(rows), ended)]
        lasted = self.calendar.day - dates[off]
        ends[off] = dates[off] + np.minimum(1 + (draws.uniform(len(off)) * lasted).astype(np.int32), lasted)
        on[off] = ends[off] <= dates[off]
        ties = rows[draws.share(len(rows), ended * self.same_day)]
        ends[ties], on[ties] = dates[ties], True
        again = rows[draws.share(len(rows), ended * self.before)]
        ends[again], on[again] = dates[again] - 1 - draws.days(len(again), 3 * YEAR), True
        return ends

    def _cancer(self, people: People, draws: Draws) -> Ints:
        dates = nowhere(len(people))
        for name, first in (("earlier_cancer", YEAR + 1), ("new_cancer", 0)):
            kind = self.kinds[name]
            rows = kind.people(people, draws)
            dates[rows] = self.calendar.day - kind.days_ago(people.age[rows], first, draws)
        return np.where(dates == NONE, NONE, np.maximum(dates, people.birth))


class Stage:
    """Draws `cancer_stage` as it reaches an extract, codes that are no stage included."""

    def __init__(self, settings: Assumptions, calendar: Calendar) -> None:
        self.since = calendar.day - int(settings.number("stage.recorded_from") * YEAR)
        self.staged = settings.by_decile("stage.staged").astype(np.float32)
        self.early = settings.by_decile("stage.early").astype(np.float32)
        groups = [settings.shares(f"stage.{name}_codes") for name in ("early", "late", "no_stage")]
        self.codes = [code for names, _ in groups for code in names]
        width = max(len(names) for names, _ in groups)
        rows = np.array([np.pad(shares, (0, width - len(shares))) for _, shares in groups])
        self.table = slots(rows)
        self.first = np.cumsum([0, *(len(names) for names, _ in groups)])[:-1]

    def column(self, people: People, cancer: Ints, draws: Draws) -> Codes:
        """(n,) int8 position in `codes`, -1 for null (an empty code is null too)."""
        stage = np.full(len(people), -1, np.int8)
        rows = np.flatnonzero(cancer >= self.since)
        decile = people.decile[rows]
        staged = draws.happens(self.staged.take(decile))
        early = draws.happens(self.early.take(decile))
        group = np.where(staged, np.where(early, 0, 1), 2).astype(np.intp)
        found = self.first.take(group) + draws.pick(self.table, group)
        empty = np.array([code == "" for code in self.codes])
        stage[rows] = np.where(empty.take(found), -1, found)
        return stage
