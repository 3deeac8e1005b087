"""The two streams: answers go to stdout, everything about getting them to stderr."""

from __future__ import annotations

import os

from rich.console import Console

PIPE_WIDTH = 120
"""Columns where there is no terminal: rich's own 80 would cut names short."""


def out() -> Console:
    """Where answers go."""
    return _console(stderr=False)


def err() -> Console:
    """Where progress and remarks go; remarks may hold exact numbers, which must not be saved beside rounded ones."""
    return _console(stderr=True)


def _console(stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False, emoji=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = PIPE_WIDTH
    return console
