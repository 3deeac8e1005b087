"""What operators see. Names of the gRPC metrics are those of go-grpc-middleware, which public dashboards expect.

No label holds anything that a caller sends: `labels.py` has every value that a label can have, before the first call. What could
tell of one person is shown in steps, see `stepped.py`.
"""

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics

from core20plus5.deprivation import ImdTable
from core20plus5.engine.stages import Watcher
from core20plus5.ingest import Ledger
from core20plus5.rulesets import Ruleset
from core20plus5_service.findings import Findings
from core20plus5_service.labels import BATCH_OUTCOMES, CALLS, CODES, REFUSALS, RELOADS, STAGES
from core20plus5_service.stepped import Stepped

disable_created_metrics()  # type: ignore[no-untyped-call] # a second series for each, which no query needs

_CALL = ("grpc_type", "grpc_service", "grpc_method")
_STREAM_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)
_STAGE_SECONDS = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3)
_MILLION_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

#: Calls of fewer rows say little of the seconds that a million takes: their fixed cost would be all of it.
_ENOUGH_ROWS = 50_000

_ROW_STEP, _BYTE_STEP = 1_000, 1 << 16


class Metrics:
    """The metrics of one server, in a registry of its own. Every series is there from the start."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        counter, gauge, histogram = self._counter, self._gauge, self._histogram
        self.started = counter("grpc_server_started", "Calls started.", _CALL)
        self.handled = counter("grpc_server_handled", "Calls ended, by status.", (*_CALL, "grpc_code"))
        self.received = counter("grpc_server_msg_received", "Messages received.", _CALL)
        self.sent = counter("grpc_server_msg_sent", "Messages sent.", _CALL)
        self.seconds = histogram("grpc_server_handling_seconds", "Seconds from start to end of a call.", _CALL, _STREAM_SECONDS)
        self.rows_received = counter("core20plus5_rows_received", "Rows received.")
        self.rows_counted = self._stepped(
            "core20plus5_rows_counted", "Rows counted or flagged in calls that were answered, in whole thousands.", _ROW_STEP
        )
        self.rows_excluded = self._stepped(
            "core20plus5_rows_excluded",
            "Rows excluded in calls that were answered, in whole thousands.",
            _ROW_STEP,
        )
        self.batches = counter("core20plus5_batches", "Batches received, by what became of them.", ("outcome",))
        self.bytes = self._stepped("core20plus5_bytes_received", "Bytes of batches received, in steps of 64 KiB.", _BYTE_STEP)
        self.findings = Findings(self.registry)
        self.streams = gauge("core20plus5_streams_in_flight", "Calls with records under way.")
        self.streams_limit = gauge("core20plus5_streams_limit", "Calls with records that the server takes at once.")
        self.bytes_in_flight = gauge(
            "core20plus5_bytes_in_flight", "Bytes of batches that wait for the thread of their call, in steps of 64 KiB."
        )
        self.queue_depth = gauge("core20plus5_queue_depth", "Calls and blocks of rows that wait for their turn to be worked on.")
        self.refused = counter("core20plus5_admission_refused", "Calls refused for what the server has or allows.", ("reason",))
        self.reloads = counter(
            "core20plus5_reloads", "New certificates, callers and keys, by whether they could be used.", ("what", "outcome")
        )
        self.certificate_expiry = gauge(
            "core20plus5_certificate_expiry_timestamp_seconds",
            "When the first of the certificates in use expires; 0 without TLS.",
        )
        self.imbalance = counter(
            "core20plus5_ledger_imbalance", "Rows sent but not counted, excluded and summed up once each; must stay 0."
        )
        self.stage_seconds = histogram("core20plus5_stage_seconds", "Seconds of work by stage.", ("stage",), _STAGE_SECONDS)
        self.million_seconds = histogram(
            "core20plus5_seconds_per_million_rows",
            f"Seconds for a million rows, of answered calls of at least {_ENOUGH_ROWS}, waiting for clients left out.",
            (),
            _MILLION_SECONDS,
        )
        self.compile_seconds = gauge("core20plus5_compile_seconds", "Seconds that compiling the kernels took at start.")
        self.build_info = gauge("core20plus5_build_info", "Always 1.", ("version",))
        self.ruleset_info = gauge("core20plus5_ruleset_info", "Always 1.", ("ruleset", "version", "sha256"))
        self.imd_table_info = gauge("core20plus5_imd_table_info", "Always 1.", ("version", "lsoa_vintage", "sha256"))
        ProcessCollector(registry=self.registry)
        self._begin_at_zero()

    def _begin_at_zero(self) -> None:
        """A series that appears with its first event has no rate, and that event is missed."""
        for method in CALLS:
            for metric in (self.started, self.received, self.sent, self.seconds):
                metric.labels(*method)
            for code in CODES:
                self.handled.labels(*method, code)
        self.batch = {outcome: self.batches.labels(outcome) for outcome in BATCH_OUTCOMES}
        self._stages = {stage: self.stage_seconds.labels(stage) for stage in STAGES}
        for reload in RELOADS:
            self.reloads.labels(*reload)
        self._refusals = {reason: self.refused.labels(reason.lower()) for reason in REFUSALS}

    def describe(self, version: str, rulesets: Iterable[Ruleset], tables: Iterable[ImdTable]) -> None:
        """What this server answers with; instances that differ give different answers."""
        self.build_info.labels(version).set(1)
        for ruleset in rulesets:
            self.ruleset_info.labels(ruleset.name, ruleset.version, ruleset.sha256).set(1)
        for table in tables:
            self.imd_table_info.labels(table.version, table.lsoa_vintage, table.sha256).set(1)

    def watch_bytes(self, waiting: Callable[[], int]) -> None:
        """Ask this for the bytes in flight at each scrape."""
        self.bytes_in_flight.set_function(lambda: -(-waiting() // _BYTE_STEP) * _BYTE_STEP)

    def observe_stage(self, stage: str, seconds: float) -> None:
        """Take the time of one stage."""
        self._stages[stage].observe(seconds)

    def observe_answer(self, ledger: Ledger, imbalance: int, seconds: float) -> None:
        """Take the ledger of an answered call. seconds: those that the server took."""
        self.rows_counted.inc(ledger.counted)
        self.rows_excluded.inc(sum(ledger.excluded.values()))
        self.imbalance.inc(imbalance)
        if ledger.received >= _ENOUGH_ROWS:
            self.million_seconds.observe(seconds * 1e6 / ledger.received)

    def refuse(self, reason: str) -> None:
        """Take the reason of a failed call, if it is a refusal."""
        if reason in self._refusals:
            self._refusals[reason].inc()

    def observe_reload(self, what: str, used: bool) -> None:
        """Take that there is something new in a file or at an address."""
        self.reloads.labels(what, "used" if used else "refused").inc()

    def _counter(self, name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _stepped(self, name: str, text: str, step: int) -> Stepped:
        return Stepped(name, text, step, self.registry)

    def _gauge(self, name: str, text: str, labels: tuple[str, ...] = ()) -> Gauge:
        return Gauge(name, text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, labels: tuple[str, ...], buckets: tuple[float, ...]) -> Histogram:
        return Histogram(name, text, labels, buckets=buckets, registry=self.registry)


class CallWatcher(Watcher):
    """What the engine tells of a call, as metrics."""

    def __init__(self, metrics: Metrics) -> None:
        self.metrics = metrics

    def stage(self, name: str, seconds: float) -> None:
        """The time of one stage."""
        self.metrics.observe_stage(name, seconds)

    def block(self, ledger: Ledger) -> None:
        """What was found in one block."""
        self.metrics.findings.add(ledger)
