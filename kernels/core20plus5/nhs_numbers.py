"""The check for NHS numbers, which this project refuses to process. It needs no Numba, so that every client can make it."""

import re
from typing import Any

import pyarrow as pa

from core20plus5.arrow import is_text, value_type
from core20plus5.errors import NhsNumberError

#: At least this share of a column's values are NHS numbers by form and check digit. One in eleven random numbers passes.
NHS_NUMBER_SHARE = 0.5
MIN_NHS_NUMBERS = 3

#: Rows of a column that are looked at for NHS numbers.
NHS_NUMBER_ROWS = 1_000

#: Rows for which counting equal values takes longer than looking at each.
_FEW = 40

_DIGITS = 10
_TEN_DIGITS = re.compile(rf"\d{{{_DIGITS}}}")


class NhsNumberCheck:
    """Looks at the first rows of every text and integer column, however they are batched.

    raising: False for a part of the records: a few of its values may pass by chance, so only the sum of all parts is checked.
    """

    def __init__(self, raising: bool = True) -> None:
        self._raising = raising
        self._rows = 0
        #: Batches that were validated, but whose values were not looked at yet: of so few rows nothing follows by themselves.
        self._waiting: list[pa.RecordBatch] = []
        self._values: dict[str, int] = {}
        self._passed: dict[str, int] = {}

    @property
    def done(self) -> bool:
        """Whether enough rows have been seen."""
        return self._rows >= NHS_NUMBER_ROWS

    def __add__(self, other: "NhsNumberCheck") -> "NhsNumberCheck":
        """What both have seen, to be checked."""
        both = NhsNumberCheck()
        both._rows = self._rows + other._rows
        for seen in (self, other):
            for name, values in seen._values.items():
                both._values[name] = both._values.get(name, 0) + values
                both._passed[name] = both._passed.get(name, 0) + seen._passed[name]
        return both

    def look(self, batch: pa.RecordBatch) -> None:
        """Look at more rows. Raises NhsNumberError when enough have been seen."""
        if self.done:
            return
        batch = batch.slice(0, NHS_NUMBER_ROWS - self._rows)
        batch.validate(full=True)
        self._rows += batch.num_rows
        self._waiting.append(batch)
        if self._rows >= MIN_NHS_NUMBERS or not self._raising:  # what a part has seen is passed on
            self._catch_up()
        if self.done:
            self.check()

    def _catch_up(self) -> None:
        waiting, self._waiting = self._waiting, []
        for batch in waiting:
            for name, array in zip(batch.schema.names, batch.columns, strict=True):
                if is_text(value_type(array.type)) or pa.types.is_integer(value_type(array.type)):
                    found = [(text, rows) for text, rows in _different(array) if text.strip()]
                    self._values[name] = self._values.get(name, 0) + sum(rows for _, rows in found)
                    self._passed[name] = self._passed.get(name, 0) + sum(rows for text, rows in found if is_nhs_number(text))

    def check(self) -> None:
        """Raises NhsNumberError for a column whose values look like NHS numbers."""
        if not self._raising:
            return
        for name, passed in self._passed.items():
            if passed >= MIN_NHS_NUMBERS and passed >= self._values[name] * NHS_NUMBER_SHARE:
                raise NhsNumberError(
                    f"column {name!r} looks like NHS numbers ({NHS_NUMBER_SHARE:.0%} of its values or more pass the modulus 11"
                    " check); send a pseudonym instead"
                )


def _different(array: Any) -> list[tuple[str, int]]:
    """The values of a column as text, and in how many rows each stands: most columns have few, and Python is slow."""
    if len(array) <= _FEW:
        return [(str(value), 1) for value in array.to_pylist() if value is not None]
    dictionary = array.dictionary if pa.types.is_dictionary(array.type) else None
    array = array if dictionary is None else array.indices
    counted = (array.cast(pa.string()) if pa.types.is_string_view(array.type) else array).value_counts()
    pairs = zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True)
    found = [(value, rows) for value, rows in pairs if value is not None]
    if dictionary is not None:
        found = [(dictionary[place].as_py(), rows) for place, rows in found]
    return [(str(value), rows) for value, rows in found if value is not None]


def is_nhs_number(text: str) -> bool:
    """Ten digits, blanks and hyphens aside, with a valid modulus 11 check digit (NHS Data Dictionary, NHS NUMBER)."""
    if len(text) < _DIGITS:  # nearly every value: nothing more is done for those
        return False
    digits = text.replace(" ", "").replace("-", "")
    if not (digits.isascii() and _TEN_DIGITS.fullmatch(digits)):
        return False
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return check != 10 and check % 11 == int(digits[9])
