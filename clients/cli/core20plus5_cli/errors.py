"""What a user can act on: said in one line on stderr, with exit code 2 and no traceback."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

MUST_CHANGE = 2
"""Exit code when the request, the files or the records have to change."""

# The engine names arguments; here they are options.
_OPTIONS = {
    "strata": "--by",
    "plus_groups": "--plus",
    "parameters": "--set",
    **{name: f"--{name}" for name in ("cohorts", "indicators", "disclosure", "ruleset")},
    **{name: f"--{name.replace('_', '-')}" for name in ("reference_date", "imd_version", "imd_table", "imd_from")},
    **{name: f"--{name.replace('_', '-')}" for name in ("null_means_no", "allow_later_facts")},
}
_ENGINE_NEEDS = {"numba", "numpy", "llvmlite", "python_calamine"}
_SERVICE_NEEDS = {
    "cryptography",
    "flatbuffers",
    "grpc_health",
    "grpc_reflection",
    "jwt",
    "prometheus_client",
    "pydantic",
    "pydantic_settings",
}


class CliError(Exception):
    """The request, a file or the records must change. The message says what, and never holds a cell's value."""


@contextmanager
def plain_errors() -> Iterator[None]:
    """Say an expected error plainly and exit with `MUST_CHANGE`; any other is a bug and keeps its traceback."""
    try:
        yield
    except Exception as error:
        lines = explain(error)
        if lines is None:
            raise
        for line in lines:
            typer.echo(line, err=True)
        raise typer.Exit(MUST_CHANGE) from None


def explain(error: Exception) -> list[str] | None:
    """The lines to print for an expected error; None for any other."""
    if isinstance(error, CliError):
        return [f"core20plus5: {error}"]
    if isinstance(error, ModuleNotFoundError) and error.name in _SERVICE_NEEDS:
        return [f"core20plus5: {error.name} is not installed; this command needs: pip install 'core20plus5[service]'"]
    if isinstance(error, ModuleNotFoundError) and error.name in _ENGINE_NEEDS:
        return [f"core20plus5: {error.name} is not installed; this command needs: pip install 'core20plus5[kernels]'"]
    # An engine that has not been imported has raised nothing, and importing it takes half a second.
    # The same holds for the client of a server.
    modules = filter(None, map(sys.modules.get, ("core20plus5.errors", "core20plus5_client.errors")))
    if isinstance(error, tuple(module.Core20Plus5Error for module in modules)):
        problems = getattr(error, "problems", [str(error)])
        return [*(f"core20plus5: {with_options(text)}" for text in problems), *_hints(problems)]
    return None


def with_options(message: str) -> str:
    """The engine's message with the arguments it names as the options they come from."""
    first, *rest = re.split(r"\b", message, maxsplit=2)[1:] if message[:1].isalpha() else [message]
    message = _OPTIONS.get(first, first) + "".join(rest)
    # A word with an underscore is no plain English; one in quotes is a name that the caller chose.
    return re.sub(r"(?<![\w'-])[a-z]+(?:_[a-z]+)+(?![\w'])", lambda word: _OPTIONS.get(word[0], word[0]), message)


def _hints(problems: list[str]) -> list[str]:
    dates = any(re.search(r"expected date, got .*string", problem) for problem in problems)
    return ["core20plus5: dates in text are written like 2026-03-31"] if dates else []
