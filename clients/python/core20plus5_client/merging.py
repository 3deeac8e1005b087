"""Exact counts of parts of the records, added up: each part once, and none left out."""

from typing import Any

import pyarrow as pa

from core20plus5_client.adding import added
from core20plus5_client.counting import Counted
from core20plus5_client.errors import IncompleteReplyError, ServerFaultError
from core20plus5_client.reply import check_exact, ledger_of
from core20plus5_client.result import Asker, CohortResult, indicators_table, quality_table
from core20plus5_proto.v1 import answers_pb2 as answers

#: Rows of counts that are kept apart at most, beside as many as have been added up.
_APART = 1_000_000

#: Where more than this share of the English LSOA codes is not in the IMD table, a server that sees all of them might refuse: it
#: does so above 2 %, among a hundred codes or more.
_DOUBTFUL_SHARE = 0.01


class WholeNeededError(Exception):
    """The parts cannot tell what the whole would: ask about all of the records in one stream."""


class Merging:
    """Answers to one question about shards, by their numbers. rows: of the shards that were added."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._first: Counted | None = None
        self._taken: set[int] = set()
        self._tables: list[pa.Table] = []
        self._quality: dict[tuple[str, str], int] = {}
        self._ledger: dict[str, Any] = {"rows_received": 0, "rows_counted": 0, "rows_excluded": {}}
        self.rows = 0

    def add(self, number: int, rows: int, part: Counted) -> None:
        """The answer about a shard of so many rows. Raises ServerFaultError where servers differ or a shard comes twice."""
        first = self._first = self._first or part
        if part.header != first.header or part.counts.schema != first.counts.schema:
            raise ServerFaultError("two servers differ in what they answer with: name servers of one version and one IMD table")
        ledger = ledger_of(part.end.ledger)
        if number in self._taken or ledger["rows_received"] != rows:
            raise ServerFaultError("a part of the records was counted twice, or not whole")
        self._taken.add(number)
        self.rows += rows
        for name in ("rows_received", "rows_counted"):
            self._ledger[name] += ledger[name]
        excluded = self._ledger["rows_excluded"]
        for reason, people in ledger["rows_excluded"].items():
            excluded[reason] = excluded.get(reason, 0) + people
        for finding in part.end.quality:
            key = (finding.column, finding.reason)
            self._quality[key] = self._quality.get(key, 0) + finding.rows
        self._tables.append(part.counts)
        if sum(table.num_rows for table in self._tables[1:]) > max(_APART, self._tables[0].num_rows):
            self._add_up()

    def result(self, shards: int, rows: int) -> CohortResult:
        """For so many shards and rows. Raises IncompleteReplyError where the ledger does not have them all, WholeNeededError
        where only one stream can tell whether the records can be trusted.
        """
        if self._taken != set(range(shards)) or self._ledger["rows_received"] != rows or self._first is None:
            raise IncompleteReplyError("not every part of the records was answered")
        header = self._first.header
        if shards > 1 and self._vintage_is_doubtful(header.provenance):
            raise WholeNeededError
        self._add_up()
        counts = self._tables[0]
        check_exact(counts, header.provenance, self._ledger["rows_counted"])
        tallies = sorted((*key, people) for key, people in self._quality.items())
        findings = [answers.QualityFinding(column=column, reason=reason, rows=people) for column, reason, people in tallies]
        return CohortResult(
            counts,
            indicators_table(header.indicators),
            quality_table(findings),
            self._asker.provenance(header.provenance, self._ledger),
        )

    def _add_up(self) -> None:
        """Keep one table of counts."""
        if len(self._tables) > 1 and self._first is not None:
            self._tables = [added(self._tables, self._first.header.provenance, self._asker.record)]

    def _vintage_is_doubtful(self, provenance: Any) -> bool:
        """Whether LSOA codes of another vintage may be among the records: parts with few codes pass, whatever these are."""
        if provenance.imd_from != "lsoa_code":
            return False
        unmatched = self._quality.get(("lsoa_code", "not_in_table"), 0)
        others = sum(rows for (column, reason), rows in self._quality.items() if column == "lsoa_code")
        matched = self._ledger["rows_received"] - others
        return bool(unmatched > _DOUBTFUL_SHARE * (matched + unmatched))
