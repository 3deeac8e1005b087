"""Bars of text."""

from __future__ import annotations

_EIGHTHS = " ▏▎▍▌▋▊▉"


def bar(share: float, width: int, *, ascii_only: bool = False) -> str:
    """A bar of `width` characters for 1, to an eighth of one; the rest is drawn as a line of dots."""
    if ascii_only:
        full = round(share * width)
        return "#" * full + "." * (width - full)
    eighths = round(share * width * 8)
    whole, part = divmod(eighths, 8)
    drawn = "█" * whole + (_EIGHTHS[part] if part else "")
    return drawn + "·" * (width - len(drawn))
