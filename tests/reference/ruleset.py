"""The ruleset file as plain tables: read here a second time, so that a mistake in the engine's reader shows."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parents[2] / "kernels" / "core20plus5" / "rulesets" / "core20plus5-adults-2025.toml"


@dataclass(frozen=True)
class Question:
    """One indicator: `where`, made unknown where `known` is not yes, among those for whom `among` is yes."""

    name: str
    kind: str
    where: str
    among: str = "True"
    known: str = "True"

    @property
    def is_cohort(self) -> bool:
        return self.kind.startswith("cohort")

    @property
    def is_plus(self) -> bool:
        return self.kind == "cohort, PLUS"

    @property
    def is_not_applicable_when_among_is_unknown(self) -> bool:
        return self.kind in ("measure", "case finding")


@cache
def document() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@cache
def ruleset_questions() -> dict[str, Question]:
    """Every indicator that the file names."""
    return {
        name: Question(name, entry["kind"], entry["where"], entry.get("among", "True"), entry.get("known", "True"))
        for name, entry in document()["indicators"].items()
    }


def questions(columns: set[str], plus_groups: tuple[str, ...] = ()) -> dict[str, Question]:
    """Every indicator of the file, and one for each local group that is sent or asked for."""
    local = sorted(name for name in {*columns, *plus_groups} if name.startswith("plus_"))
    kind = document()["local_group"]["kind"]
    return ruleset_questions() | {name: Question(name, kind, where=name) for name in local}
