"""Counters that move in steps. Two scrapes around a stream of one person must not tell what was found out about that person.

An exact count of excluded rows would: it moves by one when the person has died. So would an exact number of bytes: Arrow leaves
out the bitmap of a column without nulls. A step of a thousand rows moves with the thousand people before it, and nobody outside
the process knows how many of them it still wants.
"""

import threading
from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector


class Stepped(Collector):
    """A counter that shows the largest whole number of steps that it has reached. Nothing is lost: the rest is shown later."""

    def __init__(self, name: str, text: str, step: int, registry: CollectorRegistry) -> None:
        self._name, self._text, self._step = name, text, step
        self._exact = 0
        self._lock = threading.Lock()
        registry.register(self)

    def inc(self, amount: int) -> None:
        """Add so many."""
        with self._lock:
            self._exact += amount

    def collect(self) -> Iterator[Metric]:
        """What is shown."""
        yield CounterMetricFamily(self._name, self._text, value=self._exact - self._exact % self._step)
