"""The service in a thread of the test's own process, where parts of it can be replaced."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc

from core20plus5_service.server import Server
from core20plus5_service.settings import Settings


def settings(**more: Any) -> Settings:
    """Of a server on a free port; nothing is read from the command line."""
    chosen: dict[str, Any] = {"listen": "127.0.0.1:0", "metrics_listen": "", "threads": 2} | more
    return Settings(**chosen)


class LocalServer:
    """A server and its event loop. start: until it is ready."""

    def __init__(self, **more: Any) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="server loop")
        self._thread.start()
        self.server = self.run(self._make(settings(**more)))
        self.address = ""

    async def _make(self, chosen: Settings) -> Server:
        return Server(chosen)

    def run(self, work: Any, timeout: float = 120) -> Any:
        """Run a coroutine in the server's loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout)

    def start(self) -> None:
        self.address = self.run(self.server.start())

    def stop(self) -> None:
        self.run(self.server.stop())

    def close(self) -> None:
        self.run(self.loop.shutdown_asyncgens())  # as asyncio.run does: streams that were not read to their end
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(60)
        self.loop.close()

    def metric(self, name: str, **labels: str) -> float:
        return self.server.metrics.registry.get_sample_value(name, labels) or 0.0

    def channel(self) -> grpc.Channel:
        # One channel for each test: with a shared connection, an earlier test would be part of a later one.
        return grpc.insecure_channel(self.address, [("grpc.use_local_subchannel_pool", 1)])


@contextmanager
def local_server(**more: Any) -> Iterator[LocalServer]:
    """A ready server, stopped in the end."""
    local = LocalServer(**more)
    try:
        local.start()
        yield local
        local.stop()
    finally:
        local.close()


def soon(condition: Callable[[], bool], seconds: float = 10) -> None:
    """What happens in another thread, or in another process, happens within a few seconds."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it has not happened"
        time.sleep(0.02)
