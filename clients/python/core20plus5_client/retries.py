"""Another try, elsewhere and later: which errors are worth one, at which server, and after how long."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from core20plus5_client.calls import Deadline
from core20plus5_client.connection import Connection
from core20plus5_client.errors import Core20Plus5Error, RequestError, ServerUnavailableError

Done = TypeVar("Done")

#: Seconds before the second try, at most, and between any two, at most. Each wait is twice the one before it, and of each
#: a random part of up to a half is left out, so that clients which failed together do not come back together.
_FIRST, _LONGEST = 0.2, 10.0

#: Names that gRPC resolves itself, with commas of their own.
_LISTS = ("ipv4:", "ipv6:", "unix:", "unix-abstract:", "vsock:")


def addresses_of(target: str | Sequence[str]) -> list[str]:
    """Several addresses, from a sequence or with commas between them. Raises RequestError where there is none."""
    texts = [target] if isinstance(target, str) else list(target)
    parts = [part for text in texts for part in ([text] if text.startswith(_LISTS) else text.split(","))]
    found = list(dict.fromkeys(part.strip() for part in parts if part.strip()))
    if not found:
        raise RequestError("no address of a server: give HOST:PORT, or several")
    return found


def wait_before(tries: int, asked: float | None) -> float:
    """Seconds to wait after so many tries have failed. asked: what the server asked for, which is the least."""
    longest = min(_LONGEST, _FIRST * 2.0 ** (tries - 1))
    return max(asked or 0.0, longest * random.uniform(0.5, 1.0))


class Servers:
    """Servers that answer alike. Those that failed of late rest, as long as another one does not."""

    def __init__(self, connections: Sequence[Connection]) -> None:
        self.connections = tuple(connections)
        self._changed = threading.Lock()
        self._busy = dict.fromkeys(self.connections, 0)
        self._failures = dict.fromkeys(self.connections, 0)
        self._rested = dict.fromkeys(self.connections, 0.0)

    @contextmanager
    def one(self, failed: Connection | None = None) -> Iterator[Connection]:
        """The server to ask next, for as long as it is asked: among those that do not rest, the one with the least to do, and
        rather not the one that failed just before.
        """
        with self._changed:
            now = time.monotonic()
            chosen = min(self.connections, key=lambda one: (max(0.0, self._rested[one] - now), one is failed, self._busy[one]))
            self._busy[chosen] += 1
        try:
            yield chosen
        except Core20Plus5Error as error:
            if error.retryable:
                self.failed(chosen, error.retry_after)
            raise
        else:
            with self._changed:
                self._failures[chosen], self._rested[chosen] = 0, 0.0
        finally:
            with self._changed:
                self._busy[chosen] -= 1

    @property
    def answered(self) -> bool:
        """Whether any of them has ever answered: where none has, the addresses are more likely wrong than the servers busy."""
        return any(connection.answered for connection in self.connections)

    def failed(self, connection: Connection, asked: float | None) -> None:
        """A call to this server came to nothing: it rests, for longer each time. asked: seconds that it asked for."""
        with self._changed:
            self._failures[connection] += 1
            self._rested[connection] = time.monotonic() + wait_before(self._failures[connection], asked)


class Stop:
    """Ends what several threads do for one question: calls under way are cancelled, and nobody waits any longer."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._changed = threading.Lock()
        self._calls: set[Any] = set()

    def watch(self, call: Any) -> None:
        """A call has begun. It is cancelled when everything stops."""
        with self._changed:
            self._calls = {known for known in self._calls if not known.done()} | {call}
        if self._stopped.is_set():
            call.cancel()

    def stop(self) -> None:
        """End everything."""
        self._stopped.set()
        with self._changed:
            calls, self._calls = self._calls, set()
        for call in calls:
            call.cancel()

    def wait(self, seconds: float) -> bool:
        """Wait, unless everything stops. Whether it did."""
        return self._stopped.wait(seconds)


class Retrying:
    """How often a piece of work may be tried, and until when."""

    def __init__(self, servers: Servers, tries: int, until: Deadline, stop: Stop | None = None) -> None:
        self.servers, self._tries, self._until, self._stop = servers, tries, until, stop or Stop()

    def run(
        self,
        work: Callable[[Connection], Done],
        possible: Callable[[], bool] = lambda: True,
        failed: Connection | None = None,
    ) -> Done:
        """What the work gives with the first server that lets it. Raises its error where another try is of no use or not allowed.

        possible: whether the work can be begun anew. failed: a server that failed just before.
        """
        tries, connection = 0, failed
        while True:
            try:
                with self.servers.one(connection) as connection:
                    return work(connection)
            except Core20Plus5Error as error:
                tries += 1
                if not possible() or not self.again(error, tries):
                    raise

    def again(self, error: Core20Plus5Error, tries: int) -> bool:
        """Whether to try again after so many tries; waits before it says so."""
        if not error.retryable or tries >= self._allowed(error):
            return False
        patient = self.servers.answered or error.retry_after is not None
        seconds = wait_before(tries, error.retry_after) if patient else 0.0
        left = self._until.left()
        return (left is None or seconds < left) and not self._stop.wait(seconds)

    def _allowed(self, error: Core20Plus5Error) -> int:
        if isinstance(error, ServerUnavailableError) and not self.servers.answered:
            return min(self._tries, len(self.servers.connections))
        return self._tries
