"""The rows that a table of counts can have, and how they are written."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core20plus5.arrow import ArrowArray
from core20plus5.cohorts import CohortCounts
from core20plus5.flags import Plan
from core20plus5.kernels.tidy import find_rows
from core20plus5.result.texts import Texts, runs_of

ANSWERS = ("yes", "no", "unknown")

#: Strata whose cells are looked through at once.
_IN_CACHE = 8

Indexes = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]
Marks = npt.NDArray[np.bool_]

#: Some strata, and of their rows int32 (3, n), the numbers of stratum, group and place, and int64 (3, n), yes, no and unknown.
Found = tuple[Indexes, Places, Indexes]


class Layout:
    """Which rows there can be, in order: groups are cohorts by answer, places are the indicators to report.

    with_everyone: everyone is among both, reported or not, since all else adds up to it.
    """

    def __init__(self, counts: CohortCounts, plan: Plan, with_everyone: bool = False) -> None:
        named = tuple(indicator.name for indicator in plan.reported)
        first = ("everyone",) if with_everyone else ()
        cohorts, names = (tuple(dict.fromkeys((*first, *chosen))) for chosen in (plan.cohorts, named))
        groups = [(cohort, answer) for cohort in cohorts for answer in (range(1) if cohort == "everyone" else range(3))]
        gone = [name in plan.absent for name in names]
        self.groups, self.names = groups, names
        self.absent = np.array(gone, np.bool_)
        self._asked_groups = np.array([cohort in plan.cohorts for cohort, _ in groups], np.bool_)
        self._asked_places = np.array([name in named for name in names], np.bool_)
        #: (groups, 2) int64: place of the cohort among those counted, and which answer of it.
        self._groups = np.array([(counts.cohorts.index(cohort), answer) for cohort, answer in groups], np.int64).reshape(-1, 2)
        #: Place of each indicator among those counted; an absent one has that of "everyone", to say where people are.
        self._places = np.array(
            [counts.indicators.index("everyone" if absent else name) for name, absent in zip(names, gone, strict=True)], np.int64
        )
        self._everyone = counts.indicators.index("everyone")
        self._counts, self._members = counts, counts.members.astype(np.int32)
        self._strata = {name: Texts(labels) for name, labels in zip(counts.strata, counts.labels, strict=True)}
        self._cohort, self._answer = Texts([cohort for cohort, _ in groups]), Texts([ANSWERS[answer] for _, answer in groups])
        self._indicator, self._status = Texts(names), Texts(("ok", "column_absent"))
        self._ok: ArrowArray = pa.array([], pa.string())
        self._each_group, self._each_status = np.arange(len(groups), dtype=np.int32), np.arange(2, dtype=np.int32)

    @property
    def most_rows(self) -> int:
        """Rows that a stratum can have, and one at least."""
        return max(1, len(self._groups) * len(self._places))

    def asked(self, where: Places) -> Marks:
        """Which rows the reply shows."""
        return np.asarray(self._asked_groups[where[1]] & self._asked_places[where[2]])

    def answered(self, where: Places) -> int:
        """How many rows have counts."""
        return int(where.shape[1]) - int(np.count_nonzero(self.absent[where[2]]))

    def labels(self, strata: Indexes) -> dict[str, tuple[Sequence[str], Indexes]]:
        """Per stratum column, its labels, and their place in each of these strata."""
        counts = self._counts
        return {name: (counts.labels[column], counts.members[strata, column]) for column, name in enumerate(counts.strata)}

    def exact_rows(self, strata: Indexes) -> pa.RecordBatch:
        """The rows of some strata as they are."""
        return self.rows(strata, *self._find(strata), None)

    def find(self, strata: Indexes) -> Found:
        """The populated rows of some strata; numbers of strata are places among these."""
        where, exact = self._find(strata)
        return strata, where.copy(), np.stack(exact)  # without the room that was not needed

    def _find(self, strata: Indexes) -> tuple[Places, list[Indexes]]:
        room = len(strata) * len(self._groups) * len(self._places) + 1
        where, exact = np.empty((3, room), np.int32), [np.empty(room, np.int64) for _ in ANSWERS]
        counts, cells = self._counts, self._counts.room_for(max(1, min(len(strata), _IN_CACHE)))
        there = counts.table, *counts.records, strata, counts.cohort_places, cells
        size = find_rows(*there, self._everyone, self._groups, self._places, where, *exact)
        for numbers in exact:
            numbers.resize(size, refcheck=False)
        return where[:, :size], exact

    def rows(self, strata: Indexes, where: Places, shown: Sequence[Indexes] | Indexes, hidden: Marks | None) -> pa.RecordBatch:
        """Rows of some strata, as they are shown."""
        stratum, group, place = where
        absent = self.absent[place] if self.absent.any() else None
        in_stratum, in_group = runs_of(stratum), runs_of(group)
        columns: dict[str, ArrowArray] = {
            name: texts.column(in_stratum, self._members[strata, column].copy())
            for column, (name, texts) in enumerate(self._strata.items())
        }
        columns["cohort"] = self._cohort.column(in_group, self._each_group)
        columns["cohort_answer"] = self._answer.column(in_group, self._each_group)
        columns["indicator"] = self._indicator.sequence(place)
        for number, answer in enumerate(ANSWERS):
            columns[answer] = _counts(shown[number], _either(absent, hidden[number] if hidden is not None else None))
        columns["suppressed"] = _suppressed(where.shape[1], absent, hidden)
        columns["status"] = self._all_ok(place.size) if absent is None else self._statuses(absent)
        return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))

    def _statuses(self, absent: Marks) -> ArrowArray:
        return self._status.column(runs_of(absent.astype(np.int32)), self._each_status)

    def _all_ok(self, rows: int) -> ArrowArray:
        """The status of rows of which none is absent: part of one array, which all batches share."""
        ok = self._ok  # another thread may put a shorter one in its place
        if len(ok) < rows:
            ok = self._ok = self._statuses(np.zeros(rows, np.bool_))
        return ok.slice(0, rows)


def _either(one: Marks | None, two: Marks | None) -> Marks | None:
    return two if one is None else one if two is None else one | two


def _suppressed(rows: int, absent: Marks | None, hidden: Marks | None) -> ArrowArray:
    if hidden is None:
        return pa.repeat(False, rows)
    suppressed = np.any(hidden, axis=0)
    return pa.array(np.asarray(suppressed if absent is None else suppressed & ~absent), pa.bool_())


def _counts(shown: Indexes, missing: Marks | None) -> ArrowArray:
    """Counts with nulls where they are not shown; nothing stands under a null."""
    if missing is None:
        return pa.array(shown, pa.int64())
    return pa.array(np.where(missing, 0, shown), pa.int64(), mask=missing)
