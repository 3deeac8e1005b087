"""Two servers under load, and what befalls them, seen by a real Prometheus."""

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from core20plus5.deprivation import LSOA_COUNT
from core20plus5_cli.population import sample_people, sample_schema
from core20plus5_client import Client, Core20Plus5Error
from tests.deploy.live import Prometheus, free_port, prometheus
from tests.e2e.process import ServerProcess, running_server

PEOPLE = 100_000
PLACES = 3
_PYTHON = sys.executable
_ASK: dict[str, Any] = {"reference_date": date(2026, 3, 31), "imd_version": "2025", "deadline": 60}


def write_imd_table(path: Path) -> Path:
    """A table of as many areas as the real one has, with made-up codes."""
    lines = [f"E010{place:05d},{place}\n" for place in range(1, LSOA_COUNT["2025"] + 1)]
    path.write_text("lsoa_code,imd_rank\n" + "".join(lines), encoding="ascii")
    return path


@dataclass
class Load:
    """Clients that ask one server after the other, until stopped. errors: how many calls failed, by class."""

    addresses: list[str]
    people: pa.Table
    pause: float = 0.05
    errors: dict[str, int] = field(default_factory=dict)
    answered: int = 0

    def run(self, stop: threading.Event) -> None:
        """Count, and flag every third time."""
        clients = [Client(address, tries=1) for address in self.addresses]
        number = 0
        while not stop.wait(self.pause):
            number += 1
            try:
                self._ask(clients[number % len(clients)], number % 3 == 0)
                self.answered += 1
            except Core20Plus5Error as error:
                name = type(error).__name__
                self.errors[name] = self.errors.get(name, 0) + 1
        for client in clients:
            client.close()

    def _ask(self, client: Client, flags: bool) -> None:
        if flags:
            with client.flag_patients(self.people, **_ASK) as stream:
                for _ in stream:
                    pass
        else:
            # Of one cohort: to release many of them safely takes seconds of a processor, which is no fault of a server.
            client.count_cohorts(self.people, strata=["imd_quintile"], cohorts=["everyone"], **_ASK)


@contextmanager
def under_load(addresses: list[str], people: pa.Table, clients: int = 1) -> Iterator[Load]:
    """Load in threads of its own."""
    load, stop = Load(addresses, people), threading.Event()
    threads = [threading.Thread(target=load.run, args=(stop,)) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        stop.set()
        for thread in threads:
            thread.join(120)


@contextmanager
def holding(address: str, calls: int, people: pa.Table) -> Iterator[None]:
    """So many calls that are under way and then send nothing more."""
    done = threading.Event()

    def slowly() -> Iterator[pa.RecordBatch]:
        yield from people.to_batches()
        done.wait(60)

    def hold() -> None:
        with Client(address) as client:
            client.count_cohorts(slowly(), **_ASK)

    threads = [threading.Thread(target=hold) for _ in range(calls)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join(60)


class Scene:
    """A Prometheus, a good server and one that can be told to go wrong."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.people = pa.Table.from_batches(list(sample_people(PEOPLE, 1)), sample_schema())
        self.faults = folder / "faults"
        self.faults.write_text("", encoding="ascii")
        self._table = write_imd_table(folder / "imd.csv")
        self._stack = stack
        self._pages = [f"127.0.0.1:{free_port()}" for _ in range(2)]
        self.good = self.start(0)
        self._second = ExitStack()
        self.bad = self.start_second()
        self.prometheus: Prometheus = stack.enter_context(prometheus(folder / "prometheus", self._pages))
        stack.callback(self.close_second)

    @property
    def addresses(self) -> list[str]:
        """Where the two servers listen."""
        return [self.good.listen, self.bad.listen]

    def start(self, number: int, stack: ExitStack | None = None) -> ServerProcess:
        """A server with the operators' port that Prometheus knows."""
        flags = ["--max-calls", str(PLACES), "--imd-table", f"2025={self._table}", "--metrics-listen", self._pages[number]]
        command = ("-m", "core20plus5_service") if number == 0 else ("-m", "tests.deploy.faulty_server", str(self.faults))
        return (stack or self._stack).enter_context(running_server(*flags, command=(_PYTHON, *command)))

    def start_second(self) -> ServerProcess:
        """The second server, as the faults say at its start."""
        self.bad = self.start(1, self._second)
        return self.bad

    def close_second(self) -> None:
        """End the second server."""
        self._second.close()

    def restart_second(self, faults: str) -> None:
        """The second server anew, with these faults."""
        self.close_second()
        self.faults.write_text(faults, encoding="ascii")
        self.start_second()

    @contextmanager
    def frozen(self, *servers: ServerProcess) -> Iterator[None]:
        """Servers that stand still."""
        for server in servers:
            server.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for server in servers:
                server.process.send_signal(signal.SIGCONT)
            time.sleep(1)


@contextmanager
def scene(folder: Path) -> Iterator[Scene]:
    """Everything started, and in the end stopped."""
    with ExitStack() as stack:
        yield Scene(folder, stack)
