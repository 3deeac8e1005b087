"""What operators see. Names of the gRPC metrics are those of go-grpc-middleware, which public dashboards expect.

No label holds anything that a caller sends: the values of every label are known when the server starts.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

STAGES = ("receive", "ingest", "flag", "count", "release", "encode")
_CALL = ("grpc_type", "grpc_service", "grpc_method")
_STREAM_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)
_STAGE_SECONDS = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1)


class Metrics:
    """The metrics of one server, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        counter, gauge, histogram = self._counter, self._gauge, self._histogram
        self.started = counter("grpc_server_started", "Calls started.", _CALL)
        self.handled = counter("grpc_server_handled", "Calls ended, by status.", (*_CALL, "grpc_code"))
        self.received = counter("grpc_server_msg_received", "Messages received.", _CALL)
        self.sent = counter("grpc_server_msg_sent", "Messages sent.", _CALL)
        self.seconds = histogram("grpc_server_handling_seconds", "Seconds from start to end of a call.", _CALL, _STREAM_SECONDS)
        self.rows_received = counter("core20plus5_rows_received", "Rows received.")
        self.rows_counted = counter("core20plus5_rows_counted", "Rows counted or flagged in calls that were answered.")
        self.batches = counter("core20plus5_batches_received", "Batches received.")
        self.bytes = counter("core20plus5_bytes_received", "Bytes of batches received.")
        self.streams = gauge("core20plus5_streams_in_flight", "Calls with records under way.")
        self.refused = counter("core20plus5_calls_refused", "Calls refused because the server was full.")
        self.imbalance = counter("core20plus5_ledger_imbalance", "Calls whose rows received were not all counted or excluded.")
        self.stage_seconds = histogram(
            "core20plus5_stage_seconds", "Seconds of work on one block of rows, by stage.", ("stage",), _STAGE_SECONDS
        )
        self.warm_up_seconds = gauge("core20plus5_warm_up_seconds", "Seconds that compiling the kernels took at start.")
        self.build_info = gauge("core20plus5_build_info", "Always 1.", ("version", "ruleset", "ruleset_sha256"))
        for stage in STAGES:
            self.stage_seconds.labels(stage)

    def observe_stage(self, stage: str, seconds: float) -> None:
        """Take the time of one stage of one block."""
        self.stage_seconds.labels(stage).observe(seconds)

    def _counter(self, name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, labels: tuple[str, ...] = ()) -> Gauge:
        return Gauge(name, text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, labels: tuple[str, ...], buckets: tuple[float, ...]) -> Histogram:
        return Histogram(name, text, labels, buckets=buckets, registry=self.registry)
