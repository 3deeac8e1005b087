"""Metrics cost less than a hundredth of what they measure."""

import gc
import resource
import timeit
from collections import Counter as Tally
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from prometheus_client import Counter, Gauge, Histogram

from core20plus5.ingest import Ledger
from core20plus5_cli.population import sample_people
from core20plus5_client import Client
from core20plus5_service.findings import Findings
from core20plus5_service.metrics import Metrics
from core20plus5_service.stepped import Stepped
from tests.service.in_process import local_server

_PLACES: list[tuple[Any, str]] = [
    (Counter, "inc"),
    (Gauge, "inc"),
    (Gauge, "set"),
    (Histogram, "observe"),
    (Stepped, "inc"),
    (Findings, "add"),
]


def counted(patch: pytest.MonkeyPatch, happened: Tally[str]) -> None:
    """Count the observations from now on."""

    def replaced(place: Any, name: str) -> Callable[..., Any]:
        real = getattr(place, name)

        def call(*args: Any) -> Any:
            happened[place.__name__] += 1
            return real(*args)

        return call

    for place, name in _PLACES:
        patch.setattr(place, name, replaced(place, name))


def unit_seconds() -> dict[str, float]:
    """CPU seconds of one observation of each sort, with a ledger as dirty as the sample's."""
    metrics, ledger = Metrics(), Ledger(received=65_536)
    ledger.findings.update({(f"{name}_date", "after_reference_date"): 3 for name in ("bp", "bmi", "lipid", "glucose")})
    ledger.findings.update({("sex", "invalid"): 1, ("bp_systolic", "half_a_pair"): 1, ("imd_rank_2025", "missing"): 9})

    def cost(work: Callable[[], object]) -> float:
        return min(timeit.repeat(work, number=1_000, repeat=5)) / 1_000

    return {
        "Counter": cost(metrics.rows_received.inc),
        "Gauge": cost(lambda: metrics.streams.set(1)),
        "Histogram": cost(lambda: metrics.observe_stage("decode", 0.5)),
        "Stepped": cost(lambda: metrics.bytes.inc(7)),
        "Findings": cost(lambda: metrics.findings.add(ledger)),
    }


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def test_metrics_cost_less_than_a_hundredth() -> None:
    """Counted and priced one by one: a difference of two runs would drown in their noise."""
    people = list(sample_people(400_000, 1))
    happened: Tally[str] = Tally()
    with local_server() as local, Client(local.address) as client, pytest.MonkeyPatch.context() as patch:

        def ask() -> float:
            gc.collect()
            before = cpu()
            client.count_cohorts(people, reference_date=date(2026, 3, 31), imd_version="2025", strata=["imd_quintile"])
            return cpu() - before

        ask()
        seconds = min(ask() for _ in range(3))
        counted(patch, happened)
        ask()
    spent = sum(unit_seconds()[name] * times for name, times in happened.items())
    assert happened["Histogram"] > 30
    # Half of the time is the client's, which is in this process too.
    assert spent < 0.01 * seconds / 2, (spent, seconds, dict(happened))
