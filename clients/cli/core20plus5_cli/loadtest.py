"""`core20plus5 loadtest`: bounded load of sample people on a server of your own, a live view, and a summary to size it by."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock, Thread

import pyarrow as pa
from rich.live import Live
from rich.table import Table

from core20plus5_cli.connection import Connection
from core20plus5_cli.errors import CliError
from core20plus5_cli.population import sample_people
from core20plus5_cli.population.sample import REFERENCE_DATE
from core20plus5_cli.progress import per_second
from core20plus5_cli.terminal import err, out
from core20plus5_client import Client, Core20Plus5Error

#: No test is longer, or sends more calls, whatever is asked: it must end by itself.
MOST_SECONDS, MOST_CALLS, MOST_STREAMS, MOST_PEOPLE = 3_600.0, 100_000, 256, 5_000_000

_QUANTILES = (0.5, 0.9, 0.99, 1.0)


@dataclass(frozen=True)
class Plan:
    """What to send: so many streams at once, each call with so many people, until the seconds or the calls are used up."""

    server: Connection
    seconds: float
    calls: int
    streams: int
    people: int
    by: tuple[str, ...]
    flags: bool

    def check(self) -> None:
        """Raises CliError for what would not end, or ask for nothing."""
        limits = (("seconds", MOST_SECONDS), ("calls", MOST_CALLS), ("streams", MOST_STREAMS), ("people", MOST_PEOPLE))
        for name, most in limits:
            value = getattr(self, name)
            if not 0 < value <= most:
                raise CliError(f"--{name} must be more than 0 and at most {most:,.0f}, not {value:g}")


@dataclass
class Tally:
    """What has happened so far. Added to by several threads."""

    started: float = field(default_factory=time.monotonic)
    rows: int = 0
    begun: int = 0
    seconds: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def may_begin(self, plan: Plan) -> bool:
        """Whether one more call may begin; if so, it has."""
        with self._lock:
            if self.begun >= plan.calls or time.monotonic() - self.started >= plan.seconds:
                return False
            self.begun += 1
            return True

    def answered(self, rows: int, seconds: float) -> None:
        """A call was answered."""
        with self._lock:
            self.rows += rows
            self.seconds.append(seconds)

    def failed(self, error: Core20Plus5Error) -> None:
        """A call failed."""
        with self._lock:
            self.errors[type(error).__name__] += 1


def run(plan: Plan, report: Path | None) -> bool:
    """Send the load, show it, print the summary, and write it where asked. Whether every call was answered."""
    plan.check()
    with plan.server.client(deadline=30, tries=1) as client:
        client.server_info()  # nothing is sent to what is no server
    with err().status(f"Making {plan.people:,} people"):
        people = list(sample_people(plan.people, 1))
    cpu, tally = time.process_time(), Tally()
    threads = [Thread(target=_stream, args=(plan, people, tally)) for _ in range(plan.streams)]
    for thread in threads:
        thread.start()
    _watch(threads, plan, tally)
    elapsed = time.monotonic() - tally.started
    summary = summarise(plan, tally, elapsed, time.process_time() - cpu)
    out().print(_table(summary))
    if report is not None:
        report.write_text(json.dumps(asdict(summary), indent=2) + "\n", encoding="utf-8")
    return not tally.errors and bool(tally.seconds)


def _stream(plan: Plan, people: list[pa.RecordBatch], tally: Tally) -> None:
    """One call after the other on a connection of its own, as a program of its own would have."""
    with plan.server.client(options=[("grpc.use_local_subchannel_pool", 1)], tries=1) as client:
        while tally.may_begin(plan):
            start = time.monotonic()
            try:
                _call(client, plan, people)
            except Core20Plus5Error as error:
                tally.failed(error)
                time.sleep(0.1)  # a server that refuses is not to be hammered
            else:
                tally.answered(plan.people, time.monotonic() - start)


def _call(client: Client, plan: Plan, people: list[pa.RecordBatch]) -> None:
    deadline = plan.seconds + 60
    if not plan.flags:
        client.count_cohorts(people, reference_date=REFERENCE_DATE, imd_version="2025", strata=plan.by, deadline=deadline)
        return
    with client.flag_patients(people, reference_date=REFERENCE_DATE, imd_version="2025", deadline=deadline) as flags:
        for _ in flags:
            pass


def _watch(threads: list[Thread], plan: Plan, tally: Tally) -> None:
    """Show what happens until all streams have ended."""
    with ExitStack() as stack:
        live = stack.enter_context(Live(console=err(), transient=True, refresh_per_second=4)) if err().is_terminal else None
        while any(thread.is_alive() for thread in threads):
            if live is not None:
                live.update(_progress(plan, tally))
            time.sleep(0.1)
        for thread in threads:
            thread.join()


def _progress(plan: Plan, tally: Tally) -> str:
    elapsed = time.monotonic() - tally.started
    failed = sum(tally.errors.values())
    return (
        f"{min(elapsed, plan.seconds):3.0f} of {plan.seconds:g} s  {len(tally.seconds):,} calls answered  {failed:,} failed"
        f"  {tally.begun - len(tally.seconds) - failed} under way  {per_second(tally.rows / max(elapsed, 0.001))}"
    )


@dataclass(frozen=True)
class Summary:
    """The figures. rows_per_second: over the whole time; call_seconds: of answered calls, by quantile; errors: calls by class."""

    server: str
    streams: int
    people_per_call: int
    seconds: float
    calls_answered: int
    rows: int
    rows_per_second: int
    call_seconds: dict[str, float]
    errors: dict[str, int]
    client_processors: float


def summarise(plan: Plan, tally: Tally, elapsed: float, cpu: float) -> Summary:
    """elapsed, cpu: seconds of the whole load, by the clock and of this process' processors."""
    ordered = sorted(tally.seconds)
    return Summary(
        server=plan.server.address,
        streams=plan.streams,
        people_per_call=plan.people,
        seconds=round(elapsed, 3),
        calls_answered=len(ordered),
        rows=tally.rows,
        rows_per_second=round(tally.rows / elapsed),
        call_seconds={_name(share): round(_quantile(ordered, share), 4) for share in _QUANTILES if ordered},
        errors=dict(tally.errors),
        client_processors=round(cpu / elapsed, 2),
    )


def _name(share: float) -> str:
    return "max" if share == 1 else f"p{share * 100:g}"


def _quantile(ordered: list[float], share: float) -> float:
    """The smallest value that this share of the values does not exceed."""
    return ordered[max(0, -(-len(ordered) * round(share * 100) // 100) - 1)]


def _table(summary: Summary) -> Table:
    table = Table(show_header=False, box=None)
    quantiles = "  ".join(f"{name} {value:.3f}" for name, value in summary.call_seconds.items())
    errors = "  ".join(f"{name} {times:,}" for name, times in summary.errors.items())
    table.add_row("throughput", f"{per_second(summary.rows_per_second)} over {summary.streams} streams, {summary.seconds} s")
    table.add_row("calls", f"{summary.calls_answered:,} answered, {summary.people_per_call:,} people each")
    table.add_row("seconds of a call", quantiles or "none was answered")
    table.add_row("failed calls", errors or "none")
    busy = f"{summary.client_processors} of {os.cpu_count()} processors"
    table.add_row("this client", f"used {busy}; near one, or on the machine of the server, it is part of the result")
    return table
