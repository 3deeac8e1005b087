"""What every case gets: the people, how often to repeat, where to write."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.child import Child, Make
from tests.benchmarks.data import Data


@dataclass(frozen=True)
class Bench:
    """people, text: of the population; ways: `best`, one way for each peer, or `all` that were tried; most_rows: of a stream."""

    people: int
    text: str
    folder: Path
    repetitions: int
    ways: str
    most_rows: int
    say: Callable[[str], None]

    @property
    def data(self) -> Data:
        """The population, on disk by now."""
        return self._made(self.people)

    @property
    def small(self) -> Data:
        """A smaller population, to compare answers on first."""
        return self._made(min(self.people, 100_000))

    def _made(self, people: int) -> Data:
        data = Data(people, self.text, self.folder)
        data.make()
        return data


@contextmanager
def children(makes: Mapping[str, Make]) -> Iterator[list[Child]]:
    """Contestants in their processes, ended whatever happens."""
    started: list[Child] = []
    try:
        for name, make in makes.items():
            started.append(Child(name, make))
        yield started
    finally:
        for child in started:
            child.close()


def compare(contestants: list[Child]) -> int:
    """Let everyone count, and assert that the tables are the same, to the row and to the type. Returns their number of rows."""
    for child in contestants:
        child.run("count")
    with tempfile.TemporaryDirectory() as folder:
        wanted, *others = [(child.name, child.save(Path(folder) / f"{number}.arrow")) for number, child in enumerate(contestants)]
        for name, table in others:
            if not table.equals(wanted[1]):
                raise AssertionError(
                    f"{name} does not answer as {wanted[0]} does: {table.num_rows} and {wanted[1].num_rows} rows"
                )
        return wanted[1].num_rows
