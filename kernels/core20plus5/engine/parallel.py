"""Work through blocks on several threads, in order, with a bounded number under way."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import TypeVar

Block = TypeVar("Block")
Done = TypeVar("Done")


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
