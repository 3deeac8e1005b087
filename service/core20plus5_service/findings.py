"""Data quality for operators: in how many blocks a column had values that could not be used."""

import threading
from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from core20plus5.ingest import Ledger
from core20plus5_service.labels import OTHER, finding_label, findings

#: Blocks of fewer rows are not looked at: one could be a single person.
ENOUGH_ROWS = 1_000


class Findings(Collector):
    """Blocks by column and reason, added under one lock: a dirty block has dozens of findings."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._blocks = dict.fromkeys((*sorted(findings()), OTHER), 0)
        self._lock = threading.Lock()
        registry.register(self)

    def add(self, ledger: Ledger) -> None:
        """What was found in one block."""
        if ledger.received < ENOUGH_ROWS:
            return
        found = {finding_label(*found) for found in ledger.findings}
        with self._lock:
            for pair in found:
                self._blocks[pair] += 1

    def collect(self) -> Iterator[Metric]:
        """One series for each column and reason, from the start."""
        family = CounterMetricFamily(
            "core20plus5_batches_with_findings",
            f"Blocks of at least {ENOUGH_ROWS} rows with values that could not be used, by column and reason.",
            labels=("column", "reason"),
        )
        for pair, blocks in tuple(self._blocks.items()):
            family.add_metric(pair, blocks)
        yield family
