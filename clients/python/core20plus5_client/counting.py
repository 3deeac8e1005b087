"""One stream of records to one server, and the counts that come back."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from core20plus5_client.calls import Deadline, send_then_read
from core20plus5_client.columns import check_imd_table, check_names, columns_to_send
from core20plus5_client.connection import Connection
from core20plus5_client.cutting import Limits
from core20plus5_client.descriptions import ServerInfo
from core20plus5_client.reply import Reply, check_people, ledger_of
from core20plus5_client.result import Asker, CohortResult, indicators_table, quality_table
from core20plus5_client.sending import Sender
from core20plus5_client.sources import Source
from core20plus5_proto.v1 import questions_pb2 as questions
from core20plus5_proto.v1 import service_pb2 as service

_MIB = 1 << 20

Progress = Callable[[int], None]


def prepare(connection: Connection, source: Source, question: questions.Question, until: Deadline) -> tuple[Asker, Limits]:
    """What must be known before records are sent. Ties the question to the version of the ruleset found."""
    check_names(source.names)
    ruleset, record, info = connection.known(question.ruleset, until)
    check_imd_table(source.names, question, record, [table.version for table in info.imd_tables])
    version = f"{ruleset.summary.name}@{ruleset.summary.version}"
    if question.ruleset != version:  # parts share one question
        question.ruleset = version
    return Asker(tuple(source.names), ruleset, record), limits_of(info)


def limits_of(info: ServerInfo) -> Limits:
    """What messages to this server should hold; a limit of 0 is one that it does not state."""
    largest = info.max_message_bytes or 4 * _MIB
    target = min(info.recommended_message_bytes or _MIB, largest)
    return Limits(target_bytes=target, max_bytes=largest, max_rows=info.max_batch_rows or 1_000_000, few_rows=info.max_few_rows)


def columns_to_count(begin: service.CountBegin, asker: Asker) -> list[str]:
    """Those of the caller's columns that can change the counts."""
    return columns_to_send(
        list(asker.names),
        begin.question,
        asker.ruleset,
        asker.record,
        strata=begin.strata,
        cohorts=begin.cohorts if begin.HasField("cohorts") else None,
        completeness=begin.completeness,
        counting=True,
    )


@dataclass(frozen=True)
class Counted:
    """A whole reply whose every check has passed."""

    counts: pa.Table
    reply: Reply

    @property
    def header(self) -> Any:
        """The server's CountHeader."""
        return self.reply.header

    @property
    def end(self) -> Any:
        """The server's CountEnd."""
        return self.reply.end

    def result(self, asker: Asker) -> CohortResult:
        """For the caller. Raises ServerFaultError where another ruleset answered than the columns were chosen by."""
        return CohortResult(
            self.counts,
            indicators_table(self.header.indicators),
            quality_table(self.end.quality),
            asker.provenance(self.header.provenance, ledger_of(self.end.ledger)),
            self.reply.table("completeness"),
            self.reply.table("inequality"),
        )


@dataclass(frozen=True)
class CountCall:
    """A question about counts, as it is asked of one server. watch: is given each call that begins."""

    begin: service.CountBegin
    until: Deadline
    watch: Callable[[Any], None] = lambda call: None

    def ask(
        self, connection: Connection, source: Source, columns: list[str], limits: Limits, on_progress: Progress | None = None
    ) -> Counted:
        """Send all of the source, and wait for the answer. Raises IncompleteReplyError where anything of it is missing."""
        sender = Sender(source, columns, limits, on_progress)
        messages = sender.messages(service.CountCohortsRequest)
        start = service.CountCohortsRequest(begin=self.begin)
        method, reply = connection.streaming("CountCohorts"), Reply()
        with closing(send_then_read(method, start, messages, self.until, connection.target, self.watch)) as replies:
            found = [batch for batch in map(reply.take, replies) if batch is not None]
        reply.check(sender)
        counts = pa.Table.from_batches(found, reply.schema)
        check_people(counts, reply)
        return Counted(counts, reply)
