"""Signs that the records are not what they are taken for; each stops the call with a clear error."""

import re
from typing import Any

import pyarrow as pa

from core20plus5.errors import LaterThanReferenceDateError, LsoaVintageError, NhsNumberError
from core20plus5.ingest.arrays import as_text
from core20plus5.ingest.columns import Ledger
from core20plus5.ingest.schema import is_text

#: More than this share of a column's dates after the reference date: the extract is not as at that date.
MAX_LATER_SHARE = 0.01

#: More than this share of English LSOA codes missing from the IMD table: most likely the other vintage. 3.1 % of the 2011 codes
#: are not in the 2021 set, and 5.8 % the other way round; a matching vintage misses next to none.
MAX_UNMATCHED_SHARE = 0.02
MIN_LSOA_CODES = 100

#: At least this share of a column's values are NHS numbers by form and check digit. One in eleven random numbers passes.
NHS_NUMBER_SHARE = 0.5
MIN_NHS_NUMBERS = 3

#: Rows of a column that are looked at for NHS numbers.
NHS_NUMBER_ROWS = 10_000

_TEN_DIGITS = re.compile(r"\d{10}")


def check_ledger(ledger: Ledger, allow_later_facts: bool) -> None:
    """At the end of the records, when shares are known. Raises the errors of this module."""
    for column, dates in sorted(ledger.dates.items()):
        later = ledger.findings[column, "after_reference_date"]
        if later > dates * MAX_LATER_SHARE and not allow_later_facts:
            raise LaterThanReferenceDateError(
                f"extract_later_than_reference_date: more than {MAX_LATER_SHARE:.0%} of the dates in {column!r} are after the"
                " reference date, so the records are not as at that date; allow_later_facts reads such dates as null"
            )
    if ledger.english >= MIN_LSOA_CODES and ledger.unmatched > ledger.english * MAX_UNMATCHED_SHARE:
        raise LsoaVintageError(
            f"more than {MAX_UNMATCHED_SHARE:.0%} of the English codes in 'lsoa_code' are not in the IMD table:"
            " IMD 2019 goes with LSOA 2011 codes, IMD 2025 with LSOA 2021 codes"
        )


class NhsNumberCheck:
    """Looks at the first rows of every text and integer column, however they are batched."""

    def __init__(self) -> None:
        self._rows = 0
        self._values: dict[str, int] = {}
        self._passed: dict[str, int] = {}

    @property
    def done(self) -> bool:
        """Whether enough rows have been seen."""
        return self._rows >= NHS_NUMBER_ROWS

    def look(self, batch: pa.RecordBatch) -> None:
        """Look at more rows. Raises NhsNumberError when enough have been seen."""
        if self.done:
            return
        batch = batch.slice(0, NHS_NUMBER_ROWS - self._rows)
        batch.validate(full=True)
        self._rows += batch.num_rows
        for name, array in zip(batch.schema.names, batch.columns, strict=True):
            kind: Any = array.type.value_type if pa.types.is_dictionary(array.type) else array.type
            if is_text(kind) or pa.types.is_integer(kind):
                texts = [text for text in as_text(array).to_pylist() if text and text.strip()]
                self._values[name] = self._values.get(name, 0) + len(texts)
                self._passed[name] = self._passed.get(name, 0) + sum(map(is_nhs_number, texts))
        if self.done:
            self.check()

    def check(self) -> None:
        """Raises NhsNumberError for a column whose values look like NHS numbers."""
        for name, passed in self._passed.items():
            if passed >= MIN_NHS_NUMBERS and passed >= self._values[name] * NHS_NUMBER_SHARE:
                raise NhsNumberError(
                    f"column {name!r} looks like NHS numbers ({NHS_NUMBER_SHARE:.0%} of its values or more pass the modulus 11"
                    " check); send a pseudonym instead"
                )


def is_nhs_number(text: str) -> bool:
    """Ten digits, blanks and hyphens aside, with a valid modulus 11 check digit (NHS Data Dictionary, NHS NUMBER)."""
    digits = text.replace(" ", "").replace("-", "")
    if not (digits.isascii() and _TEN_DIGITS.fullmatch(digits)):
        return False
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return check != 10 and check % 11 == int(digits[9])
