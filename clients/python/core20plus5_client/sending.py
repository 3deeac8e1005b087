"""The records side of a call: batches as messages, numbered and added up, and an End that says how many there were."""

from collections.abc import Callable, Generator, Iterator
from typing import Any

import pyarrow as pa

from core20plus5_client.cutting import Limits, halves, prepared, regroup
from core20plus5_client.errors import LimitError
from core20plus5_client.sources import Source, readable
from core20plus5_proto.large import BatchWriter
from core20plus5_proto.v1 import records_pb2 as records


class Sender:
    """The messages after Begin. rows, batches: sent so far.

    wrap: puts a batch or the End into a message of the call; on_progress: is told the rows so far after each message.
    """

    def __init__(
        self,
        source: Source,
        columns: list[str],
        limits: Limits,
        on_progress: Callable[[int], None] | None = None,
    ) -> None:
        self._source, self._columns, self._limits, self._on_progress = source, columns, limits, on_progress
        self._writer = BatchWriter()
        self.rows = self.batches = 0
        self.ended = False

    def messages(self, kind: Any) -> Generator[Any, None, None]:
        """Every message, of a kind of request, or its bytes, made as it is asked for.

        Raises DataError and SchemaError for the data, LimitError for a row that no message can hold, and what the caller's own
        code raises.
        """
        for batch in regroup(self._source.batches(self._columns), self._limits):
            yield from self._send(batch, kind)
        if self.batches == 0 and self._source.schema is not None:
            # There may be no one, and still there are columns: the answer depends on which.
            arrays = [pa.array([], self._source.schema.field(name).type) for name in self._columns]
            yield from self._send(prepared(pa.RecordBatch.from_arrays(arrays, names=self._columns)), kind)
        self.ended = True
        yield kind(end=records.End(total_rows=self.rows, total_batches=self.batches))

    def _send(self, batch: pa.RecordBatch, kind: Any) -> Iterator[bytes]:
        with readable():
            message = self._writer.message(batch, self.rows, kind)
        if len(message) > self._limits.max_bytes:
            if batch.num_rows < 2:
                raise LimitError(f"max_message_bytes is {self._limits.max_bytes}, and a row of the records is larger")
            for half in halves(batch):
                yield from self._send(half, kind)
            return
        self.rows += batch.num_rows
        self.batches += 1
        yield message
        if self._on_progress is not None:
            self._on_progress(self.rows)
