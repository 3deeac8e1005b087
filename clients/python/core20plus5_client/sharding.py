"""Long input in shards: several streams at once, over several servers, each tried again by itself, added up in the end."""

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import pyarrow as pa

from core20plus5_client.connection import Connection
from core20plus5_client.counting import CountCall, Counted, Progress, prepare
from core20plus5_client.errors import LaterThanReferenceDateError, LsoaVintageError, NhsNumberError
from core20plus5_client.merging import Merging, WholeNeededError
from core20plus5_client.result import Asker, CohortResult
from core20plus5_client.retries import Retrying, Stop
from core20plus5_client.sources import Source
from core20plus5_proto.v1 import service_pb2 as service

#: Fewer rows in a shard than servers look at for NHS numbers would hide them.
LEAST_ROWS = 1_000

#: Rows of a shard where several servers are named.
USUAL_ROWS = 500_000

#: Streams at once for each server: while one waits for its answer, another sends.
STREAMS = 2

#: Seconds after which a wait is taken up again, so that Ctrl-C gets through on every platform.
_WAIT = 0.2

#: What only shows in all of the records, and may look otherwise in a part of them.
_OF_THE_WHOLE = (LaterThanReferenceDateError, LsoaVintageError, NhsNumberError)


def may_be_cut(begin: service.CountBegin) -> bool:
    """Whether answers add up: only exact counts do, and neither measures nor completeness are sums."""
    return begin.disclosure == "none" and begin.inequality_max_rows == 0 and not begin.completeness


def cut(source: Source, columns: list[str], rows: int) -> Iterator[Source]:
    """The source in parts of so many rows, the last of up to twice as many, each of which can be read again; one at least.

    A part of a few rows at the end would too often look as if dates or codes were wrong. Raises WholeNeededError where the types
    of columns change on the way: servers hold them against each other.
    """
    waiting: list[pa.RecordBatch] = []
    have, schema = 0, None
    for batch in source.batches(columns):
        schema = schema or batch.schema
        if not batch.schema.equals(schema):
            raise WholeNeededError
        waiting.append(batch)
        have += batch.num_rows
        while have >= 2 * rows:
            yield Source(schema, _first(waiting, rows), again=True)
            have -= rows
    yield Source(schema or _schema_of(source, columns), waiting, again=True)


def _first(waiting: list[pa.RecordBatch], rows: int) -> list[pa.RecordBatch]:
    """Take so many rows from the front."""
    taken: list[pa.RecordBatch] = []
    while rows:
        batch = waiting.pop(0)
        taken.append(batch.slice(0, rows))
        if batch.num_rows > rows:
            waiting.insert(0, batch.slice(rows))
        rows -= taken[-1].num_rows
    return taken


def _schema_of(source: Source, columns: list[str]) -> pa.Schema | None:
    return source.schema and pa.schema([source.schema.field(name) for name in columns])


@dataclass(frozen=True)
class ShardedCount:
    """A question about counts that is asked of parts of the records. streams: at once; rows: of a shard."""

    call: CountCall
    retrying: Retrying
    stop: Stop
    rows: int
    streams: int

    def run(self, source: Source, columns: list[str], asker: Asker, on_progress: Progress | None) -> CohortResult:
        """The result for all of the source, with each row of it counted by exactly one answer.

        Raises WholeNeededError where one stream must be asked, and what one stream would raise.
        """
        merging = Merging(asker)
        shards = rows_sent = 0
        running: dict[Future[Counted], tuple[int, int]] = {}
        with ThreadPoolExecutor(self.streams, "core20plus5-shard") as pool:
            try:
                for shard in cut(source, columns, self.rows):
                    rows = sum(batch.num_rows for batch in shard.data)
                    while len(running) >= self.streams:
                        self._take(running, merging, on_progress)
                    running[pool.submit(self._ask, shard)] = (shards, rows)
                    shards, rows_sent = shards + 1, rows_sent + rows
                while running:
                    self._take(running, merging, on_progress)
            finally:
                self.stop.stop()
        return merging.result(shards, rows_sent)

    def _ask(self, shard: Source) -> Counted:
        """In a thread: the answer about one shard, from whichever server gives it."""

        def ask(connection: Connection) -> Counted:
            _, limits = prepare(connection, shard, self.call.begin.question, self.call.until)
            return self.call.ask(connection, shard, shard.names, limits)

        return self.retrying.run(ask)

    def _take(self, running: dict[Future[Counted], tuple[int, int]], merging: Merging, on_progress: Progress | None) -> None:
        """Wait for an answer or more, and add it up."""
        done, _ = wait(running, _WAIT, FIRST_COMPLETED)
        for future in done:
            number, rows = running.pop(future)
            try:
                merging.add(number, rows, future.result())
            except _OF_THE_WHOLE:
                raise WholeNeededError from None
            if on_progress is not None:
                on_progress(merging.rows)
