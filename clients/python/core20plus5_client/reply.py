"""The answers side of a call: every check that tells a whole reply from a part of one."""

from typing import Any

import pyarrow as pa
from awscrt.checksums import crc32c

from core20plus5_client.errors import IncompleteReplyError, ServerFaultError
from core20plus5_client.sending import Sender
from core20plus5_proto.large import batch_of
from core20plus5_proto.v1 import answers_pb2 as answers
from core20plus5_proto.v1 import records_pb2 as records
from core20plus5_proto.v1 import service_pb2 as service

Response = Any  # service.CountCohortsResponse, service.FlagPatientsResponse, or a LargeBatch of one


#: The tables of a reply, in the order in which they come.
_ORDER = ("batch", "inequality", "completeness")


class Pieces:
    """The batches of one table, as they come."""

    def __init__(self) -> None:
        self.schema: pa.Schema | None = None
        self.rows = self.batches = 0

    def add(self, message: records.ArrowBatch, content: pa.Buffer) -> pa.RecordBatch:
        """The next batch. Raises IncompleteReplyError for one that is damaged or does not follow."""
        if message.HasField("crc32c") and crc32c(content) != message.crc32c:
            raise IncompleteReplyError("the reply is damaged: a checksum does not match")
        batch = _read_batch(content)
        if (message.row_count, message.start_offset) != (batch.num_rows, self.rows):
            raise IncompleteReplyError("the reply has a gap: its batches do not follow each other")
        if self.schema is None:
            self.schema = batch.schema
        elif batch.schema != self.schema:
            raise IncompleteReplyError("the reply is damaged: its columns change")
        self.rows += batch.num_rows
        self.batches += 1
        return batch

    def check(self, sent: records.End) -> None:
        """Raises IncompleteReplyError where the server sent more or less."""
        if (sent.total_rows, sent.total_batches) != (self.rows, self.batches):
            raise IncompleteReplyError("the reply has a gap: it ended with other totals than were received")


class Reply:
    """What has come back so far: the header, the batches of a table or several, and at last the end."""

    def __init__(self) -> None:
        self.header: service.CountHeader | service.FlagHeader | None = None
        self.end: service.CountEnd | service.FlagEnd | None = None
        self._answers = Pieces()
        self._at = 0
        #: The tables that come only where they were asked for, by the name of their message.
        self._others = {"inequality": Pieces(), "completeness": Pieces()}
        self._found: dict[str, list[pa.RecordBatch]] = {name: [] for name in self._others}

    @property
    def schema(self) -> pa.Schema | None:
        """Of the counts or flags, once the first have come."""
        return self._answers.schema

    @property
    def rows(self) -> int:
        """Of the counts or flags that have come."""
        return self._answers.rows

    def table(self, name: str) -> pa.Table | None:
        """A whole table that was asked for; None where the server sent none."""
        schema = self._others[name].schema
        return None if schema is None else pa.Table.from_batches(self._found[name], schema).unify_dictionaries().combine_chunks()

    def take(self, response: Response) -> pa.RecordBatch | None:
        """The counts or flags of a message, if it has some. Raises IncompleteReplyError for a message out of order or damaged."""
        kind = response.WhichOneof("message")
        if kind is None:
            raise ServerFaultError("the server sent a message that this client does not know: its version is newer")
        late = kind in _ORDER and _ORDER.index(kind) < self._at
        if (kind == "header") is not (self.header is None) or self.end is not None or late:
            raise IncompleteReplyError(f"the reply is out of order: {kind} was not expected")
        self._at = _ORDER.index(kind) if kind in _ORDER else self._at
        if kind == "header":
            self.header = response.header
            return None
        if kind == "end":
            self.end = response.end
            return None
        if kind in self._others:
            self._found[kind].append(self._others[kind].add(*batch_of(response, kind)))
            return None
        return self._answers.add(*batch_of(response))

    def check(self, sender: Sender) -> None:
        """Once nothing more comes. Raises IncompleteReplyError where something is missing or does not add up."""
        if self.header is None or self.schema is None or self.end is None:
            raise IncompleteReplyError("the reply was cut short: it has no end, so there is no answer")
        self._answers.check(self.end.sent)
        for name, pieces in self._others.items():
            pieces.check(getattr(self.end, f"{name}_sent", records.End()))
        ledger = self.end.ledger
        if not sender.ended or ledger.rows_received != sender.rows:
            raise IncompleteReplyError("the server did not receive as many records as were sent")
        if ledger.rows_received != ledger.rows_counted + sum(entry.rows for entry in ledger.excluded):
            raise IncompleteReplyError("the ledger is wrong: records received are not those counted and excluded")


def check_people(counts: pa.Table, reply: Reply) -> None:
    """Raises IncompleteReplyError where the counts of a whole reply do not have everyone who was counted, once."""
    header: Any = reply.header
    end: Any = reply.end
    check_exact(counts, header.provenance, end.ledger.rows_counted)


def check_exact(counts: pa.Table, provenance: answers.Provenance, rows_counted: int) -> None:
    """The same, of exact counts that have a row for everyone; released ones cannot tell. Raises IncompleteReplyError."""
    everyone = "everyone" in provenance.cohorts and "everyone" in provenance.indicators
    if provenance.disclosure != "none" or not everyone:
        return
    import pyarrow.compute as pc  # noqa: PLC0415 - not needed by most calls

    strata = len(provenance.strata)
    columns: list[Any] = counts.columns
    cohort, _, indicator, yes, no, unknown = columns[strata : strata + 6]
    of_everyone = pc.and_(pc.equal(cohort, pa.scalar("everyone")), pc.equal(indicator, pa.scalar("everyone")))
    people = [pc.sum(pc.filter(column, of_everyone)).as_py() or 0 for column in (yes, no, unknown)]
    if sum(people) != rows_counted:
        raise IncompleteReplyError("the counts do not hold everyone who was counted, once")


def _read_batch(content: pa.Buffer) -> pa.RecordBatch:
    try:
        with pa.ipc.open_stream(content) as reader:
            batch = reader.read_next_batch()
            batch.validate(full=True)  # a damaged offset, once followed, ends the process
    except (pa.ArrowException, OSError, StopIteration):
        raise IncompleteReplyError("the reply is damaged: a batch cannot be read") from None
    return batch


def ledger_of(message: answers.Ledger) -> dict[str, Any]:
    """The ledger as the provenance has it."""
    return {
        "rows_received": message.rows_received,
        "rows_counted": message.rows_counted,
        "rows_excluded": {entry.reason: entry.rows for entry in message.excluded},
    }
