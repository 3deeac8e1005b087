"""Which calls with records are taken, and which of them may go on reading: by number and by bytes, of one caller and of all."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from core20plus5_service.callers import Caller
from core20plus5_service.errors import CallerBusyError, ServerBusyError
from core20plus5_service.incoming import Incoming
from core20plus5_service.metrics import Metrics
from core20plus5_service.settings import Settings

#: Bytes of a batch that is copied off the wire in a millisecond or so, and how many bytes a second of several streams at most.
_LARGE, _PACE = 1 << 20, 4 << 30

#: Where a setting gives no limit.
_NONE = 1 << 62


class Admission:
    """The calls under way, each with its caller."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self._settings, self._metrics = settings, metrics
        self._bytes = settings.max_buffered_bytes or _NONE
        self._bytes_each = settings.max_buffered_bytes_per_caller or _NONE
        self._calls_each = settings.max_calls_per_caller or _NONE
        self._under_way: dict[Incoming, Caller] = {}
        self._room = asyncio.Event()
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._loop = asyncio.get_running_loop()
        metrics.streams_limit.set(settings.max_calls)
        metrics.watch_bytes(self.buffered)

    @contextmanager
    def admitted(self, stream: Incoming, caller: Caller) -> Iterator[None]:
        """A place among the calls under way. Raises ServerBusyError, or CallerBusyError, where there is none."""
        self._refuse_if_full(caller)
        self._under_way[stream] = caller
        self._metrics.streams.set(len(self._under_way))
        try:
            yield
        finally:
            del self._under_way[stream]
            self._metrics.streams.set(len(self._under_way))
            self._room.set()

    def _refuse_if_full(self, caller: Caller) -> None:
        settings = self._settings
        if len(self._under_way) >= settings.max_calls:
            raise ServerBusyError(f"max_calls is {settings.max_calls}, and so many are under way; try again later")
        if sum(other.key == caller.key for other in self._under_way.values()) >= self._calls_each:
            raise CallerBusyError(f"max_calls_per_caller is {self._calls_each}, and so many are under way; try again later")
        if self.buffered() >= self._bytes:
            raise ServerBusyError(f"max_buffered_bytes is {self._bytes}, and so many wait to be counted; try again later")
        if self.buffered(caller) >= self._bytes_each:
            raise CallerBusyError(
                f"max_buffered_bytes_per_caller is {self._bytes_each}, and so many wait to be counted; try again later"
            )

    def buffered(self, caller: Caller | None = None) -> int:
        """Bytes that wait, of one caller or of all. Asked from other threads too."""
        under_way = tuple(self._under_way.items())
        return sum(stream.bytes_waiting for stream, other in under_way if caller is None or other.key == caller.key)

    def _may_read(self, stream: Incoming) -> bool:
        """A stream of which nothing waits may always read one message more: who does not get on holds up nobody else."""
        caller = self._under_way[stream]
        return stream.bytes_waiting == 0 or (self.buffered() < self._bytes and self.buffered(caller) < self._bytes_each)

    async def room_for(self, stream: Incoming) -> None:
        """Wait until a stream may read its next message. The client waits with it, by the flow control of HTTP/2."""
        await self._pace(stream)
        if self._may_read(stream):
            return
        self._waiting += 1
        try:
            while True:
                self._room.clear()
                if self._may_read(stream):  # asked after clearing: what is taken from now on is told
                    return
                await self._room.wait()
        finally:
            self._waiting -= 1

    async def _pace(self, stream: Incoming) -> None:
        """Of several streams with large messages, one reads on after the other, a little later each.

        gRPC copies messages in the event loop: without this, one pass of it copies one of each stream, again and again, and an
        answer about health takes several passes. It took three times as long, and the streams no less.
        """
        if stream.last_bytes >= _LARGE and len(self._under_way) > 1:
            async with self._turn:
                await asyncio.sleep(stream.last_bytes / _PACE)

    def taken(self) -> None:
        """In the thread of a call: a batch waits no longer."""
        if self._waiting:
            self._loop.call_soon_threadsafe(self._room.set)
