"""Whose turn it is to work, of the threads of all calls.

Many threads that all want Python's lock keep the event loop waiting: it would have to compete with each of them, several times
for one answer about health. So as many work as there are processors for them, first come first served, and the others sleep.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Turns:
    """A number of turns. changed: told of each thread that begins to wait for one (+1), and ends waiting (-1)."""

    def __init__(self, number: int, changed: Callable[[int], None]) -> None:
        self._free = number
        self._changed = changed
        self._lock = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Work in a turn."""
        self._take()
        try:
            yield
        finally:
            self._give_back()

    @contextmanager
    def left(self) -> Iterator[None]:
        """In a turn: leave it to others for as long as there is something else to wait for."""
        self._give_back()
        try:
            yield
        finally:
            self._take()

    def pass_on(self) -> None:
        """In a turn: let those who wait have theirs first, if there are any."""
        if self._waiting:
            with self.left():
                pass

    def _take(self) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        self._changed(1)
        mine.acquire()  # until it is handed over: who comes later cannot be faster
        self._changed(-1)

    def _give_back(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1
