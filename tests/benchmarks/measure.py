"""Interleaved repetitions, and what is made of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from tests.benchmarks.child import Child


@dataclass
class Samples:
    """Seconds of each repetition, by part; `total` too where there are several parts."""

    parts: dict[str, list[float]] = field(default_factory=dict)

    def add(self, seconds: Mapping[str, float]) -> None:
        """One repetition."""
        for part, value in seconds.items():
            self.parts.setdefault(part, []).append(value)
        if len(seconds) > 1:
            self.parts.setdefault("total", []).append(sum(seconds.values()))

    def median(self, part: str) -> float:
        """The median of a part."""
        return median(self.parts[part])

    def rows(self, contestant: str, people: int) -> list[dict[str, Any]]:
        """For the table: median with its spread, and people a second."""
        return [
            {
                "contestant": contestant,
                "part": part,
                "seconds": median(values),
                "least": min(values),
                "most": max(values),
                "million_per_second": people / median(values) / 1e6,
            }
            for part, values in self.parts.items()
        ]


def interleaved(children: Sequence[Child], method: str, repetitions: int) -> dict[str, Samples]:
    """A B C A B C: whatever slows the machine down for a while slows everyone. A first round warms up and is not counted."""
    samples = {child.name: Samples() for child in children}
    for child in children:
        child.run(method)
    for _ in range(repetitions):
        for child in children:
            samples[child.name].add(child.run(method))
    return samples
