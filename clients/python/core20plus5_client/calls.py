"""One streaming call: messages go out, messages come back, and no thread outlives it."""

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any

import grpc

from core20plus5_client.faults import error_of

#: Messages made ahead of the network: enough that neither waits for the other, few enough to hold little.
_AHEAD = 2

#: Seconds after which a wait is taken up again, so that Ctrl-C gets through on every platform.
_WAIT = 0.2

Messages = Generator[Any, None, None]


class Outbox(Iterator[Any]):
    """Messages on their way from the caller's thread, which makes them, to gRPC's, which sends them."""

    def __init__(self) -> None:
        self._items: deque[Any] = deque()
        self._changed = threading.Condition()
        self._ended = self._closed = False

    def put(self, item: Any) -> bool:
        """Wait for room and hand over a message. False when nothing more will be sent: the call is over."""
        with self._changed:
            while len(self._items) >= _AHEAD and not self._closed:
                self._changed.wait(_WAIT)
            self._items.append(item)
            self._changed.notify_all()
            return not self._closed

    def end(self) -> None:
        """No more messages will come."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def close(self) -> None:
        """The call is over: nobody waits any longer."""
        with self._changed:
            self._closed = True
            self._items.clear()
            self._changed.notify_all()

    def __next__(self) -> Any:
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._ended or self._closed)
            if self._closed or not self._items:
                raise StopIteration
            self._changed.notify_all()
            return self._items.popleft()


class Pump(Iterator[Any]):
    """Messages that gRPC's thread makes as it sends them. An error in making one is kept for the caller's thread."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages
        self._working = threading.Lock()
        self._stop: Callable[[], object] | None = None
        self._stopped = False
        self.error: BaseException | None = None

    def on_error(self, stop: Callable[[], object]) -> None:
        """What ends the call when a message cannot be made."""
        self._stop = stop
        if self.error is not None:
            stop()

    def close(self) -> None:
        """Make no more messages, and let go of the caller's data: at once, or when the message under way is made."""
        self._stopped = True
        if self._working.acquire(blocking=False):
            try:
                self._messages.close()
            finally:
                self._working.release()

    def __next__(self) -> Any:
        try:
            with self._working:
                return next(self._messages)
        except StopIteration:
            raise
        except BaseException as error:
            self.error = error
            if self._stop is not None:
                self._stop()
            raise StopIteration from None
        finally:
            if self._stopped:
                self.close()


class Replies(Iterator[Any]):
    """The messages that come back. Raises the error of the call, or the one in making its messages that ended it."""

    def __init__(self, call: Any, target: str, pump: Pump | None = None) -> None:
        self._call, self._target, self._pump = call, target, pump

    def __next__(self) -> Any:
        try:
            return next(self._call)
        except StopIteration:
            self._raise_own()
            raise
        except grpc.RpcError as error:
            self._raise_own()
            raise error_of(error, self._target) from None

    def _raise_own(self) -> None:
        if self._pump is not None and self._pump.error is not None:
            raise self._pump.error

    def close(self) -> None:
        """End the call, if it has not ended."""
        self._call.cancel()
        if self._pump is not None:
            self._pump.close()


class Arrived(Replies):
    """Messages that came all at once: their call has ended."""

    def __init__(self, messages: Iterable[Any]) -> None:
        self._messages = iter(messages)

    def __next__(self) -> Any:
        return next(self._messages)

    def close(self) -> None:
        """There is nothing to end."""


class Deadline:
    """A number of seconds from now on; None is no deadline."""

    def __init__(self, seconds: float | None) -> None:
        self._end = None if seconds is None or seconds == float("inf") else time.monotonic() + seconds

    def left(self) -> float | None:
        """Seconds that are left, 0 at least."""
        return None if self._end is None else max(0.0, self._end - time.monotonic())


def send_then_read(
    method: Any,
    begin: Any,
    messages: Messages,
    deadline: Deadline,
    target: str,
    watch: Callable[[Any], None] = lambda call: None,
) -> Messages:
    """The replies of a call that answers once it has everything. Messages are made in this thread, one after the other.

    The first is made before the call begins: a server does not wait for ever for a caller whose data is slow to come.
    watch: is given the call, so that it can be cancelled from another thread.
    """
    message = next(messages, None)
    outbox, call = Outbox(), None
    try:
        call = method(outbox, timeout=deadline.left())
        watch(call)
        if not call.add_callback(outbox.close):
            outbox.close()
        wanted = outbox.put(begin)
        while wanted and message is not None:
            wanted = outbox.put(message)
            message = next(messages, None)
        outbox.end()
        yield from Replies(call, target)
    finally:
        outbox.close()
        if call is not None:
            call.cancel()
        messages.close()


def send_and_read(method: Any, begin: Any, messages: Messages, deadline: Deadline, target: str) -> Replies:
    """The replies of a call that answers while it receives. Messages but the first are made in a thread of gRPC's."""
    first = next(messages, None)
    pump = Pump(_in_order(begin, first, messages))
    try:
        call = method(pump, timeout=deadline.left())
    except BaseException:
        pump.close()
        raise
    pump.on_error(call.cancel)
    return Replies(call, target, pump)


def _in_order(begin: Any, first: Any, messages: Messages) -> Messages:
    try:
        yield begin
        if first is not None:
            yield first
        yield from messages
    finally:
        messages.close()
