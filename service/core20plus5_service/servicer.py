"""The main path: a stream of records in, a stream of answers out. Each call works in a thread of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import pyarrow as pa

from core20plus5.deprivation import ImdTable
from core20plus5.engine.call import open_call
from core20plus5.engine.count import count_exactly, release_batches
from core20plus5.engine.flag import FlagStream
from core20plus5.errors import SchemaError
from core20plus5.inequality import inequality_table
from core20plus5.parallel import Workers
from core20plus5.rulesets import find_ruleset, list_rulesets
from core20plus5_proto.large import BatchWriter, to_bytes
from core20plus5_proto.v1 import records_pb2 as records
from core20plus5_proto.v1 import service_pb2 as service
from core20plus5_proto.v1 import service_pb2_grpc as service_grpc
from core20plus5_service import describe, messages
from core20plus5_service.account import Account, BlockAccount, people_in
from core20plus5_service.admission import Admission
from core20plus5_service.audit import CURRENT, CallRecord
from core20plus5_service.batches import cut_batches, cut_table, keep_up_to, read_batch
from core20plus5_service.brief import BriefWork
from core20plus5_service.callers import Right
from core20plus5_service.errors import (
    DamagedBatchError,
    ExactCountsRefusedError,
    IdleStreamError,
    LimitExceededError,
    UnreadableBatchError,
)
from core20plus5_service.feed import Arrived, Coming, Feed, Going, Kept, Outbox
from core20plus5_service.flags_reply import FlagWriter, end_of, header_of
from core20plus5_service.incoming import Incoming, IncomingStream, IncomingTogether
from core20plus5_service.metrics import Metrics
from core20plus5_service.patience import Patience
from core20plus5_service.settings import MAX_FEW_ROWS, Settings
from core20plus5_service.stream import Received
from core20plus5_service.turns import Turns

#: Bytes of a message that goes back: gRPC takes up to 4 MiB where nothing else was said.
_REPLY_BYTES = 2 << 20

#: Bytes of flags that wait for the end, where nothing more can come before it: one wake-up for the whole answer.
_SMALL_REPLY = 1 << 16

#: Messages between the event loop and the thread of a call: enough that neither waits for the other in steady flow. Four are no
#: faster.
_ON_THE_WAY = 2


class CohortServicer(service_grpc.CohortServiceServicer):
    """The calls of core20plus5.v1.CohortService. It keeps nothing of records between calls."""

    def __init__(
        self, settings: Settings, tables: Mapping[str, ImdTable], metrics: Metrics, calls: Executor, workers: Workers
    ) -> None:
        self.settings, self.tables, self.metrics = settings, tables, metrics
        self._calls, self._workers = calls, workers
        self._rulesets = {ruleset.sha256: describe.whole_ruleset(ruleset) for ruleset in list_rulesets()}
        self._turns, self._brief = Turns(workers.threads, metrics.queue_depth.inc), BriefWork()
        self._watcher = BlockAccount(metrics)
        self._reply_bytes = min(_REPLY_BYTES, settings.recommended_message_bytes)
        self.admission = Admission(settings, metrics)

    async def CountCohorts(  # noqa: N802
        self, request_iterator: AsyncIterator[service.CountCohortsRequest], context: Any
    ) -> AsyncIterator[service.CountCohortsResponse]:
        """Receive everything, then answer."""
        record = CURRENT.get()
        stream = IncomingStream(request_iterator, self.settings, self.metrics, self.admission, "CountCohorts")
        with self._begun(stream, context) as patience:
            begin = await stream.begin()
            arguments = self._arguments(record, messages.count_arguments(begin))
            async for message in self._answer(
                stream, patience, partial(self._count, record, arguments, stream, begin.inequality_max_rows)
            ):
                yield message

    async def FlagPatients(  # noqa: N802
        self, request_iterator: AsyncIterator[service.FlagPatientsRequest], context: Any
    ) -> AsyncIterator[service.FlagPatientsResponse]:
        """Answer while receiving."""
        record = CURRENT.get()
        stream = IncomingStream(request_iterator, self.settings, self.metrics, self.admission, "FlagPatients")
        with self._begun(stream, context) as patience:
            begin = await stream.begin()
            arguments = self._arguments(record, messages.question_arguments(begin.question))
            async for message in self._answer(stream, patience, partial(self._flag, record, arguments, stream)):
                yield message

    async def FlagFew(self, request: service.FlagFewRequest, context: Any) -> bytes:  # noqa: N802
        """As FlagPatients, with everything in one message each way."""
        record, stream = CURRENT.get(), IncomingTogether(self.settings, self.metrics, self.admission)
        with self._begun(stream, context):
            received = stream.read(request, MAX_FEW_ROWS)
            arguments = self._arguments(record, messages.question_arguments(request.begin.question))
            answers = Kept()
            work = partial(self._flag, record, arguments, stream, Arrived(received), answers)
            if self._brief.may_be(received.content.size):
                self._brief.do(work)
            else:
                await asyncio.get_running_loop().run_in_executor(self._calls, self._in_turn, work)
            reply = b"".join(map(to_bytes, answers.items))  # the fields of all messages are those of the one
            if len(reply) > self.settings.max_message_bytes:
                raise LimitExceededError(f"max_message_bytes is {self.settings.max_message_bytes}, and the flags take more")
            return reply

    async def GetServerInfo(self, request: service.GetServerInfoRequest, context: Any) -> service.GetServerInfoResponse:  # noqa: N802
        """Limits, versions and what the server can answer to this caller."""
        return describe.server_info(self.settings, self.tables, CURRENT.get().rights)

    async def ListRulesets(self, request: service.ListRulesetsRequest, context: Any) -> service.ListRulesetsResponse:  # noqa: N802
        """The rulesets that the server has."""
        return service.ListRulesetsResponse(rulesets=[describe.summary(ruleset) for ruleset in list_rulesets()])

    async def GetRuleset(self, request: service.GetRulesetRequest, context: Any) -> service.GetRulesetResponse:  # noqa: N802
        """One whole ruleset."""
        ruleset = find_ruleset(messages.ruleset_name(request.name))
        return service.GetRulesetResponse(ruleset=self._rulesets[ruleset.sha256])

    async def DescribeRecord(self, request: service.DescribeRecordRequest, context: Any) -> service.DescribeRecordResponse:  # noqa: N802
        """The columns that a record may have."""
        return describe.record()

    @contextmanager
    def _begun(self, stream: Incoming, context: Any) -> Iterator[Patience]:
        """A call that has its place among those under way, and ends when it has had its time."""
        record, seconds = CURRENT.get(), self.settings.max_call_seconds
        patience = Patience(record, context)
        record.received = lambda: stream.rows
        too_long = LimitExceededError(f"max_call_seconds is {seconds:g}")
        with self.admission.admitted(stream, record.known_caller), patience.within(seconds, too_long):
            yield patience

    def _arguments(self, record: CallRecord, arguments: dict[str, Any]) -> dict[str, Any]:
        """The arguments of a call with the server's IMD table. Raises errors for what this caller is not given."""
        record.asks(arguments["ruleset"], arguments.get("disclosure"))
        if arguments.get("disclosure") == "none":
            if not self.settings.allow_exact:
                raise ExactCountsRefusedError("this server gives no exact counts: disclosure 'none' needs --allow-exact")
            if Right.EXACT not in record.rights:
                raise ExactCountsRefusedError(
                    "disclosure 'none' is for callers with the right to exact counts, which this one has not"
                )
        if len(arguments.get("strata", ())) > self.settings.max_strata:
            raise LimitExceededError(f"max_strata is {self.settings.max_strata}")
        return arguments | {"imd_table": self.tables.get(arguments["imd_version"])}

    async def _answer(
        self, stream: IncomingStream, patience: Patience, work: Callable[[Feed[Received], Outbox[Any]], None]
    ) -> AsyncIterator[Any]:
        """Run the work of a call in a thread, feed it what comes in, and give what it puts out."""
        idle, feed = self.settings.idle_seconds, Feed[Received](_ON_THE_WAY, self._turns)
        outbox: Outbox[Any] = Outbox(_ON_THE_WAY, self._turns)

        def stop_feeding(done: asyncio.Future[None]) -> None:
            if done.cancelled() or done.exception() is not None:
                feed.abandon()

        def stop_answering(done: asyncio.Future[None]) -> None:
            stop_feeding(done)
            outbox.close()

        working = asyncio.get_running_loop().run_in_executor(self._calls, self._in_turn, partial(work, feed, outbox))
        working.add_done_callback(stop_answering)
        receiving = asyncio.create_task(stream.receive(feed))
        receiving.add_done_callback(stop_feeding)
        try:
            async for message in outbox:
                with patience.within(idle, IdleStreamError(f"nothing was taken for {idle:g} seconds")):
                    yield message
            # The work may have ended before the stream did: then its own error is the one to tell.
            if not (working.done() and isinstance(working.exception(), Exception) and not receiving.done()):
                await receiving
            await working
        finally:
            receiving.cancel()
            feed.abandon()
            outbox.abandon()

    def _in_turn(self, work: Callable[[], None]) -> None:
        with self._turns.taken():
            work()

    def _batches(self, stream: Incoming, feed: Coming[Received]) -> Iterator[pa.RecordBatch]:
        """In the thread of a call: what comes in, as batches."""
        for received in feed:
            stream.take(received)
            try:
                with self._watcher.timed("decode"):
                    received.check()
                    batch = read_batch(received.content, received.rows, self.settings)
            except (DamagedBatchError, LimitExceededError):
                self.metrics.batch["refused"].inc()
                raise
            except (UnreadableBatchError, SchemaError):
                self.metrics.batch["unreadable"].inc()
                raise
            self.metrics.batch["read"].inc()
            yield batch

    def _count(
        self,
        record: CallRecord,
        arguments: dict[str, Any],
        stream: Incoming,
        measured_rows: int,
        feed: Feed[Received],
        outbox: Outbox[Any],
    ) -> None:
        """In the thread of a call: count everything, then put out header, batches and end.

        measured_rows: rows of counts up to which measures of inequality are sent as well.
        """
        account = Account(self.metrics, stream, feed, outbox)
        call = open_call(self._batches(stream, feed), True, **arguments)
        call.watcher = self._watcher
        workers = replace(self._workers, between=feed.pause)
        counts = count_exactly(call, workers, self.settings.max_cells)
        result = release_batches(call, counts, workers)
        account.settle(counts.ledger, people_in(counts))
        record.answers(result.provenance)
        provenance = messages.write_provenance(result.provenance)
        header = service.CountHeader(provenance=provenance, indicators=messages.write_indicators(result.indicators))
        outbox.put(service.CountCohortsResponse(header=header))
        kept: list[pa.RecordBatch] = []
        end = service.CountEnd(
            sent=self._send("batch", cut_batches(keep_up_to(measured_rows, result.batches, kept), self._reply_bytes), outbox),
            ledger=messages.write_ledger(result.provenance),
            quality=messages.write_quality(result.quality),
        )
        if kept:
            inequality = inequality_table(pa.Table.from_batches(kept), result.indicators)
            end.inequality_sent.CopyFrom(self._send("inequality", cut_table(inequality, self._reply_bytes), outbox))
        if result.completeness is not None:
            end.completeness_sent.CopyFrom(self._send("completeness", cut_table(result.completeness, self._reply_bytes), outbox))
        outbox.put(service.CountCohortsResponse(end=end))

    def _flag(
        self,
        record: CallRecord,
        arguments: dict[str, Any],
        stream: Incoming,
        feed: Coming[Received],
        outbox: Going,
    ) -> None:
        """In the thread of a call: put out the header, flags as they come, and the end."""
        account = Account(self.metrics, stream, feed, outbox)
        call = open_call(self._batches(stream, feed), False, **arguments)
        call.watcher = self._watcher
        flags = FlagStream(call, replace(self._workers, between=feed.pause))
        provenance, header = header_of(flags)
        record.answers(provenance)
        waiting: list[Any] = [header]
        if not feed.is_closed:
            outbox.put(waiting.pop())
        sent, writer = records.End(), FlagWriter(flags.prepared)
        try:
            for batch in flags:
                for piece in [batch] if batch.num_rows == 1 else cut_table(pa.Table.from_batches([batch]), self._reply_bytes):
                    waiting.append(self._encode(writer, piece, sent, service.FlagPatientsResponse))
                    if len(waiting[-1]) > _SMALL_REPLY or not feed.is_closed:
                        outbox.put(*waiting)
                        waiting.clear()
            account.settle(flags.ledger, sent.total_rows - sum(flags.ledger.excluded.values()))
        except Exception:  # it is told after what came before it
            outbox.put(*waiting)
            raise
        outbox.put(*waiting, end_of(flags, sent))

    def _send(self, name: str, batches: Iterator[pa.RecordBatch], outbox: Outbox[Any]) -> records.End:
        """Put out the messages of a table of the counts' reply under its name; what was sent.

        Text as dictionaries would be a third of the bytes, and no sooner there: the client takes as long to write it out again.
        """
        sent, writer = records.End(), BatchWriter()
        for batch in batches:
            outbox.put(self._encode(writer, batch, sent, service.CountCohortsResponse, name))
        return sent

    def _encode(self, writer: BatchWriter, batch: pa.RecordBatch, sent: records.End, kind: Any, name: str = "batch") -> bytes:
        """A batch as the bytes of a message that has it under a name, added to the totals of what was sent."""
        with self._watcher.timed("encode"):
            message = writer.message(batch, sent.total_rows, kind, name)
        sent.total_rows += batch.num_rows
        sent.total_batches += 1
        return message
