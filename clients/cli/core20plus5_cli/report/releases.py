"""The tables that a page is made of: released counts with their words and provenance, from files or from counting now."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from core20plus5_cli.errors import CliError
from core20plus5_cli.readable import readable
from core20plus5_cli.saving import METADATA_KEY

#: What must be the same in all tables of one page: they are of the same people, asked the same.
_SAME = (
    *("reference_date", "imd_version", "imd_from", "imd_table_sha256", "ruleset", "ruleset_version", "ruleset_sha256"),
    *("plus_groups", "disclosure", "null_means_no", "parameters", "columns_absent"),
)


@dataclass(frozen=True)
class Release:
    """One released table, with what is needed to read it."""

    counts: pa.Table
    indicators: pa.Table
    provenance: dict[str, Any]
    completeness: pa.Table | None = None

    @property
    def strata(self) -> tuple[str, ...]:
        """What the counts are broken down by."""
        return tuple(self.provenance["strata"])

    @cached_property
    def inequality(self) -> list[dict[str, Any]]:
        """The measures of inequality, row by row."""
        from core20plus5.inequality import inequality_table  # noqa: PLC0415 - needs NumPy, which counting on a server does not

        rows: list[dict[str, Any]] = inequality_table(self.counts, self.indicators).to_pylist()
        return rows


class Picture:
    """All tables of a page. A table that is not there is added up from a finer one, where nothing is hidden in it."""

    def __init__(self, releases: Sequence[Release]) -> None:
        """Raises CliError for tables of different people or questions."""
        first = releases[0].provenance
        for other in releases[1:]:
            for name in _SAME:
                if other.provenance.get(name) != first.get(name):
                    raise CliError(f"these counts do not belong together: {name} differs")
        self.releases = list(releases)
        self.provenance = first
        self.indicators: dict[str, dict[str, Any]] = {row["name"]: row for row in releases[0].indicators.to_pylist()}
        self._made: dict[tuple[str, ...], Release | None] = {}

    def by(self, *strata: str) -> Release | None:
        """The counts by these strata and no others; None where no table has them."""
        if strata not in self._made:
            self._made[strata] = self._find(strata)
        return self._made[strata]

    def _find(self, strata: tuple[str, ...]) -> Release | None:
        finer = [release for release in self.releases if set(strata) <= set(release.strata)]
        if not finer:
            return None
        best = min(finer, key=lambda release: len(release.strata))
        return best if set(best.strata) == set(strata) else _added_up(best, strata)

    @property
    def completeness(self) -> pa.Table | None:
        """Of all people together; of organisations where no table has that."""
        found = [release.completeness for release in self.releases if release.completeness is not None]
        return min(found, key=lambda table: table.num_columns) if found else None

    @property
    def completeness_of_organisations(self) -> pa.Table | None:
        """By organisation, where a table has it."""
        found = [release.completeness for release in self.releases if release.completeness is not None]
        finest = max(found, key=lambda table: table.num_columns) if found else None
        return finest if finest is not None and finest.num_columns > 6 else None


def _added_up(release: Release, strata: tuple[str, ...]) -> Release:
    """Released numbers added up over the other strata: null where one of them is hidden."""
    keys = [*strata, "cohort", "cohort_answer", "indicator"]
    sums: Any = pa.compute.ScalarAggregateOptions(skip_nulls=False, min_count=0)
    asked = [*((name, "sum", sums) for name in ("yes", "no", "unknown")), ("suppressed", "max"), ("status", "max")]
    grouped: Any = release.counts.group_by(keys, use_threads=False)
    table = grouped.aggregate(asked)
    names = [*keys, "yes_sum", "no_sum", "unknown_sum", "suppressed_max", "status_max"]
    table = table.select(names).rename_columns([*keys, "yes", "no", "unknown", "suppressed", "status"])
    return Release(table, release.indicators, release.provenance | {"strata": list(strata)})


def read_release(path: Path) -> Release:
    """A file that `core20plus5 count --out` wrote. Raises CliError for one that is something else."""
    suffix = path.suffix.lower()
    if suffix not in (".arrow", ".parquet"):
        raise CliError(f"{path.name}: a report is made from .arrow or .parquet, which keep what the numbers mean; .csv does not")
    with readable(path.name):
        table = pq.read_table(path) if suffix == ".parquet" else _read_arrow(path)
    kept = table.schema.metadata or {}
    texts = [kept.get(f"{METADATA_KEY}{part}".encode()) for part in ("", ".indicators", ".completeness")]
    if texts[0] is None or texts[1] is None:
        raise CliError(f"{path.name} holds no counts that core20plus5 count --out wrote")
    provenance, indicators = json.loads(texts[0]), json.loads(texts[1])
    completeness = None if texts[2] is None else pa.Table.from_pylist(json.loads(texts[2]))
    return Release(table.replace_schema_metadata(None), _indicators(indicators), provenance, completeness)


def _read_arrow(path: Path) -> pa.Table:
    with pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as reader:
        return reader.read_all()


def _indicators(rows: list[dict[str, Any]]) -> pa.Table:
    names = ("name", "title", "kind", "area", "direction", "target", "window", "source", "caveat")
    schema = pa.schema([pa.field(name, pa.float64() if name == "target" else pa.string()) for name in names])
    return pa.Table.from_pylist(rows, schema=schema)
