"""Hand batches from the event loop to the thread that counts them, and answers back, with a bounded number on the way."""

import asyncio
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from typing import Any, Generic, Protocol, TypeVar

from core20plus5_service.turns import Turns

Item = TypeVar("Item")
Item_co = TypeVar("Item_co", covariant=True)


class AbandonedError(Exception):
    """The other side is gone; ends a thread whose call was cancelled."""


class Coming(Protocol[Item_co]):
    """What comes in, for whoever works on it: seconds waited for it, and whether no more will come than what has."""

    @property
    def waited(self) -> float: ...

    @property
    def is_closed(self) -> bool: ...

    def __iter__(self) -> Iterator[Item_co]: ...

    def pause(self) -> None:
        """Between pieces of work."""


class Going(Protocol):
    """What goes out: seconds waited for whoever takes it."""

    @property
    def waited(self) -> float: ...

    def put(self, *items: Any) -> None:
        """Hand over items."""


class Arrived(Generic[Item]):
    """What has come already, all of it."""

    waited, is_closed = 0.0, True

    def __init__(self, *items: Item) -> None:
        self._items = items

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items)

    def pause(self) -> None:
        """Nothing is shared with others."""


class Kept:
    """What goes out at once, when there is all of it."""

    waited = 0.0

    def __init__(self) -> None:
        self.items: list[Any] = []

    def put(self, *items: Any) -> None:
        """Hand over items."""
        self.items += items


class Feed(Generic[Item]):
    """From the event loop to one thread, which works in turns.

    `put` waits while the thread is behind: that is the back-pressure of the stream.
    """

    def __init__(self, capacity: int, turns: Turns) -> None:
        self._turns = turns
        self._loop = asyncio.get_running_loop()
        self._items: deque[Item] = deque()
        self._changed = threading.Condition()
        self._space = asyncio.Event()
        self._capacity = capacity
        self._closed = self._abandoned = self._is_behind = False
        #: Seconds that the thread has waited for items.
        self.waited = 0.0

    async def put(self, item: Item) -> bool:
        """Hand over an item. False when the thread is gone and wants no more."""
        while True:
            with self._changed:
                if self._abandoned:
                    return False
                if len(self._items) < self._capacity:
                    self._items.append(item)
                    self._changed.notify_all()
                    return True
                self._space.clear()
                self._is_behind = True
            await self._space.wait()

    @property
    def is_closed(self) -> bool:
        """Whether no more items will come than those that have."""
        return self._closed

    def close(self) -> None:
        """No more items will come."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def abandon(self) -> None:
        """Either side is gone. To be called in the event loop."""
        with self._changed:
            self._abandoned = True
            self._items.clear()
            self._changed.notify_all()
        self._space.set()

    def __iter__(self) -> Iterator[Item]:
        """In the thread: the items as they come. Raises AbandonedError when the call was cancelled."""
        while True:
            with self._turns.left(), self._changed:
                start = time.perf_counter()
                self._changed.wait_for(lambda: self._items or self._closed or self._abandoned)
                self.waited += time.perf_counter() - start
                if self._abandoned:
                    raise AbandonedError
                if not self._items:
                    return
                item, behind = self._items.popleft(), self._is_behind
                self._is_behind = False
            if behind:  # else nobody waits for room, and the event loop is not woken
                self._loop.call_soon_threadsafe(self._space.set)
            yield item

    def pause(self) -> None:
        """In the thread, between pieces of work: others may have a turn. Raises AbandonedError when the call was cancelled."""
        self._turns.pass_on()
        if self._abandoned:
            raise AbandonedError


class Outbox(Generic[Item]):
    """From one thread, which works in turns, to the event loop. `put` blocks while the reader of the answers is behind."""

    def __init__(self, capacity: int, turns: Turns) -> None:
        self._turns = turns
        self._loop = asyncio.get_running_loop()
        self._items: deque[Item] = deque()
        self._changed = threading.Condition()
        self._ready = asyncio.Event()
        self._capacity = capacity
        self._closed = self._abandoned = False
        #: Seconds that the thread has waited for a reader.
        self.waited = 0.0

    def put(self, *items: Item) -> None:
        """In the thread: hand over items, at once. Raises AbandonedError when nobody will read them."""
        if len(self._items) >= self._capacity:
            self._wait()
        with self._changed:
            if self._abandoned:
                raise AbandonedError
            self._items.extend(items)
        self._loop.call_soon_threadsafe(self._ready.set)

    def _wait(self) -> None:
        """Until there is room: only this thread fills it."""
        with self._turns.left(), self._changed:
            start = time.perf_counter()
            self._changed.wait_for(lambda: len(self._items) < self._capacity or self._abandoned)
            self.waited += time.perf_counter() - start

    def close(self) -> None:
        """No more items will come. To be called in the event loop."""
        self._closed = True
        self._ready.set()

    def abandon(self) -> None:
        """Nobody reads any more."""
        with self._changed:
            self._abandoned = True
            self._changed.notify_all()

    async def __aiter__(self) -> AsyncIterator[Item]:
        while True:
            await self._ready.wait()
            with self._changed:
                item = self._items.popleft() if self._items else None
                if item is None:
                    if self._closed:
                        return
                    self._ready.clear()
                self._changed.notify_all()
            if item is not None:
                yield item
