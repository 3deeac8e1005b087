"""A contestant in a process of its own, so that threads, memory and caches are its own."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pyarrow as pa

from tests.benchmarks.contestants.contestant import Contestant, Times, in_order
from tests.benchmarks.machine import peak_memory

Make = Callable[[], Contestant]


class Child:
    """The parent's end. Methods wait for the answer; an error in the child is raised here."""

    def __init__(self, name: str, make: Make) -> None:
        """make: picklable; called in the child."""
        self.name = name
        spawning = multiprocessing.get_context("spawn")
        self._pipe, its = spawning.Pipe()
        self._process = spawning.Process(target=_serve, args=(its, make), daemon=True, name=name)
        self._process.start()
        its.close()
        self._receive()

    def run(self, method: str) -> dict[str, float]:
        """Run `count` or `flag` once: seconds by part."""
        answer: dict[str, float] = self._ask(("run", method))
        return answer

    def save(self, path: Path) -> pa.Table:
        """The last result of `count`, in order."""
        self._ask(("save", str(path)))
        with pa.ipc.open_file(pa.memory_map(str(path))) as reader:
            return reader.read_all()

    def memory(self) -> dict[str, float]:
        """MiB at most so far."""
        answer: dict[str, float] = self._ask(("memory", None))
        return answer

    def close(self) -> None:
        """End the process."""
        if self._process.is_alive():
            self._pipe.send(("close", None))
        self._process.join(60)
        self._process.close()

    def _ask(self, message: tuple[str, Any]) -> Any:
        self._pipe.send(message)
        return self._receive()

    def _receive(self) -> Any:
        try:
            kind, value = self._pipe.recv()
        except EOFError:
            raise RuntimeError(f"{self.name}: the process ended (out of memory?)") from None
        if kind == "error":
            raise RuntimeError(f"{self.name}: {value}")
        return value


def _serve(pipe: Connection, make: Make) -> None:
    """In the child: answer until told to close."""
    table: pa.Table | None = None
    contestant: Contestant | None = None
    try:
        contestant = make()
        pipe.send(("ready", None))
        while (message := pipe.recv())[0] != "close":
            answer: Any = None
            if message[0] == "run":
                table, times = None, Times()
                found = getattr(contestant, message[1])(times)
                table = found if message[1] == "count" else None
                del found
                answer = times.parts
            elif message[0] == "save":
                assert table is not None
                _write(in_order(table), message[1])
            else:
                answer = peak_memory()
            pipe.send(("answer", answer))
    except EOFError:
        pass
    except Exception as error:
        pipe.send(("error", f"{type(error).__name__}: {error}"))
    finally:
        if contestant is not None:
            contestant.close()


def _write(table: pa.Table, path: str) -> None:
    with pa.ipc.new_file(path, table.schema) as writer:
        writer.write_table(table)
