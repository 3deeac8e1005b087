"""Whether the event loop still turns: what a liveness probe asks, and nothing else may make it fail."""

import asyncio
import time

_EVERY = 1.0

#: Seconds without a beat after which the process is better started anew. Compiling kernels can hold the loop for some.
DEAD_AFTER = 30.0


class Heartbeat:
    """A beat each second, in the event loop that it is started in."""

    def __init__(self) -> None:
        self._last = time.monotonic()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Beat until stopped."""
        self._task = asyncio.get_running_loop().create_task(self._beat())

    async def _beat(self) -> None:
        while True:
            self._last = time.monotonic()
            await asyncio.sleep(_EVERY)

    def is_alive(self) -> bool:
        """From any thread: whether there was a beat of late."""
        return time.monotonic() - self._last < DEAD_AFTER

    def stop(self) -> None:
        """Beat no more."""
        if self._task is not None:
            self._task.cancel()
