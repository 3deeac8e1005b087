"""What happens in a call, for whoever watches: the engine itself knows no metrics."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from core20plus5.ingest import Ledger

Taken = TypeVar("Taken")

#: decode: Arrow arrays to columns, and texts to codes; validate: every offset and text before it is followed; flag: dates,
#: numbers and truths cleaned, and the answers of each person; count: strata, packing, and adding up; release: the disclosure
#: policy and the tidy table.
STAGES = ("decode", "validate", "flag", "count", "release")


class Watcher:
    """Is told once for each block, never for each row, from several threads. This one does nothing."""

    def stage(self, name: str, seconds: float) -> None:
        """One of STAGES took so long for one block; several tellings may belong to one block."""

    def block(self, ledger: Ledger) -> None:
        """A block was answered; its ledger is its alone."""

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Tell how long this took."""
        start = time.perf_counter()
        yield
        self.stage(name, time.perf_counter() - start)

    def timing(self, name: str, function: Callable[[Taken], None]) -> Callable[[Taken], None]:
        """The function, telling how long each of its calls takes."""

        def timed(taken: Taken) -> None:
            with self.timed(name):
                function(taken)

        return timed
