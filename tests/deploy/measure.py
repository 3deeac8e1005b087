"""What deploy/sizing.md says, measured anew: `python -m tests.deploy.measure`. Some minutes on an idle machine with 16 GB.

For each sort of call and so many at once: the most memory that the server had, what the formula gives, and its seconds of
processor for a million rows, which a busy machine changes less than the clock's.
"""

import sys
import threading
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from core20plus5_cli.population import sample_people
from core20plus5_client import Client
from core20plus5_service.sizing import memory_needed
from tests.e2e.process import ServerProcess, running_server

PEOPLE, MESSAGE, THREADS = 1_000_000, 8 << 20, 2

#: How often a call sends the same people: what malloc keeps between messages grows for some millions of rows.
TIMES = 8

_ASK: dict[str, Any] = {"reference_date": date(2026, 3, 31), "imd_version": "2025", "plus_groups": "all"}

#: Strata, or None for flags; and the cells that the strata of the sample fill: strata x cohort answers x indicator answers.
SORTS: dict[str, tuple[list[str] | None, int]] = {
    "counts by quintile": (["imd_quintile"], 6 * 35 * 138),
    "counts by practice": (["practice_code"], 6_511 * 35 * 138),
    "flags": (None, 0),
}


def most_memory(server: ServerProcess) -> int:
    """Bytes that the process has had at most."""
    lines = Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) << 10


def call(address: str, people: list[pa.RecordBatch], strata: list[str] | None) -> None:
    """One call on a connection of its own."""
    with Client(address, deadline=600, options=[("grpc.use_local_subchannel_pool", 1)]) as client:
        if strata is not None:
            client.count_cohorts(people, strata=strata, disclosure="none", **_ASK)
            return
        with client.flag_patients(people, **_ASK) as flags:
            for _ in flags:
                pass


def measure(people: list[pa.RecordBatch], sort: str, calls: int) -> str:
    """A row of the table."""
    strata, cells = SORTS[sort]
    with running_server("--allow-exact", "--threads", str(THREADS)) as server:
        before = server.metric("process_cpu_seconds_total")
        threads = [threading.Thread(target=call, args=(server.listen, people, strata)) for _ in range(calls)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = (server.metric("process_cpu_seconds_total") - before) * 1e6 / (calls * sum(map(len, people)))
        had, formula = most_memory(server), memory_needed(THREADS, calls, MESSAGE, calls * cells)
    return f"| {sort} | {calls} | {had >> 20} | {formula >> 20} | {seconds:.2f} |"


def main() -> None:
    """The table."""
    people = list(sample_people(PEOPLE, 1)) * TIMES
    titles = ("call", "at once", "most memory, MiB", "formula, MiB", "processor, s per million rows")
    sys.stdout.write(f"| {' | '.join(titles)} |\n|{' --- |' * len(titles)}\n")
    for sort in SORTS:
        for calls in (1, 4, 8) if sort != "counts by practice" else (1,):
            sys.stdout.write(measure(people, sort, calls) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
