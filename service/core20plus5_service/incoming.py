"""The records side of a call: messages off the wire, checked against each other, for the thread that counts."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Protocol

import pyarrow as pa

from core20plus5_proto.large import batch_of
from core20plus5_proto.v1 import records_pb2 as records
from core20plus5_service.errors import BrokenStreamError, IdleStreamError, LimitExceededError, ServiceError
from core20plus5_service.feed import Feed
from core20plus5_service.metrics import Metrics
from core20plus5_service.settings import Settings
from core20plus5_service.stream import Received, StreamOrder


class Room(Protocol):
    """Says when a stream may go on; see Admission."""

    async def room_for(self, stream: "Incoming") -> None:
        """Wait until it may."""

    def taken(self) -> None:
        """A batch has been taken up."""


class Incoming:
    """The messages of one call, in whatever way they come. Each is checked against those before it."""

    def __init__(self, settings: Settings, metrics: Metrics, room: Room) -> None:
        self._room, self._metrics = room, metrics
        self._order = StreamOrder(settings)
        self._taken = 0
        #: Bytes of the last batch.
        self.last_bytes = 0

    @property
    def rows(self) -> int:
        """Rows received so far."""
        return self._order.rows

    @property
    def bytes_waiting(self) -> int:
        """Bytes of the batches received and not yet taken up."""
        return self._order.size - self._taken

    def take(self, received: Received) -> None:
        """In the thread of the call: a batch is taken up."""
        self._taken += received.content.size
        self._room.taken()

    def _check(self, batch: records.ArrowBatch, content: pa.Buffer) -> Received:
        """A batch has come in; count it, whether it is taken or not."""
        self._metrics.bytes.inc(content.size)
        self.last_bytes = content.size
        try:
            received = self._order.batch(batch, content)
        except ServiceError:
            self._metrics.batch["refused"].inc()
            raise
        self._metrics.rows_received.inc(batch.row_count)
        return received


class IncomingTogether(Incoming):
    """What a stream has in three messages, in one."""

    def read(self, request: Any, max_rows: int) -> Received:
        """The batch of a message with Begin, a batch and End. Raises as a stream does, and LimitExceededError for more rows."""
        if not (request.HasField("begin") and request.HasField("batch") and request.HasField("end")):
            raise BrokenStreamError("a message must have Begin, a batch and End")
        self._order.begin()
        received = self._check(*batch_of(request))
        self._order.end(request.end)
        if self.rows > max_rows:
            raise LimitExceededError(f"max_few_rows is {max_rows}")
        return received


class IncomingStream(Incoming):
    """Messages that come one after the other."""

    def __init__(self, requests: AsyncIterator[Any], settings: Settings, metrics: Metrics, room: Room, method: str) -> None:
        super().__init__(settings, metrics, room)
        self._source = requests
        self._idle = settings.idle_seconds
        self._messages = metrics.received.labels("bidi_stream", "core20plus5.v1.CohortService", method)

    async def begin(self) -> Any:
        """The first message's Begin."""
        self._requests = aiter(self._source)  # not before: of a call that is refused unread, grpcio's iterator would complain
        request = await self._next()
        if request is None or request.WhichOneof("message") != "begin":
            raise BrokenStreamError("the first message must be Begin")
        self._order.begin()
        return request.begin

    async def receive(self, feed: Feed[Received]) -> None:
        """Everything after Begin, into the feed. Raises the errors of StreamOrder, and IdleStreamError."""
        while (request := await self._next_with_room()) is not None:
            kind = request.WhichOneof("message")
            if kind == "batch":
                if not await feed.put(self._check(*batch_of(request))):
                    return  # the thread has ended; why, it says itself
            elif kind == "end":
                self._order.end(request.end)
            else:
                raise BrokenStreamError("after Begin come batches, then End")
        self._order.closed()
        feed.close()

    async def _next_with_room(self) -> Any:
        await self._room.room_for(self)
        return await self._next()

    async def _next(self) -> Any:
        """The next request; None when the client has closed its side."""
        try:
            async with asyncio.timeout(self._idle):  # wait_for would make a task of each message
                request = await anext(self._requests)
        except StopAsyncIteration:
            return None
        except TimeoutError:
            raise IdleStreamError(f"nothing came for {self._idle:g} seconds") from None
        self._messages.inc()
        return request
