"""Threads that say how much work waits for them."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Done = TypeVar("Done")


class WatchedPool(ThreadPoolExecutor):
    """A pool that tells a watcher of each task that begins to wait (+1) and ends waiting (-1), done or not."""

    def __init__(self, threads: int, name: str, changed: Callable[[int], None]) -> None:
        super().__init__(threads, name)
        self._changed = changed

    def submit(self, fn: Callable[Arguments, Done], /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> "Future[Done]":
        """As ThreadPoolExecutor.submit."""
        waiting = threading.Lock()  # taken by whichever comes first: the beginning of the task, or its being cancelled

        def ended_waiting(_: object = None) -> None:
            if waiting.acquire(blocking=False):
                self._changed(-1)

        def begin() -> Done:
            ended_waiting()
            return fn(*args, **kwargs)

        self._changed(1)
        future = super().submit(begin)
        future.add_done_callback(ended_waiting)
        return future
