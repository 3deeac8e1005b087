"""How a refused IMD table is worded: the file, what was expected, what was found, and never more than a few values."""

from collections.abc import Sequence

from core20plus5.errors import ImdTableError

_EXAMPLES = 3
_LONGEST = 80


def refused(name: str, expected: str, found: str) -> ImdTableError:
    return ImdTableError(f"{name}: expected {expected}; found {found}")


def looks_like(version: str) -> str:
    return f"this looks like the {version} table"


def shorten(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def examples(values: Sequence[str]) -> str:
    """The first few values, each in quotes and cut short."""
    shown = ", ".join(f"'{shorten(value)}'" for value in values[:_EXAMPLES])
    return shown + (", ..." if len(values) > _EXAMPLES else "")
