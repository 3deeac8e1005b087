"""One block of people: who they are and where they live. Everything else in their record follows from this."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core20plus5_cli.population.arrays import NONE, Codes, Columns, Doubles, Ints, Rows
from core20plus5_cli.population.assumptions import Assumptions
from core20plus5_cli.population.demography import Calendar, Demography
from core20plus5_cli.population.deprivation import Ladder
from core20plus5_cli.population.draws import Draws
from core20plus5_cli.population.ethnicity import Ethnicity
from core20plus5_cli.population.organisations import LEVELS, Organisations
from core20plus5_cli.population.places import Places
from core20plus5_cli.population.tables import cell

SEX_CODES = ["1", "2", "9", "0", "X"]
NO_IMD_REASONS = ["outside_england", "no_fixed_abode"]
OUTSIDE_ENGLAND, NO_FIXED_ABODE = 0, 1
BORN_1900 = np.int32(-25_567)


@dataclass(frozen=True)
class People:
    """The truth about n people, (n,) each; the record may have less. `cell` is their row in the look-up tables."""

    practice: Rows
    home: Doubles
    decile: Codes
    age: Codes
    sex: Codes
    group: Codes
    birth: Ints
    cell: Rows

    def __len__(self) -> int:
        return len(self.cell)


class Person:
    """Draws people, and what the record has of sex, birth, ethnic group, home and practice."""

    def __init__(self, settings: Assumptions, calendar: Calendar, tree: Organisations, ladder: Ladder) -> None:
        self.settings, self.calendar, self.tree, self.ladder = settings, calendar, tree, ladder
        self.demography = Demography(settings)
        self.places = Places(settings, tree)
        by_age = self.demography.weights.sum(axis=0)
        age_share = np.add.reduceat(by_age, [0, 18, 40, 65], axis=1)
        kind_share = np.bincount(self.places.kind[:-1], tree.weight, minlength=3).astype(np.float64)
        self.ethnicity = Ethnicity(settings, kind_share, age_share)
        _, recorded = settings.shares("sex.recorded")
        self.odd_sexes = recorded[1:]

    def draw(self, n: int, draws: Draws) -> People:
        """n people."""
        practice = self.places.practice(n, draws)
        home = self.places.home(practice, draws)
        decile = (home * 10).astype(np.int8)
        age = self.demography.age(decile, draws)
        sex = self.demography.sex(age, draws)
        group = self.ethnicity.group(self.places.kind.take(practice), decile, age, draws)
        birth = self.calendar.birth(age, draws)
        return People(practice, home, decile, age, sex, group, birth, cell(sex, decile, age))

    def columns(self, people: People, homeless: Codes, draws: Draws) -> Columns:
        """Birth date, sex, ethnic category, the five organisations and the home; `homeless` is 1 for a coded person."""
        n = len(people)
        found: Columns = {
            "birth_date": self._birth_date(people, draws),
            "sex": self._sex_code(people, draws),
            "ethnic_category": self.ethnicity.record(people.group, draws),
            "coastal": self.places.coast(people.practice, draws),
        }
        for level in LEVELS:
            found[level] = self.tree.level[level].take(people.practice)
        reason = np.full(n, -1, np.int8)
        reason[draws.few(n, self.settings.number("home.outside_england"))] = OUTSIDE_ENGLAND
        rough = np.flatnonzero(homeless == 1)
        rough = rough[draws.share(len(rough), self.settings.number("home.no_fixed_abode"))]
        reason[rough] = NO_FIXED_ABODE
        found["no_imd_reason"] = reason
        found[self.ladder.column] = self._home(people, reason, draws)
        return found

    def _birth_date(self, people: People, draws: Draws) -> Ints:
        birth = people.birth.copy()
        unborn = draws.few(len(people), self.settings.number("registration.not_born"))
        birth[unborn] = self.calendar.day + 1 + draws.days(len(unborn), 60)
        birth[draws.few(len(people), self.settings.number("registration.born_1900"))] = BORN_1900
        return birth

    def _sex_code(self, people: People, draws: Draws) -> Codes:
        code = people.sex.copy()
        for position, share in enumerate(self.odd_sexes, start=2):
            code[draws.few(len(people), float(share))] = position
        return code

    def _home(self, people: People, reason: Codes, draws: Draws) -> Ints:
        """Ranks (NONE is null), or positions in the list of LSOA codes (-1 is null)."""
        n = len(people)
        place = self.ladder.step(people.home)
        null = np.int32(-1) if self.ladder.codes else NONE
        if not self.ladder.codes:
            place[draws.few(n, self.settings.number("home.bad_rank"))] = 0
        place[reason >= 0] = null
        place[draws.few(n, self.settings.number("home.not_found"))] = null
        return place
