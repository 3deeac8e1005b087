"""The engine, embedded."""

from typing import Any

import pyarrow as pa

import core20plus5
from core20plus5.engine.call import open_call
from core20plus5.engine.count import DEFAULT_RULESET, count_exactly, release_counts
from tests.benchmarks.contestants.contestant import Contestant, Times
from tests.benchmarks.data import Data
from tests.benchmarks.question import Question


class Engine(Contestant):
    """`count_cohorts`, in its two halves, and `flag_patients`."""

    def __init__(self, data: Data, question: Question) -> None:
        super().__init__(data, question)
        self.people = data.table()
        self.imd = data.imd_table()
        core20plus5.warm_up()

    def count(self, times: Times) -> pa.Table:
        def counts() -> Any:
            call = open_call(self.people, True, self.imd, DEFAULT_RULESET, **self.question.arguments())
            return call, count_exactly(call)

        call, exact = times.run("counts", counts)
        return times.run("table", lambda: release_counts(call, exact)).counts

    def flag(self, times: Times) -> Any:
        arguments = self.question.arguments()
        for name in ("strata", "cohorts", "disclosure"):
            arguments.pop(name)
        return times.run("flags", lambda: list(core20plus5.flag_patients(self.people, imd_table=self.imd, **arguments)))
