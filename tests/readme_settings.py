"""Write the service's table of settings from the code: `python -m tests.readme_settings`."""

from pathlib import Path
from typing import Any

from annotated_types import Ge, Gt, Le

from core20plus5_service.settings import Settings

README = Path(__file__).parents[1] / "service" / "README.md"
START, END = "<!-- generated: settings -->\n", "<!-- end -->"

#: Defaults that the machine decides.
_FROM_MACHINE = {
    "threads": "processors that the process may use",
    "memory_bytes": "what the process may use",
    "max_calls": "16, or what the memory bears",
    "max_cells": "33554432, or what a quarter of the memory bears",
    "imd_table": "none",
}
_SIGNS = {Ge: ("ge", "≥"), Gt: ("gt", ">"), Le: ("le", "≤")}


def with_settings(text: str) -> str:
    """The README's text with the table as it should be now."""
    before, rest = text.split(START)
    return before + START + _table() + rest[rest.index(END) :]


def _table() -> str:
    head = ["| flag | in the environment | default | allowed | what |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([*head, *(_row(name, field) for name, field in Settings.model_fields.items())]) + "\n"


def default_of(name: str) -> str:
    """The default of a setting, in words where the machine decides."""
    field: Any = Settings.model_fields[name]
    default = _FROM_MACHINE.get(name) if field.default_factory else _default(field.default)
    assert default, f"{name}: say what its default is"
    return default


def _row(name: str, field: Any) -> str:
    limits = [f"{sign} {getattr(limit, attribute)}" for limit in field.metadata for attribute, sign in _sign(limit)]
    flag, variable = f"`--{name.replace('_', '-')}`", f"`CORE20PLUS5_{name.upper()}`"
    return f"| {flag} | {variable} | {default_of(name)} | {', '.join(limits)} | {field.description} |"


def _default(value: object) -> str:
    if value is None or value == "":
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _sign(limit: object) -> list[tuple[str, str]]:
    return [_SIGNS[kind] for kind in _SIGNS if isinstance(limit, kind)]


if __name__ == "__main__":
    README.write_text(with_settings(README.read_text(encoding="utf-8")), encoding="utf-8")
