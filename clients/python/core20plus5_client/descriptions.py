"""What a server says of itself, its rulesets and the record. The proto files explain each field."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

ParameterValue = int | float | str
"""A number, or a day that every year has, as "09-01"."""


@dataclass(frozen=True)
class RulesetSummary:
    """One ruleset among those that the server has. sha256: of the ruleset file, in hexadecimal."""

    name: str
    version: str
    title: str
    sha256: str


@dataclass(frozen=True)
class Parameter:
    """A named threshold, window or target of a ruleset. since: as YYYY-MM-DD."""

    name: str
    value: ParameterValue
    unit: str
    since: str
    source: str


@dataclass(frozen=True)
class Rule:
    """A reason for an exclusion or a finding, the sentence that says to whom it applies, and the columns that it reads."""

    reason: str
    where: str
    column: str | None
    columns: tuple[str, ...]


@dataclass(frozen=True)
class LocalGroup:
    """What a local PLUS group, a column plus_<name>, is told as."""

    title: str
    kind: str
    source: str


@dataclass(frozen=True)
class IndicatorDefinition:
    """One question, in the words of the ruleset.

    among, known: None means everyone. target, windows: names of parameters.
    """

    name: str
    title: str
    kind: str
    area: str | None
    direction: str | None
    target: str | None
    windows: tuple[str, ...]
    source: str
    caveat: str | None
    among: str | None
    where: str
    known: str | None
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Ruleset:
    """A whole ruleset: what is asked, with every threshold and its source."""

    summary: RulesetSummary
    source: str
    parameters: tuple[Parameter, ...]
    definitions: Mapping[str, str]
    exclusions: tuple[Rule, ...]
    checks: tuple[Rule, ...]
    indicators: tuple[IndicatorDefinition, ...]
    columns: tuple[str, ...]
    local_group: LocalGroup


@dataclass(frozen=True)
class ImdTable:
    """An IMD table that the server has. version: "2019" or "2025"; rows: LSOAs in it."""

    version: str
    lsoa_vintage: str
    sha256: str
    name: str
    rows: int


@dataclass(frozen=True)
class ServerInfo:
    """Versions, limits (in bytes, rows, columns, strata, cells and seconds) and what the server can answer to this caller.

    rights: some of "count", "exact", "flags". A limit of 0 is one that the server does not state.
    """

    server_version: str
    engine_version: str
    max_message_bytes: int
    recommended_message_bytes: int
    max_batch_rows: int
    max_stream_rows: int
    max_stream_bytes: int
    max_columns: int
    max_strata: int
    max_metadata_bytes: int
    max_cells: int
    max_calls: int
    idle_seconds: float
    max_call_seconds: float
    max_calls_per_caller: int
    max_few_rows: int
    rights: tuple[str, ...]
    disclosure_policies: tuple[str, ...]
    imd_tables: tuple[ImdTable, ...]
    rulesets: tuple[RulesetSummary, ...]


@dataclass(frozen=True)
class RecordColumn:
    """One column that a record may have.

    paired_with: the date that the value belongs to; enough: another column that can stand in for this one.
    """

    name: str
    type: str
    meaning: str
    null_means: str
    accepts: str
    optional_column: bool
    paired_with: str | None
    enough: str | None
    null_may_mean_no: bool


@dataclass(frozen=True)
class DerivedStratum:
    """A stratum that is worked out: the columns that it is read from, and its values in the order of the counts."""

    name: str
    reads: tuple[str, ...]
    reads_deprivation: bool
    values: tuple[str, ...]


@dataclass(frozen=True)
class RecordDescription:
    """The columns that a record may have, in the order of the documentation.

    local_group_prefix: a column whose name begins with this is a local PLUS group.
    """

    columns: tuple[RecordColumn, ...]
    local_group_prefix: str
    derived_strata: tuple[DerivedStratum, ...]

    @cached_property
    def by_name(self) -> Mapping[str, RecordColumn]:
        """The columns by name."""
        return {column.name: column for column in self.columns}

    def is_local_group(self, name: str) -> bool:
        """Whether a column of this name is a local PLUS group."""
        return name.startswith(self.local_group_prefix) and name != self.local_group_prefix

    def knows(self, name: str) -> bool:
        """Whether a column of this name is part of the record."""
        return name in self.by_name or self.is_local_group(name)
