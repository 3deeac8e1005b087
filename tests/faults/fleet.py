"""Two servers that answer alike; one that was ended is started anew."""

import signal
from contextlib import ExitStack, nullcontext, suppress
from pathlib import Path

from tests.e2e.process import ServerProcess, running_server

#: Small messages, so that there are many; and streams that a broken connection leaves behind are ended soon.
FLAGS = ("--allow-exact", "--recommended-message-bytes", "131072", "--idle-seconds", "4", "--stop-seconds", "3")


class Fleet:
    """Use as a context manager."""

    def __init__(self, size: int = 2, *flags: str) -> None:
        self._flags = (*FLAGS, *flags)
        self._stacks = [ExitStack() for _ in range(size)]
        self._servers: list[ServerProcess | None] = [None] * size

    def __enter__(self) -> "Fleet":
        self.heal()
        return self

    def __exit__(self, *_: object) -> None:
        for place in range(len(self._servers)):
            self._end(place)

    @property
    def servers(self) -> list[ServerProcess]:
        """Those that run."""
        return [server for server in self._servers if server is not None]

    @property
    def addresses(self) -> list[str]:
        return [server.listen for server in self.servers]

    def heal(self) -> None:
        """Start those that were ended."""
        for place, server in enumerate(self._servers):
            if server is not None and server.process.poll() is not None:
                self._end(place)
                self._servers[place] = None
            if self._servers[place] is None:
                self._servers[place] = self._stacks[place].enter_context(running_server(*self._flags))

    def end(self, place: int, how: str) -> None:
        """Send a signal: KILL, or TERM, which lets running calls finish."""
        server = self._servers[place]
        assert server is not None
        server.process.send_signal(getattr(signal, f"SIG{how}"))
        server.process.wait(60)
        assert server.process.returncode == (0 if how == "TERM" else -signal.SIGKILL), "".join(server.lines)

    def _end(self, place: int) -> None:
        server = self._servers[place]
        killed = server is not None and server.process.poll() == -signal.SIGKILL
        with suppress(AssertionError) if killed else nullcontext():
            self._stacks[place].close()

    def check(self) -> None:
        """Nothing stayed behind in any of them, and no row was lost or counted twice."""
        for server in self.servers:
            assert server.metric("core20plus5_ledger_imbalance_total") == 0
            assert server.metric("core20plus5_streams_in_flight") == 0
            assert Path(f"/proc/{server.process.pid}").exists()
