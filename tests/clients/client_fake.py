"""A server of the wire without an engine: it checks every rule of the stream, and answers as a test tells it to."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import google_crc32c
import grpc
import pyarrow as pa

from core20plus5_proto.v1 import answers_pb2 as answers
from core20plus5_proto.v1 import questions_pb2 as questions
from core20plus5_proto.v1 import records_pb2 as records
from core20plus5_proto.v1 import rulesets_pb2 as rulesets
from core20plus5_proto.v1 import service_pb2 as service
from core20plus5_proto.v1 import service_pb2_grpc as service_grpc

SUMMARY = rulesets.RulesetSummary(name="core20plus5-adults", version="2025.1", title="Adults", sha256="ab" * 32)

_IMD = ("imd_rank", "imd_rank_2019", "imd_rank_2025", "imd_decile", "imd_decile_2019", "imd_decile_2025")

RECORD = (
    *("person_id", "birth_date", "age_years", "sex", "ethnic_category", "lsoa_code", *_IMD, "no_imd_reason"),
    *("practice_code", "death_date", "learning_disability", "ltc_count", "bp_date", "bp_systolic"),
    *("cancer_dx_latest", "cancer_stage"),
)

_NOT_OF_THE_RULES = {"person_id", "practice_code", "lsoa_code", "no_imd_reason", *_IMD}

PAIRS = {"bp_systolic": "bp_date", "cancer_stage": "cancer_dx_latest"}


def record() -> service.DescribeRecordResponse:
    """A small record."""
    columns = [records.RecordColumn(name=name, type="any", paired_with=PAIRS.get(name)) for name in RECORD]
    age = ("birth_date", "age_years")
    reads = {"ethnic_group": ("ethnic_category",), **dict.fromkeys(("age_band_5y", "age_band_10y", "age_band_broad"), age)}
    strata = [records.DerivedStratum(name=name, reads=read) for name, read in reads.items()]
    return service.DescribeRecordResponse(columns=columns, local_group_prefix="plus_", derived_strata=strata)


def ruleset() -> rulesets.Ruleset:
    """A small ruleset."""

    def indicator(name: str, kind: str, *columns: str) -> rulesets.IndicatorDefinition:
        texts = {"name": name, "title": name, "kind": kind, "source": "here", "where": "yes"}
        return rulesets.IndicatorDefinition(**texts, columns=columns)

    def parameter(name: str, unit: str, **value: Any) -> rulesets.Parameter:
        return rulesets.Parameter(name=name, value=questions.ParameterValue(**value), unit=unit, since="2021-11-01")

    return rulesets.Ruleset(
        summary=SUMMARY,
        source="here",
        parameters=[
            parameter("zeta", "years", whole=18),
            parameter("alpha", "mmol/L", number=2.5),
            parameter("start", "month-day", month_day="09-01"),
        ],
        definitions={"is_dead": "recorded(death_date)", "unused": "recorded(sex)"},
        exclusions=[
            rulesets.Rule(reason="died", where="is_dead", columns=["death_date"]),
            rulesets.Rule(reason="too_old", where="age >= 120", columns=["birth_date", "age_years"]),
        ],
        checks=[rulesets.Rule(reason="odd", where="bp_systolic < 50", column="bp_systolic", columns=["bp_systolic"])],
        indicators=[
            indicator("everyone", "cohort"),
            indicator("core20", "cohort"),
            indicator("ethnic_minority", "cohort, PLUS", "ethnic_category"),
            indicator("learning_disability", "cohort, PLUS", "learning_disability"),
            indicator("hypertension", "measure", "bp_date", "bp_systolic"),
            indicator("cancer_staged", "measure", "cancer_dx_latest", "cancer_stage"),
        ],
        columns=[name for name in RECORD if name not in _NOT_OF_THE_RULES],
    )


def info(**changes: Any) -> service.GetServerInfoResponse:
    """Limits that are small enough for tests."""
    limits = {"max_message_bytes": 100_000, "recommended_message_bytes": 20_000, "max_batch_rows": 5_000}
    return service.GetServerInfoResponse(**{"server_version": "test", "engine_version": "test"} | limits | changes)


def provenance(question: questions.Question, **more: Any) -> answers.Provenance:
    """What a server would echo."""
    return answers.Provenance(
        reference_date=question.reference_date,
        imd_version=question.imd_version,
        ruleset=SUMMARY.name,
        ruleset_version=SUMMARY.version,
        ruleset_sha256=SUMMARY.sha256,
        parameters={parameter.name: parameter.value for parameter in ruleset().parameters},
        **more,
    )


def batch_message(batch: pa.RecordBatch, start_offset: int = 0) -> records.ArrowBatch:
    """A batch as a server sends it."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    content = sink.getvalue().to_pybytes()
    crc32c = google_crc32c.value(content)
    return records.ArrowBatch(row_count=batch.num_rows, start_offset=start_offset, crc32c=crc32c, ipc_stream=content)


def counts_batch(rows: int = 2) -> pa.RecordBatch:
    """Something like counts."""
    return pa.record_batch({"cohort": pa.array(["everyone"] * rows), "yes": pa.array(range(rows), pa.int64())})


def flags_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Something like flags: nobody is excluded."""
    excluded = pa.nulls(batch.num_rows, pa.string()).dictionary_encode().cast(pa.dictionary(pa.int8(), pa.string()))
    columns = {"person_id": batch.column("person_id")} if "person_id" in batch.schema.names else {}
    return pa.record_batch(columns | {"excluded": excluded, "everyone": excluded})


def ledger(rows: int, **changes: int) -> answers.Ledger:
    """Everyone was counted."""
    excluded = [answers.ExcludedRows(reason="died", rows=0), answers.ExcludedRows(reason="too_old", rows=0)]
    return answers.Ledger(**{"rows_received": rows, "rows_counted": rows} | changes, excluded=excluded)


@dataclass
class Seen:
    """One call, as far as it has come. problems: what was against the rules of the stream."""

    begin: Any = None
    batches: list[pa.RecordBatch] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    rows: int = 0
    ended: bool = False
    over: bool = False
    problems: list[str] = field(default_factory=list)

    def take(self, request: Any) -> None:
        """One message."""
        kind = request.WhichOneof("message")
        self._expect(not self.ended, "a message after End")
        self._expect((kind == "begin") is (self.begin is None), f"{kind} out of order")
        if kind == "begin":
            self.begin = request.begin
        elif kind == "batch":
            self.sizes.append(request.ByteSize())
            self._batch(request.batch)
        else:
            totals = (request.end.total_rows, request.end.total_batches)
            self._expect(totals == (self.rows, len(self.batches)), "totals of End")
            self.ended = True

    def _batch(self, message: records.ArrowBatch) -> None:
        content = message.ipc_stream
        self._expect(message.HasField("crc32c") and google_crc32c.value(content) == message.crc32c, "checksum")
        self._expect(message.start_offset == self.rows, "start_offset")
        with pa.ipc.open_stream(content) as reader:
            found = list(reader)
        self._expect(len(found) == 1, "more or fewer than one batch")
        batch = found[0]
        batch.validate(full=True)
        self._expect(batch.num_rows == message.row_count, "row_count")
        self._expect(batch.schema.metadata is None, "metadata")
        for array in batch.columns:
            long = pa.types.is_dictionary(array.type) and len(array.dictionary) > max(1, len(array))
            self._expect(not long, "a dictionary longer than its rows")
        self.rows += batch.num_rows
        self.batches.append(batch)

    def _expect(self, condition: bool, problem: str) -> None:
        if not condition:
            self.problems.append(problem)

    @property
    def table(self) -> pa.Table:
        """Everything received, without dictionaries."""
        return pa.concat_tables(pa.Table.from_batches([_decoded(batch)]) for batch in self.batches).combine_chunks()


def _decoded(batch: pa.RecordBatch) -> pa.RecordBatch:
    plain = [array.dictionary_decode() if pa.types.is_dictionary(array.type) else array for array in batch.columns]
    return pa.RecordBatch.from_arrays(plain, names=batch.schema.names)


Script = Callable[["FakeServer", Seen, Iterator[Any], Any], Iterator[Any]]


def answer_count(fake: "FakeServer", seen: Seen, requests: Iterator[Any], context: Any) -> Iterator[Any]:
    """Take everything, then answer as a good server does."""
    for request in requests:
        seen.take(request)
    if not seen.ended:
        return
    Response = service.CountCohortsResponse  # noqa: N806
    found = counts_batch()
    yield Response(header=service.CountHeader(provenance=provenance(seen.begin.question, strata=seen.begin.strata)))
    yield Response(batch=batch_message(found))
    sent = records.End(total_rows=found.num_rows, total_batches=1)
    yield Response(end=service.CountEnd(sent=sent, ledger=ledger(seen.rows)))


def answer_flags(fake: "FakeServer", seen: Seen, requests: Iterator[Any], context: Any) -> Iterator[Any]:
    """Answer each batch when it has come, as a good server does."""
    Response = service.FlagPatientsResponse  # noqa: N806
    rows = 0
    for request in requests:
        seen.take(request)
        if len(seen.batches) == 1 and request.HasField("batch"):
            yield Response(header=service.FlagHeader(provenance=provenance(seen.begin.question)))
        if request.HasField("batch"):
            yield Response(batch=batch_message(flags_batch(seen.batches[-1]), rows))
            rows = seen.rows
    if not seen.ended:
        return
    sent = records.End(total_rows=rows, total_batches=len(seen.batches))
    yield Response(end=service.FlagEnd(sent=sent, ledger=ledger(seen.rows)))


class FakeServer(service_grpc.CohortServiceServicer):
    """Set `count`, `flag` or one of the messages to make it answer otherwise. calls: what came, call by call."""

    def __init__(self) -> None:
        self.count: Script = answer_count
        self.flag: Script = answer_flags
        self.info, self.record, self.ruleset = info(), record(), ruleset()
        self.calls: list[Seen] = []
        self.target = ""

    @property
    def seen(self) -> Seen:
        """The latest call."""
        return self.calls[-1]

    def CountCohorts(self, request_iterator: Iterator[Any], context: Any) -> Iterator[Any]:  # noqa: N802
        return self._answer(self.count, request_iterator, context)

    def FlagPatients(self, request_iterator: Iterator[Any], context: Any) -> Iterator[Any]:  # noqa: N802
        return self._answer(self.flag, request_iterator, context)

    def _answer(self, script: Script, requests: Iterator[Any], context: Any) -> Iterator[Any]:
        seen = Seen()
        self.calls.append(seen)
        if not context.add_callback(lambda: setattr(seen, "over", True)):
            seen.over = True  # the caller went before the handler began: nobody calls back then
        return script(self, seen, requests, context)

    def GetServerInfo(self, request: Any, context: Any) -> service.GetServerInfoResponse:  # noqa: N802
        return self.info

    def GetRuleset(self, request: Any, context: Any) -> service.GetRulesetResponse:  # noqa: N802
        return service.GetRulesetResponse(ruleset=self.ruleset)

    def ListRulesets(self, request: Any, context: Any) -> service.ListRulesetsResponse:  # noqa: N802
        return service.ListRulesetsResponse(rulesets=[self.ruleset.summary])

    def DescribeRecord(self, request: Any, context: Any) -> service.DescribeRecordResponse:  # noqa: N802
        return self.record


@contextmanager
def fake_server() -> Iterator[FakeServer]:
    """A fake server on a real socket."""
    fake = FakeServer()
    with ThreadPoolExecutor(8) as pool:
        server = grpc.server(pool, options=[("grpc.max_receive_message_length", 1 << 20)])
        service_grpc.add_CohortServiceServicer_to_server(fake, server)
        fake.target = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        server.start()
        try:
            yield fake
        finally:
            server.stop(0).wait()
