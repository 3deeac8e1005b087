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


@dataclass(frozen=True)
class Turn:
    """A method of a contestant, under the name that tables give it."""

    name: str
    child: Child
    method: str


def interleaved(turns: Sequence[Turn], repetitions: int) -> dict[str, Samples]:
    """A B C A B C: whatever slows the machine down for a while slows everyone. A first round warms up and is not counted."""
    samples = {turn.name: Samples() for turn in turns}
    for turn in turns:
        turn.child.run(turn.method)
    for _ in range(repetitions):
        for turn in turns:
            samples[turn.name].add(turn.child.run(turn.method))
    return samples


def of_each(children: Sequence[Child], method: str) -> list[Turn]:
    """The same method of several contestants."""
    return [Turn(child.name, child, method) for child in children]
