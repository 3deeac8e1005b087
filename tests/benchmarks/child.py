"""A contestant in a process of its own, so that threads, memory and caches are its own."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pyarrow as pa

from tests.benchmarks.contestants.contestant import Contestant, Times, in_order

Make = Callable[[], Contestant]


class ContestantError(RuntimeError):
    """A contestant did not answer; the text says why."""


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

    def start(self, method: str) -> None:
        """Begin to run a method of the contestant; `finish` waits for it."""
        self._pipe.send(("run", method))

    def finish(self) -> dict[str, float]:
        """Seconds by part."""
        answer: dict[str, float] = self._receive()
        return answer

    def run(self, method: str) -> dict[str, float]:
        """Run `count`, `flag` or another method once: seconds by part."""
        self.start(method)
        return self.finish()

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
            raise ContestantError(f"{self.name}: the process ended (out of memory?)") from None
        if kind == "error":
            raise ContestantError(f"{self.name}: {value}")
        return value


def _serve(pipe: Connection, make: Make) -> None:
    """In the child: answer until told to close. A question that is refused does not end it."""
    try:
        contestant = make()
    except Exception as error:
        pipe.send(("error", _said(error)))
        return
    try:
        pipe.send(("ready", None))
        _answer(pipe, contestant)
    except EOFError:
        pass
    finally:
        contestant.close()


def _answer(pipe: Connection, contestant: Contestant) -> None:
    table: Any = None
    while (message := pipe.recv())[0] != "close":
        try:
            if message[0] == "run":
                times = Times()
                if message[1] == "count":
                    table = None  # two of them at once would be memory that no one else has
                    table = contestant.count(times)
                else:
                    getattr(contestant, message[1])(times)
                pipe.send(("answer", times.parts))
            elif message[0] == "save":
                _write(in_order(table), message[1])
                pipe.send(("answer", None))
            else:
                pipe.send(("answer", contestant.memory()))
        except Exception as error:
            pipe.send(("error", _said(error)))


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _write(table: pa.Table, path: str) -> None:
    with pa.ipc.new_file(path, table.schema) as writer:
        writer.write_table(table)
