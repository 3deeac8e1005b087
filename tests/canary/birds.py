"""Records with a sentinel in every place that could get out: values, dictionaries, names, metadata. One that sings is a leak."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import pyarrow as pa

from core20plus5.records import COLUMNS, Kind

#: Of records: these must come out nowhere, in no form that a program gives them.
TEXT, NUMBER, BORN, NHS_NUMBER = "CanaryValue", 77771234500, date(1911, 11, 11), "9434765919"
_VALUES = ("canaryvalue", "777712345", "1911-11-11", "1911, 11, 11", "11/11/1911", "94347659", "-21236")

#: Of the caller's own words, names of columns and what is asked for: these may go back to the caller, and nowhere else.
NAME, ASKED = "canary_column", "CanaryAsked"
_WORDS = ("canary_column", "canaryasked", "canarymeta")

ROWS = 120


def _column(number: int, kind: Kind) -> Any:
    if kind is Kind.DATE:
        return pa.array([BORN] * ROWS)
    if kind in (Kind.INTEGER, Kind.NUMBER):
        return pa.array([NUMBER + number] * ROWS) if kind is Kind.INTEGER else pa.array([NUMBER + number + 0.25] * ROWS)
    if kind is Kind.BOOL:
        return pa.array([NUMBER + number] * ROWS)
    text = pa.array([f"{TEXT}{number:03}x{row}" for row in range(ROWS)])
    return text.dictionary_encode() if number % 3 == 0 else text.cast(pa.string_view()) if number % 3 == 1 else text


def records(**changes: Any) -> pa.Table:
    """People whose every value is a sentinel. changes: columns instead of these; None leaves one out."""
    arrays = {column.name: _column(number, column.kind) for number, column in enumerate(COLUMNS.values())}
    arrays |= {NAME: pa.array([f"{TEXT}n{row}" for row in range(ROWS)]), f"plus_{NAME}": pa.array([NUMBER] * ROWS)}
    arrays |= {name: pa.array(values) if isinstance(values, list) else values for name, values in changes.items()}
    kept = {name: array for name, array in arrays.items() if array is not None}
    table = pa.table(kept)
    fields = [field.with_metadata({"note": "CanaryMeta"}) for field in table.schema]
    return table.cast(pa.schema(fields, metadata={"pandas": "CanaryMeta CanaryValue"}))


def silent(text: str, words: bool = True) -> None:
    """No sentinel of a record in a text; words: nor of what the caller wrote itself."""
    low = text.lower()
    heard = [bird for bird in (*_VALUES, *(_WORDS if words else ())) if bird in low]
    assert not heard, f"{heard} in {text[:2_000]}"


def all_below(kinds: Iterable[type]) -> set[type]:
    """Classes, and every class below them."""
    found = set(kinds)
    for kind in tuple(found):
        found |= all_below(kind.__subclasses__())
    return found
