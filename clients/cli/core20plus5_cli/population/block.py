"""The whole recipe: prepares every table once, then makes blocks of 65,536 people."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from core20plus5_cli.population.arrays import Columns
from core20plus5_cli.population.assumptions import assumptions
from core20plus5_cli.population.blood_pressure import BloodPressure
from core20plus5_cli.population.checks import OTHER_CHECKS, Checks
from core20plus5_cli.population.columns import Encoder
from core20plus5_cli.population.conditions import Conditions, Registers, Stage
from core20plus5_cli.population.demography import Calendar
from core20plus5_cli.population.deprivation import Ladder, LsoaTable
from core20plus5_cli.population.dirt import FutureDates
from core20plus5_cli.population.draws import Draws
from core20plus5_cli.population.ethnicity import CODES
from core20plus5_cli.population.lipids import Lipids
from core20plus5_cli.population.organisations import Organisations
from core20plus5_cli.population.people import NO_IMD_REASONS, SEX_CODES, People, Person
from core20plus5_cli.population.plus import ConditionCount, PlusGroups
from core20plus5_cli.population.pregnancy import Pregnancies
from core20plus5_cli.population.registration import Registration
from core20plus5_cli.population.smoking import STATUSES, Smoking
from core20plus5_cli.population.vaccines import Vaccines

BLOCK = 65_536


class Recipe:
    """Everything that does not change from block to block. Blocks may be made on several threads at once."""

    def __init__(self, reference_date: date, imd_table: LsoaTable | None, icbs: int) -> None:
        settings, calendar = assumptions(), Calendar(reference_date)
        tree, ladder = Organisations(settings, icbs), Ladder(imd_table)
        self.person = Person(settings, calendar, tree, ladder)
        demography = self.person.demography
        self.registration = Registration(settings, calendar, demography)
        self.plus, self.count = PlusGroups(settings, demography), ConditionCount(settings)
        self.conditions, self.stage = Conditions(settings, calendar, demography), Stage(settings, calendar)
        self.checks = Checks(settings, calendar)
        hypertension = self.conditions.kinds["hypertension"].table
        self.blood_pressure = BloodPressure(settings, demography, hypertension)
        self.smoking = Smoking(settings, calendar, demography)
        self.lipids, self.vaccines = Lipids(settings, calendar), Vaccines(settings, calendar)
        self.pregnancies = Pregnancies(settings, calendar, demography)
        self.future_dates = FutureDates(settings, calendar)
        self.encoder = Encoder(ladder.column, self._texts(tree, ladder))
        self.dates = [name for name, type_ in self.encoder.types.items() if pa.types.is_date32(type_)]

    def _texts(self, tree: Organisations, ladder: Ladder) -> dict[str, list[str]]:
        return {
            "sex": SEX_CODES,
            "ethnic_category": CODES,
            "lsoa_code": ladder.codes,
            "no_imd_reason": NO_IMD_REASONS,
            "cancer_stage": self.stage.codes,
            "bp_setting": self.blood_pressure.codes,
            "smoking_status": STATUSES,
            **tree.codes,
        }

    def block(self, seed: int, number: int) -> pa.RecordBatch:
        """People `number * 65,536 + 1` onwards, always 65,536 of them."""
        draws = Draws(np.random.SeedSequence(seed, spawn_key=(number,)))
        people = self.person.draw(BLOCK, draws)
        columns = self._columns(people, draws)
        first = number * BLOCK + 1
        columns["person_id"] = np.arange(first, first + BLOCK, dtype=np.int64)
        self.future_dates.add(columns, self.dates, draws)
        return self.encoder.batch(columns)

    def _columns(self, people: People, draws: Draws) -> Columns:
        columns = self.plus.columns(people, draws)
        homeless = columns["homeless"].astype(np.int8, copy=False)
        columns |= self.person.columns(people, homeless, draws)
        columns |= self.registration.columns(people, draws)
        registers, found = self.conditions.draw(people, draws)
        columns |= found
        columns["ltc_count"] = self.count.column(people, registers.count(), draws)
        cancer = found["cancer_dx_latest"].astype(np.int32, copy=False)
        columns["cancer_stage"] = self.stage.column(people, cancer, draws)
        return columns | self._care(people, registers, draws)

    def _care(self, people: People, registers: Registers, draws: Draws) -> Columns:
        done = self.checks.draw(people, registers, draws)
        columns: Columns = {"bp_date": done["bp"], **{f"{name}_date": done[name] for name in OTHER_CHECKS}}
        columns |= self.blood_pressure.columns(people, registers, done["bp"], draws)
        columns |= self.smoking.columns(people, registers, done["smoking"], draws)
        columns |= self.lipids.columns(people, registers, done["lipid"], draws)
        columns |= self.vaccines.columns(people, registers, draws)
        return columns | self.pregnancies.columns(people, draws)
