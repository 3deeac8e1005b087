"""Many streams at once for minutes, and the server watched: python -m tests.faults.soak --streams 64 --minutes 5.

Each stream is a loop of calls: small and large, counts and flags, some read or written slowly, some cancelled or late, while a
process asks for health every 50 ms. It fails where a count is wrong, memory grows, health is slow, or anything is left behind.
"""

import argparse
import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

import core20plus5
from core20plus5_client import Client, DeadlineError, ServerBusyError
from tests.e2e.process import ServerProcess, running_server
from tests.faults.asking import ASK, EXACT, RELEASED, sample
from tests.faults.health import Prober
from tests.faults.watching import Watch, Watcher

#: Rows of calls, and how often they are drawn.
SIZES = {50: 4, 2_000: 4, 20_000: 2, 100_000: 1}

#: What is asked, and how often. Counts of all cohorts under a policy take seconds of a processor: a search for proofs.
KINDS = {"counts": 8, "all cohorts": 1, "exact": 4, "flags": 4, "slow writer": 4, "slow reader": 4, "cancelled": 4, "late": 4}

#: Places beside those of the streams: a call that was cancelled, or is late, has its own until the server has heard of it.
PLACES = 16

#: Under a policy, and answered soon.
FEW = RELEASED | {"cohorts": ["everyone", "core20"]}


@dataclass
class Tally:
    """What the streams saw. wrong: answers that are not those of the embedded engine, and errors that nobody asked for."""

    calls: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, kind: str, rows: int) -> None:
        with self.lock:
            self.calls[kind] += 1
            self.rows += rows


class Answers:
    """The right ones, from the embedded engine."""

    def __init__(self, sizes: list[int]) -> None:
        whole = sample(max(sizes), 11)
        self.people = {rows: whole.slice(0, rows).combine_chunks() for rows in sizes}
        self.counts = {rows: self._count(people, FEW) for rows, people in self.people.items()}
        self.all_cohorts = {rows: self._count(people, RELEASED) for rows, people in self.people.items()}
        self.exact = {rows: self._count(people, EXACT) for rows, people in self.people.items()}
        self.flags = {rows: self._flag(people) for rows, people in self.people.items()}

    def of(self, kind: str) -> tuple[dict[str, Any], dict[int, pa.Table]]:
        """What is asked in a call for counts, and the right answer by rows."""
        return {"counts": (FEW, self.counts), "all cohorts": (RELEASED, self.all_cohorts), "exact": (EXACT, self.exact)}[kind]

    @staticmethod
    def _flag(people: pa.Table) -> pa.Table:
        return pa.Table.from_batches(list(core20plus5.flag_patients(people, **ASK)))

    @staticmethod
    def _count(people: pa.Table, asked: dict[str, Any]) -> pa.Table:
        return core20plus5.count_cohorts(people, **{key: value for key, value in asked.items() if key != "inequality"}).counts


class Stream:
    """One caller: one call after the other, on a connection of its own."""

    def __init__(self, address: str, number: int, seed: int, answers: Answers, tally: Tally) -> None:
        self._dice = random.Random(seed * 1_000 + number)
        self._answers, self._tally = answers, tally
        options = [("grpc.use_local_subchannel_pool", 1)]
        self._client = Client(address, deadline=600, tries=50, options=options)

    def run(self, until: float) -> None:
        """Until then. An error is kept with what was asked."""
        with self._client:
            while time.monotonic() < until and not self._tally.wrong:
                (kind,) = self._dice.choices(list(KINDS), list(KINDS.values()))
                (rows,) = self._dice.choices(list(SIZES), list(SIZES.values()))
                try:
                    self._call(kind, rows)
                except Exception as error:
                    self._tally.wrong.append(f"{kind} of {rows} rows: {type(error).__name__}: {error}")
                self._tally.add(kind, rows)

    def _call(self, kind: str, rows: int) -> None:
        people = self._answers.people[rows]
        if kind == "flags":
            self._flags(rows, people, 0.0)
        elif kind == "slow reader":
            self._flags(rows, people, 0.05)
        elif kind == "slow writer":
            found = self._client.count_cohorts(slowly(people), **FEW)
            self._same(found.counts, self._answers.counts[rows], kind)
        elif kind == "cancelled":
            stream = self._client.flag_patients(people, **ASK)
            stream.close()
        elif kind == "late":
            self._late(people)
        else:
            asked, right = self._answers.of(kind)
            self._same(self._client.count_cohorts(people, **asked).counts, right[rows], kind)

    def _flags(self, rows: int, people: pa.Table, pause: float) -> None:
        with self._client.flag_patients(people, **ASK) as flags:
            batches = []
            for batch in flags:
                batches.append(batch)
                time.sleep(pause)
            self._same(pa.Table.from_batches(batches, flags.schema), self._answers.flags[rows], "flags")

    def _late(self, people: pa.Table) -> None:
        """A deadline that comes too soon, more or less."""
        try:
            self._client.count_cohorts(people, **RELEASED, deadline=0.02 + 0.3 * self._dice.random())
        except (DeadlineError, ServerBusyError):
            return

    def _same(self, found: pa.Table, right: pa.Table, kind: str) -> None:
        one, other = (pa.Table.from_batches(table.combine_chunks().to_batches()) for table in (found, right))
        if plain(one) != plain(other):
            self._tally.wrong.append(f"a wrong answer: {kind}")


def plain(table: pa.Table) -> pa.Table:
    """Without dictionaries, whose words may be in another order."""
    columns = [column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column for column in table.columns]
    return pa.Table.from_arrays(columns, table.column_names).combine_chunks()


def slowly(people: pa.Table) -> Iterator[pa.RecordBatch]:
    """Batches with a wait before each."""
    for batch in people.to_batches(max_chunksize=max(1, people.num_rows // 5)):
        time.sleep(0.05)
        yield batch


@dataclass(frozen=True)
class Report:
    """health: milliseconds. rss_mib: the most memory in each fifth of the time."""

    streams: int
    seconds: float
    calls: dict[str, int]
    rows: int
    wrong: list[str]
    health: dict[str, float]
    server: Watch
    rss_mib: list[float]
    left_behind: dict[str, float]


def soak(server: ServerProcess, streams: int, seconds: float, seed: int) -> Report:
    """Run it against a server, and wait until it is quiet again."""
    answers, tally = Answers(list(SIZES)), Tally()
    start = time.monotonic()
    with Prober(server.listen) as prober, Watcher(server.process.pid) as watcher, ThreadPoolExecutor(streams) as pool:
        callers = [Stream(server.listen, number, seed, answers, tally) for number in range(streams)]
        for future in [pool.submit(caller.run, start + seconds) for caller in callers]:
            future.result()
    elapsed = time.monotonic() - start
    return Report(
        streams,
        round(elapsed, 1),
        dict(tally.calls),
        tally.rows,
        tally.wrong[:5],
        prober.summary(),
        watcher.most(),
        watcher.fifths(),
        quiet(server),
    )


def quiet(server: ServerProcess) -> dict[str, float]:
    """What is still under way ten seconds after the last call, if anything is."""
    kinds = ("streams_in_flight", "bytes_in_flight", "queue_depth", "ledger_imbalance_total")
    names = [f"core20plus5_{kind}" for kind in kinds]
    until = time.monotonic() + 10
    while any(server.metric(name) for name in names) and time.monotonic() < until:
        time.sleep(0.1)
    return {name: server.metric(name) for name in names}


def problems(report: Report, health_ms: float | None) -> list[str]:
    """What is not as it should be. health_ms: the slowest answer about health that will do."""
    found = list(report.wrong)
    if any(report.left_behind.values()):
        found.append(f"left behind: {report.left_behind}")
    _, *later = report.rss_mib
    if later[-1] > 64 + 1.1 * min(later):
        found.append(f"memory grew: {report.rss_mib} MiB")
    if health_ms is not None and report.health["max"] > health_ms:
        found.append(f"health took {report.health['max']} ms")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--streams", type=int, default=64)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--health-ms", type=float, default=100.0, help="the slowest answer that will do")
    parser.add_argument("--switch-ms", type=float, default=5.0, help="how often threads of the server take turns, to compare")
    parser.add_argument("--report", type=Path, help="write the figures there, as JSON")
    asked = parser.parse_args()
    command = (sys.executable, "-c", _SERVER.format(asked.switch_ms / 1e3))
    flags = ("--allow-exact", "--max-calls", str(asked.streams + PLACES), "--max-message-bytes", str(4 << 20), *SMALL)
    with running_server(*flags, command=command) as server:
        report = soak(server, asked.streams, 60 * asked.minutes, asked.seed)
    text = json.dumps(asdict(report), indent=2)
    sys.stdout.write(f"{text}\n")
    if asked.report:
        asked.report.write_text(f"{text}\n", encoding="utf-8")
    if wrong := problems(report, asked.health_ms):
        sys.exit("\n".join(wrong))


_SERVER = """
import sys
from core20plus5_service.__main__ import main
sys.setswitchinterval({})
sys.exit(main(sys.argv[1:]))
"""

#: So that 64 calls fit a machine of a few GiB.
SMALL = ("--recommended-message-bytes", str(2 << 20), "--max-cells", str(1 << 21))

if __name__ == "__main__":
    main()
