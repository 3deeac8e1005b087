"""Signs, seen once all records are read, that they are not what they are taken for; each stops the call with a clear error."""

from core20plus5.errors import LaterThanReferenceDateError, LsoaVintageError
from core20plus5.ingest.columns import Ledger

#: More than this share of a column's dates after the reference date: the extract is not as at that date.
MAX_LATER_SHARE = 0.01

#: More than this share of English LSOA codes missing from the IMD table: most likely the other vintage. 3.1 % of the 2011 codes
#: are not in the 2021 set, and 5.8 % the other way round; a matching vintage misses next to none.
MAX_UNMATCHED_SHARE = 0.02
MIN_LSOA_CODES = 100


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
