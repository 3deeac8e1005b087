"""The panels of the dashboard, in the order in which an operator looks: is it well, how much, how fast, how full, what with."""

from dataclasses import dataclass

HERE = 'job="$job", instance=~"$instance"'
CALLS = f'{HERE}, grpc_service="core20plus5.v1.CohortService", grpc_method=~"CountCohorts|FlagPatients|FlagFew"'
RATE = "$__rate_interval"


@dataclass(frozen=True)
class Query:
    """A PromQL expression, and how its series are called in the legend."""

    expr: str
    legend: str


@dataclass(frozen=True)
class Panel:
    """kind: stat, timeseries or table. limits: from where on a value is a warning, and from where on it is bad."""

    title: str
    text: str
    queries: tuple[Query, ...]
    unit: str = "short"
    kind: str = "timeseries"
    width: int = 8
    limits: tuple[float, float] | None = None
    stacked: bool = False


def _rate(metric: str, labels: str = HERE) -> str:
    return f"rate({metric}{{{labels}}}[{RATE}])"


def _quantiles(metric: str, labels: str) -> tuple[Query, ...]:
    return tuple(
        Query(f"histogram_quantile({share}, sum by (le) ({_rate(f'{metric}_bucket', labels)}))", f"{round(100 * share)} %")
        for share in (0.5, 0.95, 0.99)
    )


#: Through our fault; see the objectives in ../prometheus/rules.yml.
_FAILED = f'{CALLS}, grpc_code=~"Unknown|DeadlineExceeded|Internal|Unavailable"'
_FULL = f'{HERE}, reason="server_busy"'
_BAD = f"(sum({_rate('grpc_server_handled_total', _FAILED)}) + sum({_rate('core20plus5_admission_refused_total', _FULL)}))"

GLANCE = (
    Panel("Instances", "Instances that answer.", (Query('sum(up{job="$job"})', "up"),), kind="stat", width=3),
    Panel(
        "Rows a second",
        "Rows received.",
        (Query(f"sum({_rate('core20plus5_rows_received_total')})", "rows"),),
        "short",
        "stat",
        4,
    ),
    Panel(
        "Calls with records",
        "Calls ended, a second.",
        (Query(f"sum({_rate('grpc_server_handled_total', CALLS)})", "calls"),),
        "reqps",
        "stat",
        4,
    ),
    Panel(
        "Bad calls",
        "Share of calls that fail through our fault or are refused for want of room. Objective: 0.5 % in 30 days.",
        (Query(f"{_BAD} / sum({_rate('grpc_server_handled_total', CALLS)})", "bad"),),
        "percentunit",
        "stat",
        4,
        (0.005, 0.07),
    ),
    Panel(
        "A million rows",
        "Seconds that 95 % of the calls take at most, waiting for clients left out. Objective: 10 s for 99 %.",
        (_quantiles("core20plus5_seconds_per_million_rows", HERE)[1],),
        "s",
        "stat",
        3,
        (5, 10),
    ),
    Panel(
        "Places taken",
        "Calls under way, of those that are taken at once, on the fullest instance.",
        (Query(f"max(core20plus5_streams_in_flight{{{HERE}}} / core20plus5_streams_limit{{{HERE}}})", "taken"),),
        "percentunit",
        "stat",
        3,
        (0.7, 0.9),
    ),
    Panel(
        "Rows lost",
        "Ledger: rows sent but not counted and excluded once each, in the last hour. Anything but 0 is a defect.",
        (Query(f"sum(increase(core20plus5_ledger_imbalance_total{{{HERE}}}[1h]))", "rows"),),
        "short",
        "stat",
        3,
        (0.5, 0.5),
    ),
)

RATES = (
    Panel(
        "Rows a second",
        "Counted and excluded rows are those of answered calls, in whole thousands: nobody is to be found by two scrapes.",
        tuple(Query(f"sum({_rate(f'core20plus5_rows_{what}_total')})", what) for what in ("received", "counted", "excluded")),
        "short",
    ),
    Panel(
        "Calls by status",
        "Calls with records ended, a second, by method and status.",
        (
            Query(
                f"sum by (grpc_method, grpc_code) ({_rate('grpc_server_handled_total', CALLS)}) > 0",
                "{{grpc_method}} {{grpc_code}}",
            ),
        ),
        "reqps",
        stacked=True,
    ),
    Panel(
        "Error budget burnt",
        "How many times as fast as allowed the budget of 30 days burns, over the last hour.",
        (
            Query('slo:sli_error:ratio_rate1h{job="$job", sloth_id="core20plus5-availability"} / 0.005', "availability"),
            Query('slo:sli_error:ratio_rate1h{job="$job", sloth_id="core20plus5-latency"} / 0.01', "latency"),
        ),
        "short",
        limits=(1, 14.4),
    ),
    Panel(
        "Batches by outcome",
        "Refused: out of order, damaged or over a limit. Unreadable: no plain Arrow.",
        (Query(f"sum by (outcome) ({_rate('core20plus5_batches_total')})", "{{outcome}}"),),
        "short",
        stacked=True,
    ),
    Panel(
        "Refusals",
        "Calls refused, a second.",
        (Query(f"sum by (reason) ({_rate('core20plus5_admission_refused_total')})", "{{reason}}"),),
        "reqps",
    ),
    Panel(
        "Bytes received",
        "Bytes of batches, a second.",
        (Query(f"sum by (instance) ({_rate('core20plus5_bytes_received_total')})", "{{instance}}"),),
        "Bps",
    ),
)

DURATIONS = (
    Panel(
        "Seconds of a call",
        "From its start to its end, whoever was waited for.",
        _quantiles("grpc_server_handling_seconds", CALLS),
        "s",
    ),
    Panel(
        "Seconds for a million rows",
        "Of answered calls of 50,000 rows or more, waiting for clients left out.",
        _quantiles("core20plus5_seconds_per_million_rows", HERE),
        "s",
        limits=(5, 10),
    ),
    Panel(
        "Where the time goes",
        "Seconds of work a second, by stage; 1 is one thread.",
        (Query(f"sum by (stage) ({_rate('core20plus5_stage_seconds_sum')})", "{{stage}}"),),
        "short",
        stacked=True,
    ),
)

SATURATION = (
    Panel(
        "Calls under way",
        "And how many are taken at once.",
        (
            Query(f"sum by (instance) (core20plus5_streams_in_flight{{{HERE}}})", "{{instance}}"),
            Query(f"sum(core20plus5_streams_limit{{{HERE}}})", "limit"),
        ),
    ),
    Panel(
        "Waiting blocks",
        "Calls and blocks of rows that wait for their turn to be worked on.",
        (Query(f"sum by (instance) (core20plus5_queue_depth{{{HERE}}})", "{{instance}}"),),
    ),
    Panel(
        "Bytes in flight",
        "Batches received that wait for the thread of their call.",
        (Query(f"sum by (instance) (core20plus5_bytes_in_flight{{{HERE}}})", "{{instance}}"),),
        "bytes",
    ),
    Panel(
        "Processor",
        "Processors in use.",
        (Query(f"sum by (instance) ({_rate('process_cpu_seconds_total')})", "{{instance}}"),),
        "short",
    ),
    Panel(
        "Memory", "Resident.", (Query(f"sum by (instance) (process_resident_memory_bytes{{{HERE}}})", "{{instance}}"),), "bytes"
    ),
    Panel(
        "Open files",
        "Of those that the process may open.",
        (Query(f"max(process_open_fds{{{HERE}}} / process_max_fds{{{HERE}}})", "used"),),
        "percentunit",
    ),
)

ANSWERS = (
    Panel(
        "What is wrong with the records",
        "Blocks of a thousand rows or more with values that could not be used, an hour; the ten commonest.",
        (
            Query(
                f"topk(10, sum by (column, reason) (increase(core20plus5_batches_with_findings_total{{{HERE}}}[1h])) > 0)",
                "{{column}} {{reason}}",
            ),
        ),
        width=12,
    ),
    Panel(
        "What answers",
        "Instances by version, ruleset and IMD table: all should have the same.",
        (
            Query('count by (version) (core20plus5_build_info{job="$job"})', "version {{version}}"),
            Query('count by (ruleset, version, sha256) (core20plus5_ruleset_info{job="$job"})', "ruleset"),
            Query('count by (version, lsoa_vintage, sha256) (core20plus5_imd_table_info{job="$job"})', "IMD table"),
        ),
        kind="table",
        width=12,
    ),
    Panel(
        "Seconds of compiling",
        "At the start of each instance: about one with a warm cache.",
        (Query(f"max by (instance) (core20plus5_compile_seconds{{{HERE}}})", "{{instance}}"),),
        "s",
        width=12,
    ),
    Panel(
        "Messages a second",
        "Received and sent, by method.",
        (
            Query(f"sum by (grpc_method) ({_rate('grpc_server_msg_received_total', CALLS)})", "{{grpc_method}} received"),
            Query(f"sum by (grpc_method) ({_rate('grpc_server_msg_sent_total', CALLS)})", "{{grpc_method}} sent"),
        ),
        "short",
        width=12,
    ),
)

ROWS: tuple[tuple[str, tuple[Panel, ...]], ...] = (
    ("At a glance", GLANCE),
    ("Rates and errors", RATES),
    ("Durations", DURATIONS),
    ("Saturation", SATURATION),
    ("Answers", ANSWERS),
)
