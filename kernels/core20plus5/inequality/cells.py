"""The released counts of the questions about care and need, as arrays in which a row finds the rows to hold it against."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core20plus5.inequality.intervals import Numbers

Codes = npt.NDArray[np.int64]
ANSWERS = ("yes", "no", "unknown")
YES, NO, UNKNOWN = range(3)

#: Columns of the table of counts after the strata.
_AFTER_STRATA = 8


@dataclass(frozen=True)
class Text:
    """A text column: the label of row k is labels[codes[k]]."""

    labels: tuple[str, ...]
    codes: Codes

    def code(self, label: str) -> int:
        """The code of a label; -1, which no row has, where it does not occur."""
        return self.labels.index(label) if label in self.labels else -1


class Cells:
    """Rows of the table of counts, but for the cohorts among the indicators: to belong somewhere is neither better nor worse.

    yes, no, unknown: float64 (rows + 1,), NaN where hidden or not answered. The last row is of nobody: 0, 0, 0, which is what a
    row that is not in the table stands for, so that the place -1 is always right.
    """

    def __init__(self, counts: pa.Table, asked: Sequence[str]) -> None:
        """asked: names of the indicators to look at."""
        self.strata = tuple(counts.column_names[:-_AFTER_STRATA])
        names = _text(counts.column("indicator"))
        wanted = np.array([label in asked for label in names.labels], np.bool_)
        keep = wanted[names.codes] if len(names.labels) else np.zeros(0, np.bool_)
        if not keep.all():
            counts = counts.filter(pa.array(keep))
        self.rows = counts.num_rows
        self.columns = {name: _text(counts.column(name)) for name in self.strata}
        self.cohort = _text(counts.column("cohort"))
        self.indicator = _text(counts.column("indicator"))
        answer = _text(counts.column("cohort_answer"))
        #: int64 (rows,): the place in ANSWERS.
        self.answer = np.array([ANSWERS.index(label) for label in answer.labels], np.int64)[answer.codes]
        self.yes, self.no, self.unknown = (_numbers(counts.column(name)) for name in ANSWERS)
        status = _text(counts.column("status"))
        absent = np.array([label != "ok" for label in status.labels], np.bool_)[status.codes]
        #: bool (rows + 1,): the indicator could not be answered, for want of a column.
        self.absent = np.append(absent, False)

    @cached_property
    def people(self) -> Numbers:
        """People with a known answer: float64 (rows + 1,)."""
        return self.yes + self.no

    def having(self, table: dict[str, Any], default: Any) -> npt.NDArray[Any]:
        """A fact about the indicator of each row, from a dict by name: (rows + 1,)."""
        values = [table.get(label, default) for label in self.indicator.labels]
        return np.append(np.array([*values, default])[self.indicator.codes], default)

    def grouping(self, over: str | None = None) -> "Grouping":
        """Rows grouped by everything but the stratum `over`."""
        return Grouping(self, over)


class Grouping:
    """Rows that differ only in one stratum and in the answer to their cohort: what comparisons are made within."""

    def __init__(self, cells: Cells, over: str | None) -> None:
        self._cells = cells
        rest = _combine([cells.columns[name] for name in cells.strata if name != over], cells.rows)
        key = _key(_key(rest, cells.cohort), cells.indicator)
        self._labels = cells.columns[over].labels if over else ("",)
        codes = cells.columns[over].codes if over else np.zeros(cells.rows, np.int64)
        #: int64 (rows,): a number for each stratum but for `over`, cohort and indicator.
        self.key = _dense(key)
        place = (self.key * 3 + cells.answer) * len(self._labels) + codes
        self._order = np.argsort(place, kind="stable")
        self._sorted = place[self._order]

    def find(self, rows: Codes, answer: int | Codes, label: str = "") -> Codes:
        """The place of the row like each of these but with this answer and this label of `over`; -1 where there is none."""
        if label not in self._labels:
            return np.full(len(rows), -1, np.int64)
        wanted = (self.key[rows] * 3 + answer) * len(self._labels) + self._labels.index(label)
        near = np.minimum(np.searchsorted(self._sorted, wanted), max(len(self._sorted) - 1, 0))
        if not len(self._sorted):
            return np.full(len(rows), -1, np.int64)
        return np.where(self._sorted[near] == wanted, self._order[near], -1)

    def representatives(self) -> Codes:
        """The first row of each group with its answer, whatever its label of `over`: int64, in the order of the table."""
        first: Codes = np.unique(self.key * 3 + self._cells.answer, return_index=True)[1]
        return np.sort(first)


def _text(column: Any) -> Text:
    array = column.combine_chunks()
    array = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    if isinstance(array, pa.ChunkedArray):  # no chunk at all
        return Text((), np.zeros(0, np.int64))
    return Text(tuple(array.dictionary.to_pylist()), array.indices.to_numpy(zero_copy_only=False).astype(np.int64))


def _numbers(column: Any) -> Numbers:
    return np.append(column.cast(pa.float64()).to_numpy(), 0.0)


def _key(key: Codes, text: Text) -> Codes:
    return key * max(1, len(text.labels)) + text.codes


def _combine(columns: Sequence[Text], rows: int) -> Codes:
    """A number for each combination of labels, less than the number of rows, so that no product of label counts overflows."""
    key = np.zeros(rows, np.int64)
    for column in columns:
        key = _dense(_key(key, column))
    return key


def _dense(key: Codes) -> Codes:
    return np.unique(key, return_inverse=True)[1]
