"""A TCP proxy on loopback that does to connections what networks do, by a schedule that a seed gives."""

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import ClassVar

_PIECE = 1 << 16


@dataclass(frozen=True)
class Fate:
    """What becomes of one connection. after: bytes, of both directions together, that go through before it does.

    `reset`: both ends are; `truncate`: both ends see the end of the stream; `half`: nothing goes through any more, and nobody
    is told; `delay`: a wait before each piece; `slow`: a trickle; `late`: others that came after it are made before it;
    `refuse`: it is closed at once.
    """

    kind: str
    after: int = 0
    seconds: float = 0.0

    KINDS: ClassVar[tuple[str, ...]] = ("none", "reset", "truncate", "half", "delay", "slow", "late", "refuse")

    @classmethod
    def draw(cls, dice: random.Random, kinds: tuple[str, ...] = KINDS) -> "Fate":
        """Cuts fall anywhere: in the greeting, among the records, in the answer."""
        kind = dice.choices(kinds, [1 if kind == "half" else 4 for kind in kinds])[0]  # which only the deadline ends
        return cls(kind, int(10 ** dice.uniform(2, 7.2)), dice.choice((0.0, 0.002, 0.01)))


class Nemesis:
    """Passes connections on to a server, each with its fate; after the last one, connections are left alone."""

    def __init__(self, target: str, fates: list[Fate]) -> None:
        self._host, _, port = target.rpartition(":")
        self._port, self._fates = int(port), list(fates)
        self._closed = threading.Event()
        self._sockets: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        #: Connections that came, and those whose fate was met.
        self.connections = self.met = 0
        self._start(self._accept)

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                fate = self._fates.pop(0) if self._fates else Fate("none")
                self.connections += 1
                self._sockets.add(near)
                self._start(self._connect, near, fate)

    def _connect(self, near: socket.socket, fate: Fate) -> None:
        if fate.kind == "late":
            self.met += 1
            self._closed.wait(0.3 + 20 * fate.seconds)
        if fate.kind == "refuse":
            self.met += 1
            _reset(near)
            return
        try:
            far = socket.create_connection((self._host, self._port), 5)
        except OSError:
            _reset(near)  # the server is gone
            return
        far.settimeout(None)
        self._sockets.add(far)
        passage = _Passage(self, near, far, fate)
        self._start(passage.carry, near, far)
        self._start(passage.carry, far, near)

    def wait(self, seconds: float) -> None:
        """Unless everything is over."""
        self._closed.wait(seconds)

    def close(self) -> None:
        """Cut everything."""
        self._closed.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in tuple(self._sockets):
            _reset(one)
        for thread in tuple(self._threads):
            thread.join(5)


class _Passage:
    """One connection on its way."""

    def __init__(self, nemesis: Nemesis, near: socket.socket, far: socket.socket, fate: Fate) -> None:
        self._nemesis, self._ends, self._fate = nemesis, (near, far), fate
        self._passed = 0

    def carry(self, source: socket.socket, sink: socket.socket) -> None:
        """One direction, until either end is closed or the fate is met."""
        with suppress(OSError):
            while piece := source.recv(1 << 14 if self._fate.kind == "slow" else _PIECE):
                if not self._let_through(len(piece)):
                    break
                sink.sendall(piece)
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _let_through(self, size: int) -> bool:
        before, self._passed = self._passed, self._passed + size
        if self._passed <= self._fate.after:
            return True
        self._nemesis.met += before <= self._fate.after and self._fate.kind in ("reset", "truncate", "half", "delay", "slow")
        if self._fate.kind == "reset":
            for end in self._ends:
                _reset(end)
        if self._fate.kind in ("reset", "truncate"):
            return False
        if self._fate.kind == "half":
            self._nemesis.wait(3_600)  # neither end hears of it
        if self._fate.kind in ("delay", "slow"):
            self._nemesis.wait(self._fate.seconds or 0.001)
        return True


def _reset(end: socket.socket) -> None:
    """Close so that the peer hears of it at once, whatever is under way, also where a thread is reading."""
    with suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    with suppress(OSError):
        end.shutdown(socket.SHUT_RD)  # wakes a reader, and tells the peer nothing yet
    with suppress(OSError):
        end.close()


@contextmanager
def nemesis(target: str, fates: list[Fate]) -> Iterator[Nemesis]:
    """A proxy for as long as it is wanted."""
    proxy = Nemesis(target, fates)
    try:
        yield proxy
    finally:
        proxy.close()
