"""Work through blocks on several threads, in order, with a bounded number under way."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

Block = TypeVar("Block")
Done = TypeVar("Done")


@dataclass(frozen=True)
class Workers:
    """Threads that work on blocks; several calls may share them. A task never waits for another one."""

    pool: Executor
    threads: int


def available_cpus() -> int:
    """Processors that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@contextmanager
def own_workers(given: Workers | None) -> Iterator[Workers]:
    """The workers given, or some for this call alone."""
    if given is not None:
        yield given
        return
    threads = available_cpus()
    with ThreadPoolExecutor(threads) as pool:
        yield Workers(pool, threads)


def in_order(pool: Executor, work: Callable[[Block], Done], blocks: Iterable[Block], under_way: int) -> Iterator[Done]:
    """The results of `work` for each block, in the order of the blocks, with at most so many blocks in memory."""
    waiting: deque[Future[Done]] = deque()
    try:
        for block in blocks:
            waiting.append(pool.submit(work, block))
            if len(waiting) >= under_way:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
