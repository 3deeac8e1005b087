"""What the values of a column are read as, where that follows from the record alone: ranges of numbers, spellings of codes."""

import string
from functools import lru_cache

from core20plus5.records import Column

_FAR = 1e300  # beyond any real value, and below infinity, which is refused


def accepted_range(column: Column) -> tuple[float, float]:
    """The least and the greatest number of a column."""
    low = -_FAR if column.minimum is None else float(column.minimum)
    high = _FAR if column.maximum is None else float(column.maximum)
    return low, high


def null_code(column: Column) -> int:
    """The number of the code that null is read as."""
    return column.values.index(column.otherwise) if column.otherwise else -1


def code_of(text: str | None, column: Column) -> int | None:
    """The number of a code; None for an unknown code."""
    trimmed = (text or "").strip().upper()
    assert column.read is not None
    normal = column.read(trimmed) if trimmed else ""
    if normal is None:
        return None
    return column.values.index(normal) if normal else null_code(column)


@lru_cache(maxsize=64)
def usual_spellings(column: Column) -> dict[str, int]:
    """Texts that records nearly always have, with their codes: accepted ones in any one case, and one character or two."""
    words = sorted({*column.values, *column.accepts.split(", "), ""})
    shorts = [*_CHARACTERS, *(one + two for one in _CHARACTERS for two in _CHARACTERS)]
    texts = [text for word in words for text in (word, word.lower(), word.upper(), word.title())] + shorts
    found = {text: code_of(text, column) for text in texts}
    return {text: code for text, code in found.items() if code is not None}


_CHARACTERS = string.digits + string.ascii_uppercase
