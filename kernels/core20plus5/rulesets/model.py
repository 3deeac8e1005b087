"""What a ruleset file becomes once it has been checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from core20plus5.expressions import Node

KINDS = ("cohort", "cohort, PLUS", "area", "measure", "case finding", "supporting")
AREAS = ("maternity", "smi", "respiratory", "cancer", "hypertension")

ParameterValue = int | float | str


@dataclass(frozen=True)
class ParameterSpec:
    """A named threshold, window or target. A text value is a month-day, such as "09-01"."""

    name: str
    value: ParameterValue
    unit: str
    since: date
    source: str


@dataclass(frozen=True)
class Indicator:
    """One question asked among some people: `where`, made unknown where `known` is not yes, among those for whom `among` is yes.

    target, windows: names of parameters.
    """

    name: str
    title: str
    kind: str
    among: Node
    where: Node
    known: Node
    source: str
    texts: Mapping[str, str]
    area: str | None = None
    direction: str | None = None
    target: str | None = None
    windows: tuple[str, ...] = ()
    caveat: str | None = None

    @property
    def is_cohort(self) -> bool:
        """Whether counts can be broken down by it."""
        return self.kind.startswith("cohort")

    @property
    def is_plus(self) -> bool:
        """Whether an integrated care system can choose it as a PLUS group."""
        return self.kind == "cohort, PLUS"

    @property
    def strict(self) -> bool:
        """Whether an unknown `among` is not applicable (measures, case finding) rather than unknown."""
        return self.kind in ("measure", "case finding")


@dataclass(frozen=True)
class Rule:
    """A reason and the sentence that says to whom it applies: an exclusion, or a finding about a column."""

    reason: str
    where: Node
    text: str
    column: str | None = None


@dataclass(frozen=True)
class Sensitive:
    """Indicators whose people must not be known by "all of them" or "none of them", up to a base of so many."""

    indicators: tuple[str, ...] = ()
    small_base: int = 0
    source: str = ""


@dataclass(frozen=True)
class Ruleset:
    """A checked ruleset. `indicators` are in the order of the file; `sha256` is of the file's bytes."""

    name: str
    version: str
    title: str
    source: str
    sha256: str
    file: str
    parameters: Mapping[str, ParameterSpec]
    definitions: Mapping[str, str]
    exclusions: tuple[Rule, ...]
    checks: tuple[Rule, ...]
    indicators: Mapping[str, Indicator]
    local_group: Mapping[str, str]
    sensitive: Sensitive = Sensitive()
