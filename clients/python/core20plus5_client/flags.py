"""Flags as they come: one row back for each row in. They are personal data and no disclosure policy applies to them."""

import weakref
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from core20plus5_client.errors import Core20Plus5Error, IncompleteReplyError, ServerFaultError
from core20plus5_client.flagging import FlagCall
from core20plus5_client.reply import Reply, ledger_of
from core20plus5_client.result import indicators_table, quality_table


class FlagStream(Iterator[pa.RecordBatch]):
    """Flags in the order of the rows. `quality` and `provenance` are complete once the last batch has been taken.

    Errors about the records as a whole, and a reply that is not whole, are raised after the last batch: use no flags
    before. The call ends with the last batch, with `close`, or when nobody holds the stream any more.
    """

    def __init__(self, call: FlagCall) -> None:
        """Waits for the header of the reply."""
        self._call, self._person_id = call, call.person_id
        self._reply = Reply()
        self._first_header: Any = None
        self._next: pa.RecordBatch | None = None
        self._error: Exception | None = None
        self._over = False
        #: Rows that have come, and rows of a stream begun anew that had come before.
        self._come = self._known = 0
        self._taken: dict[str, Any] = {"rows_received": 0, "rows_counted": 0, "rows_excluded": call.asker.no_one()}
        self._release = weakref.finalize(self, call.close)
        try:
            while self._reply.header is None:
                self._receive()
        except BaseException:
            self.close()
            raise

    @property
    def schema(self) -> pa.Schema:
        """Columns of the flags. Waits for the first of them."""
        if self._next is None and self._reply.schema is None:
            self._fetch()
        if self._reply.schema is None:
            raise self._error or IncompleteReplyError("the reply has no flags")
        return self._callers_schema(self._reply.schema)

    @property
    def indicators(self) -> pa.Table:
        """The indicators in words, as of counts."""
        return indicators_table(self._header.indicators)

    @property
    def quality(self) -> pa.Table:
        """column, reason, rows; empty until the last batch has come."""
        return quality_table(self._reply.end.quality if self._reply.end else ())

    @property
    def provenance(self) -> dict[str, Any]:
        """Everything that changes an answer, and the ledger of the rows taken so far."""
        return self._call.asker.provenance(self._header.provenance, self._taken)

    def close(self) -> None:
        """End the call, if it has not ended."""
        self._release()

    def __next__(self) -> pa.RecordBatch:
        if self._next is None:
            self._fetch()
        batch = self._next
        if batch is None:
            raise self._error or StopIteration
        self._tally(batch)
        self._fetch()  # one ahead, so that nothing is outstanding once the last batch has been taken
        return self._as_callers(batch)

    def __enter__(self) -> "FlagStream":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _fetch(self) -> None:
        """Wait for the next batch with rows. An error is kept for when the batches before it have been taken."""
        self._next = None
        try:
            while self._next is None and not self._over:
                batch = self._receive()
                self._next = batch if batch is not None and batch.num_rows else None
        except Exception as error:
            self._error, self._over = error, True
        except BaseException:
            self.close()
            raise
        if self._over:
            self.close()

    def _receive(self) -> pa.RecordBatch | None:
        """One message of the reply; after the last one, every check of the whole. A stream that is lost is begun anew."""
        try:
            batch = self._reply.take(next(self._call))
        except StopIteration:
            self._over = True
        except Core20Plus5Error as error:
            if not self._call.reopen(error):
                raise
            self._reply, self._known = Reply(), self._come
            return None
        else:
            self._check_header()
            return self._unknown(batch)
        self._reply.check(self._call.sender)
        if self._reply.rows != self._call.sender.rows or self._come != self._reply.rows:
            raise IncompleteReplyError("there are not as many flags as records were sent")
        if self._reply.end is not None and ledger_of(self._reply.end.ledger) != self._taken:
            raise IncompleteReplyError("the ledger is not that of the flags that came")
        return None

    def _check_header(self) -> None:
        """Every stream of one question must be answered alike."""
        self._first_header = self._first_header or self._reply.header
        if self._reply.header is not None and self._reply.header != self._first_header:
            raise ServerFaultError("two servers differ in what they answer with: name servers of one version and one IMD table")

    def _unknown(self, batch: pa.RecordBatch | None) -> pa.RecordBatch | None:
        """The rows that no earlier stream has brought."""
        if batch is None:
            return None
        old = min(self._known, batch.num_rows)
        self._known -= old
        self._come += batch.num_rows - old
        return batch.slice(old)

    def _tally(self, batch: pa.RecordBatch) -> None:
        """Add a batch to the ledger. Who is not excluded was counted."""
        excluded: Any = batch.column("excluded")
        self._taken["rows_received"] += batch.num_rows
        self._taken["rows_counted"] += excluded.null_count
        reasons = self._taken["rows_excluded"]
        for entry in excluded.drop_null().value_counts().to_pylist():
            reasons[entry["values"]] = reasons.get(entry["values"], 0) + entry["counts"]

    @property
    def _header(self) -> Any:
        return self._reply.header

    def _as_callers(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """With person_id as the caller had it: text views travel as text, and metadata not at all."""
        if self._person_id is None:
            return batch
        place = batch.schema.get_field_index("person_id")
        if place < 0:
            return batch
        field = self._callers_schema(batch.schema).field(place)
        return batch.set_column(place, field, _as(field.type, batch.column(place)))

    def _callers_schema(self, schema: pa.Schema) -> pa.Schema:
        asked = self._person_id
        place = schema.get_field_index("person_id")
        if asked is None or place < 0:
            return schema
        kind = asked.type if pa.types.is_string_view(_value_type(asked.type)) else schema.field(place).type
        return schema.set(place, pa.field("person_id", kind, asked.nullable, asked.metadata))


def _value_type(kind: Any) -> Any:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _as(kind: Any, array: Any) -> Any:
    """The array with its text, or that of its dictionary, as this type."""
    if kind == array.type:
        return array
    if not pa.types.is_dictionary(kind):
        return array.cast(kind)
    return pa.DictionaryArray.from_arrays(array.indices, array.dictionary.cast(kind.value_type), ordered=kind.ordered)
