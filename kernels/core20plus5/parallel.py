"""Work through blocks on several threads, in order, with a bounded number under way."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import TypeVar

Block = TypeVar("Block")
Done = TypeVar("Done")


def _go_on() -> None:
    """Nobody else wants a turn, and nobody ends the call."""


@dataclass(frozen=True)
class Workers:
    """Threads that work on blocks; several calls may share them. A task never waits for another one.

    between: called by the thread of a call before it takes up what came of a block: others may have a turn there, and an error
    raised there ends the call.
    """

    pool: Executor
    threads: int
    between: Callable[[], None] = _go_on

    def in_order(self, work: Callable[[Block], Done], blocks: Iterable[Block]) -> Iterator[Done]:
        """The results of `work` for each block, in the order of the blocks, with a bounded number of them in memory.

        A single block is worked on here: to hand it to a thread takes longer than one person's answers do.
        """
        waiting: deque[Future[Done]] = deque()
        coming = iter(blocks)
        first = list(islice(coming, 2))
        if len(first) == 1:
            yield work(first[0])
            return
        try:
            for block in chain(first, coming):
                waiting.append(self.pool.submit(work, block))
                if len(waiting) >= 2 * self.threads:
                    yield self._result(waiting)
            while waiting:
                yield self._result(waiting)
        finally:
            for future in waiting:
                future.cancel()

    def _result(self, waiting: "deque[Future[Done]]") -> Done:
        self.between()
        return waiting.popleft().result()


def available_cpus() -> int:
    """Processors that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@contextmanager
def own_workers(given: Workers | None) -> Iterator[Workers]:
    """The workers given, or those of this process."""
    yield given or _of_this_process()


@lru_cache(maxsize=1)
def _of_this_process() -> Workers:
    threads = available_cpus()
    return Workers(ThreadPoolExecutor(threads, thread_name_prefix="core20plus5"), threads)


if hasattr(os, "register_at_fork"):  # a forked child has none of the threads
    os.register_at_fork(after_in_child=_of_this_process.cache_clear)
