"""Blood pressure readings: to target or not among people with hypertension, raised or not among the others."""

from __future__ import annotations

import numpy as np

from core20plus5_cli.population.arrays import NONE, NONE_SMALL, Columns, Doubles, Floats, Ints, Mask, Rows, Small
from core20plus5_cli.population.assumptions import Assumptions
from core20plus5_cli.population.conditions import Registers
from core20plus5_cli.population.demography import Demography
from core20plus5_cli.population.draws import Draws
from core20plus5_cli.population.ethnicity import by_broad_group
from core20plus5_cli.population.people import People
from core20plus5_cli.population.tables import calibrated, flat, slots, spread

SYSTOLIC, SYSTOLIC_OVER_80, DIASTOLIC, HOME_LOWER, OLD = 140, 150, 90, 5, 80


class BloodPressure:
    """Draws `bp_systolic`, `bp_diastolic` and `bp_setting` of the readings in `bp_date`."""

    def __init__(self, settings: Assumptions, demography: Demography, hypertension: Doubles) -> None:
        """`hypertension` is (2, 10, 106): the chance to be on the register, for the mean share to target."""
        relative = spread(settings.by_age("bp.to_target_by_age"))
        relative = relative * settings.by_decile("bp.to_target_ratio")[None, :, None]
        weights = demography.weights * hypertension
        self.to_target = flat(calibrated(relative, settings.number("bp.to_target"), weights))
        self.by_group = by_broad_group(settings.value("bp.to_target_by_group")).astype(np.float32)
        raised = spread(settings.by_age("bp.raised_by_age")) * settings.by_decile("bp.raised_ratio")[None, :, None]
        self.raised = flat(raised)
        self.codes, _ = settings.shares("bp.setting_others")
        shares = np.stack([settings.shares(f"bp.setting_{name}")[1] for name in ("others", "hypertension")])
        self.setting_slots = slots(shares)
        self.under = settings.numbers("bp.mean_under").astype(np.float32)
        self.over = np.float32(settings.number("bp.mean_over"))
        self.lower_gap = settings.numbers("bp.lower_under").astype(np.float32)
        self.lower_alone, self.both = settings.number("bp.lower_alone"), settings.number("bp.both_parts")
        self.half_pair, self.implausible = settings.number("bp.half_pair"), settings.number("bp.implausible")

    def columns(self, people: People, registers: Registers, bp_date: Ints, draws: Draws) -> Columns:
        """int16 mmHg with NONE_SMALL for null, and int8 positions in `codes`, -1 for null."""
        rows = np.flatnonzero(bp_date != NONE)
        known = registers.hypertension[rows]
        setting = draws.pick(self.setting_slots, known.astype(np.intp))
        home = np.isin(setting, [self.codes.index(code) for code in ("home", "hbpm", "abpm")])
        high = ~draws.happens(self._below(people, rows, known))
        limit = np.where(known & (people.age[rows] >= OLD), SYSTOLIC_OVER_80, SYSTOLIC) - HOME_LOWER * home
        systolic, diastolic = self._readings(high, known, limit, DIASTOLIC - HOME_LOWER * home, draws)
        found = {
            "bp_systolic": np.full(len(people), NONE_SMALL, np.int16),
            "bp_diastolic": np.full(len(people), NONE_SMALL, np.int16),
        }
        found["bp_systolic"][rows], found["bp_diastolic"][rows] = systolic, diastolic
        where = np.full(len(people), -1, np.int8)
        where[rows] = np.where(setting == self.codes.index(""), -1, setting)
        self._spoil(found["bp_systolic"], found["bp_diastolic"], rows, draws)
        return {**found, "bp_setting": where}

    def _below(self, people: People, rows: Rows, known: Mask) -> Floats:
        """(m,) chance of a reading within limits."""
        cell = people.cell[rows]
        treated = self.to_target.take(cell) * self.by_group.take(people.group[rows])
        return np.where(known, treated, 1 - self.raised.take(cell))

    def _readings(self, high: Mask, known: Mask, limit: Ints, low_limit: Ints, draws: Draws) -> tuple[Ints, Ints]:
        """(m,) mmHg. Within limits both parts are; above them the upper part is, the lower part or both.

        People on the register may be exactly at their limit and be within it; for the others the limit is raised already.
        """
        m = len(high)
        under = np.minimum(draws.exponential(m) * np.where(known, self.under[0], self.under[1]), 45).astype(np.int32)
        under = np.where(known, under, np.maximum(under, 1))
        over = 1 + (draws.exponential(m) * self.over).astype(np.int32)
        over = np.where(known, over, over - 1)
        which = draws.uniform(m)
        upper = limit + np.where(high & (which >= self.lower_alone), np.minimum(over, 80), -under)
        gap = np.clip(self.lower_gap[0] + self.lower_gap[1] * draws.normal(m), 1, 35).astype(np.int32)
        above = high & ((which < self.lower_alone) | (which >= 1 - self.both))
        lower = low_limit + np.where(above, np.minimum(over, 40), -gap)
        return upper, np.minimum(lower, upper - 15 + 12 * above)

    def _spoil(self, systolic: Small, diastolic: Small, rows: Rows, draws: Draws) -> None:
        """Half pairs and impossible values, as records have them."""
        first = rows[draws.few(len(rows), self.half_pair / 2)]
        second = rows[draws.few(len(rows), self.half_pair / 2)]
        systolic[first], diastolic[second] = NONE_SMALL, NONE_SMALL
        slip = rows[draws.few(len(rows), self.implausible)]
        systolic[slip] //= 10
