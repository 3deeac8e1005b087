"""What a caller gets: the same tables and the same provenance as from the embedded engine."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from core20plus5_client.descriptions import RecordDescription, Ruleset
from core20plus5_client.errors import RequestError, ServerFaultError
from core20plus5_client.messages import fields_of, parameter_value
from core20plus5_proto.v1 import answers_pb2 as answers

_NAMES = ("name", "title", "kind", "area", "direction", "target", "window", "source", "caveat")
_INDICATORS = pa.schema([(name, pa.string()) for name in _NAMES]).set(5, pa.field("target", pa.float64()))
_QUALITY = pa.schema([(name, pa.string()) for name in ("column", "reason")]).append(pa.field("rows", pa.int64()))


@dataclass(frozen=True)
class CohortResult:
    """Released counts and what is needed to read them.

    counts: the strata in the order asked, cohort, cohort_answer, indicator (text), yes, no, unknown (int64, null where
    hidden or not answered), suppressed (bool), status (text, `ok` or `column_absent`).
    indicators: name, title, kind, area, direction, target, window, source, caveat. quality: column, reason, rows.
    provenance: everything that changed the answer, and the ledger of rows.
    completeness, where asked for: the organisations among the strata, column, among, state (text), people, of (int64, null where
    hidden), share (double).
    """

    counts: pa.Table
    indicators: pa.Table
    quality: pa.Table
    provenance: dict[str, Any]
    completeness: pa.Table | None = None
    measured: pa.Table | None = None

    @property
    def inequality(self) -> pa.Table:
        """Rates, gaps, slopes and age-standardised rates with intervals, from the released counts, as the server worked them out.

        The strata, cohort, cohort_answer, indicator, statistic, over, against (text), value, lower, upper (double), people,
        reference_people (int64), unknown_share, standard_share (double), direction (text), target (double), caveat, verdict,
        reason (text: why there is no value, or no verdict). Raises RequestError where the server did not send them.
        """
        if self.measured is None:
            raise RequestError(
                f"inequality: the server sent none with these {self.counts.num_rows:,} rows of counts;"
                " ask for it with inequality=True"
            )
        return self.measured

    @property
    def columns_absent(self) -> list[str]:
        """Columns of the record that the caller does not have."""
        return list(self.provenance["columns_absent"])


@dataclass(frozen=True)
class Asker:
    """What only the caller's side knows: the columns that it has, sent or not, and what they were chosen by."""

    names: tuple[str, ...]
    ruleset: Ruleset
    record: RecordDescription

    def no_one(self) -> dict[str, int]:
        """Every reason of the ruleset for excluding people, with no rows."""
        return dict.fromkeys((rule.reason for rule in self.ruleset.exclusions), 0)

    def provenance(self, message: answers.Provenance, ledger: dict[str, Any]) -> dict[str, Any]:
        """What changed the answer, and the ledger of rows, as the embedded engine gives it for the caller's columns.

        Raises ServerFaultError where another ruleset answered than the columns were chosen by.
        """
        if message.ruleset_sha256 != self.ruleset.summary.sha256:
            raise ServerFaultError("the server changed its ruleset between two calls, or two servers differ: ask again")
        found = fields_of(message)
        found["parameters"] = self._parameters(found["parameters"])
        found["columns_absent"] = [name for name in message.columns_absent if name not in self.names]
        others = [name for name in self.names if not self.record.knows(name)]
        found["columns_ignored"] = [name for name in others if name not in message.strata]
        lists = {key: list(value) for key, value in found.items() if isinstance(value, tuple)}
        return found | lists | deepcopy(ledger)

    def _parameters(self, messages: dict[str, Any]) -> dict[str, Any]:
        """Values in the order of the ruleset, which a map on the wire does not keep."""
        names = [parameter.name for parameter in self.ruleset.parameters]
        return {name: parameter_value(messages[name]) for name in names if name in messages}


def indicators_table(messages: Iterable[answers.IndicatorDescription]) -> pa.Table:
    """One row per reported indicator, in the order of the ruleset. target: a share, between 0 and 1."""
    return pa.Table.from_pylist([fields_of(message) for message in messages], schema=_INDICATORS)


def quality_table(messages: Iterable[answers.QualityFinding]) -> pa.Table:
    """column, reason (text), rows (int64): values read as unknown, and people without a deprivation decile."""
    return pa.Table.from_pylist([fields_of(message) for message in messages], schema=_QUALITY)
