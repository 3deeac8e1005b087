"""`core20plus5 demo`: 100,000 made-up people, counted, with an answer worth a look and the commands to go on with."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any

import pyarrow as pa
from rich.console import Console
from rich.status import Status
from rich.text import Text

from core20plus5_cli.counts_view import day_text
from core20plus5_cli.demo_views import (
    GROUPS,
    MEASURES,
    PLUS_GROUPS,
    Answers,
    areas_view,
    chart,
    chart_title,
    gap_in_people,
    people_view,
)
from core20plus5_cli.local_server import local_server
from core20plus5_cli.population import sample_people
from core20plus5_cli.population.sample import REFERENCE_DATE
from core20plus5_cli.terminal import err, out
from core20plus5_client import Client

PEOPLE, SEED = 100_000, 1
WIDEST = 100
NEXT = (
    ("What do your own records hold (Parquet, Arrow or CSV)?", "core20plus5 check YOUR_FILE"),
    (
        "The same counts from them, by deprivation fifth:",
        f"core20plus5 count YOUR_FILE --reference-date {REFERENCE_DATE} --imd-version 2025 --by imd_quintile",
    ),
    (
        "A page for a board, with every gap:",
        f"core20plus5 count YOUR_FILE --reference-date {REFERENCE_DATE} --imd-version 2025 --report report.html",
    ),
    ("These people as a file, to try things on:", f"core20plus5 sample --people {PEOPLE} --seed {SEED} people.parquet"),
    ("What was asked, in words, with sources:", "core20plus5 rulesets core20plus5-adults"),
)


def run() -> None:
    """Make the people, count them and print."""
    console = out()
    console.width = min(console.width, WIDEST)
    with err().status("Starting a server (the first time, compiling takes a while)") as status:
        answers, seconds = _through_a_server(status)
    _print(console, answers, seconds)


def _through_a_server(status: Status) -> tuple[Answers, float]:
    """The answers, and the seconds that sending the people and counting them took."""
    with local_server() as address, Client(address) as client:
        status.update(f"Making {PEOPLE:,} people")
        people = list(sample_people(PEOPLE, SEED))
        status.update("Counting")
        started = perf_counter()
        return _count(client, people), perf_counter() - started


def _count(client: Client, people: Sequence[pa.RecordBatch]) -> Answers:
    """Two releases: all people together, and by deprivation fifth, which cannot be added up from rounded counts."""
    cohorts: list[str] = ["everyone", "core20"]
    indicators = [*GROUPS, *MEASURES]
    asked: dict[str, Any] = {"reference_date": REFERENCE_DATE, "imd_version": "2025", "plus_groups": PLUS_GROUPS}
    overall = client.count_cohorts(people, cohorts=cohorts, indicators=indicators, **asked)
    fifths = client.count_cohorts(people, cohorts=["everyone"], indicators=indicators, strata=["imd_quintile"], **asked)
    return Answers(overall.counts.to_pylist(), fifths.counts.to_pylist(), overall.indicators.to_pylist())


def _print(console: Console, answers: Answers, seconds: float) -> None:
    speed = 2 * PEOPLE / seconds
    shown = f"{speed / 1e6:.1f} million" if speed >= 1e6 else f"{round(speed, -3):,.0f}"
    title, subtitle = chart_title(answers)
    gap = gap_in_people(answers)
    console.print(f"{PEOPLE:,} made-up people as at {day_text(REFERENCE_DATE)}; nobody here is real.")
    console.print("Sent over gRPC to a server in another process, which has stopped again.")
    console.print(f"Counted overall and by fifth in {seconds:.2f} s: {shown} people a second.")
    console.print("Counts of 1 to 7 people are hidden, others are rounded to the nearest 5.\n")
    console.print(people_view(answers))
    console.print("  Not known is never a no: shares are of the people whose answer is known.\n")
    console.print(areas_view(answers))
    console.print("  Others: known not to be in Core20. Gap: Core20 less others, in points.\n")
    console.print(Text(title, style="bold"))
    console.print(subtitle)
    for line in chart(answers, console.width, ascii_only=console.options.ascii_only):
        console.print(line)
    if gap:
        console.print(gap)
    console.print(Text("\nWhat next", style="bold"))
    for what, command in NEXT:
        console.print(f"  {what}")
        console.print(Text(f"    {command}", style="bold cyan"), soft_wrap=True)
