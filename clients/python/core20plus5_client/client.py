"""The client: one server, asked as the embedded engine would be."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import date
from typing import Any

import grpc
import pyarrow as pa

from core20plus5_client.calls import Deadline, send_and_read, send_then_read
from core20plus5_client.columns import check_imd_table, check_names, columns_to_send
from core20plus5_client.cutting import Limits
from core20plus5_client.descriptions import ParameterValue, RecordDescription, Ruleset, RulesetSummary, ServerInfo
from core20plus5_client.errors import RequestError
from core20plus5_client.faults import error_of
from core20plus5_client.flags import FlagStream
from core20plus5_client.messages import read_record, read_ruleset, read_server_info, read_summary
from core20plus5_client.question import make_count_begin, make_question
from core20plus5_client.reply import Reply, ledger_of
from core20plus5_client.result import Asker, CohortResult, indicators_table, quality_table
from core20plus5_client.sending import Sender
from core20plus5_client.sources import Source, open_source
from core20plus5_proto.large import reader, to_bytes
from core20plus5_proto.v1 import questions_pb2 as questions
from core20plus5_proto.v1 import service_pb2 as service
from core20plus5_proto.v1.service_pb2_grpc import CohortServiceStub

DEFAULT_RULESET = "core20plus5-adults"

_MIB = 1 << 20

_OPTIONS: tuple[tuple[str, Any], ...] = (
    ("grpc.max_receive_message_length", 64 * _MIB),
    ("grpc.enable_retries", 0),  # gRPC's retries do not protect a stream of records, and would hold it in memory
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.primary_user_agent", "core20plus5-python"),
)

_SERVICE = service.DESCRIPTOR.services_by_name["CohortService"].full_name

#: How long a client goes by what a server said of itself.
_KEPT_SECONDS = 10.0

_STUB: Any = CohortServiceStub  # generated without types


class Client:
    """A connection to one server, opened when it is first needed. Use it as a context manager, or `close` it.

    Every method may raise ServerUnavailableError, DeadlineError, ServerBusyError, LimitError, PermissionDeniedError,
    ServerFaultError or IncompleteReplyError besides what it says itself. No message holds a value of a record.
    """

    def __init__(
        self,
        target: str,
        *,
        deadline: float | None = 600.0,
        credentials: grpc.ChannelCredentials | None = None,
        options: Sequence[tuple[str, Any]] = (),
    ) -> None:
        """target: "HOST:PORT", or any name that gRPC knows. credentials: TLS; without them nothing is encrypted.

        deadline: seconds that a call may take, from its start to its last answer; None is no limit. options: of gRPC
        channels, over those of this client.
        """
        self.target = target
        self._deadline = deadline
        settings = list((dict(_OPTIONS) | dict(options)).items())
        plain = grpc.Compression.NoCompression
        if credentials is None:
            self._channel = grpc.insecure_channel(target, settings, plain)
        else:
            self._channel = grpc.secure_channel(target, credentials, settings, plain)
        self._stub: Any = _STUB(self._channel)
        self._streams: dict[str, Any] = {}
        self._told: dict[str, tuple[float, tuple[Ruleset, RecordDescription, ServerInfo]]] = {}

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection. Calls that are under way are cancelled."""
        self._stub = None
        self._channel.close()

    def count_cohorts(
        self,
        batches: Any,
        *,
        reference_date: date,
        imd_version: str,
        strata: Sequence[str] = (),
        plus_groups: Sequence[str] | str = (),
        ruleset: str = DEFAULT_RULESET,
        disclosure: str = "hes",
        cohorts: Sequence[str] | None = None,
        indicators: Sequence[str] | None = None,
        imd_from: str | None = None,
        null_means_no: Sequence[str] = (),
        parameters: Mapping[str, ParameterValue] | None = None,
        allow_later_facts: bool = False,
        completeness: bool = False,
        inequality: bool | None = None,
        deadline: float | None = None,
        on_progress: Callable[[int], None] | None = None,
    ) -> CohortResult:
        """Count people by stratum, cohort, cohort answer and indicator.

        batches: anything Arrow (Table, RecordBatch, RecordBatchReader, iterable of batches, dataset,
        `__arrow_c_stream__`), one row per person with the columns of the record, facts as at the reference date. It is
        read in this thread, a little at a time, and only the columns that the answer needs are sent.
        The other arguments are those of `core20plus5.count_cohorts`; the IMD table is the server's. inequality: whether the
        server works out `result.inequality`; None is where the counts have at most 100,000 rows. deadline: seconds, instead
        of the client's. on_progress: called in this thread with the number of rows sent so far.

        Raises RequestError, DataError, ImdTableError or RulesetError, and what reading `batches` raises.
        """
        until = self._until(deadline)
        question = make_question(
            reference_date=reference_date,
            imd_version=imd_version,
            plus_groups=plus_groups,
            ruleset=ruleset,
            indicators=indicators,
            imd_from=imd_from,
            null_means_no=null_means_no,
            parameters=parameters,
            allow_later_facts=allow_later_facts,
        )
        begin = make_count_begin(
            question,
            strata=strata,
            cohorts=cohorts,
            disclosure=disclosure,
            inequality=inequality,
            completeness=completeness,
        )
        return self._counted(batches, begin, until, on_progress)

    def _counted(
        self, batches: Any, begin: service.CountBegin, until: Deadline, on_progress: Callable[[int], None] | None
    ) -> CohortResult:
        """Send what a question about counts needs, and put the reply together."""
        source, asker, limits = self._prepare(batches, begin.question, until)
        named = begin.cohorts if begin.HasField("cohorts") else None
        columns = columns_to_send(
            source.names,
            begin.question,
            asker.ruleset,
            asker.record,
            strata=begin.strata,
            cohorts=named,
            completeness=begin.completeness,
            counting=True,
        )
        sender = Sender(source, columns, limits, on_progress)
        messages = sender.messages(service.CountCohortsRequest)
        start = service.CountCohortsRequest(begin=begin)
        reply = Reply()
        with closing(send_then_read(self._streaming("CountCohorts"), start, messages, until, self.target)) as replies:
            found = [batch for batch in map(reply.take, replies) if batch is not None]
        reply.check(sender)
        return _result(reply, found, asker)

    def flag_patients(
        self,
        batches: Any,
        *,
        reference_date: date,
        imd_version: str,
        plus_groups: Sequence[str] | str = (),
        ruleset: str = DEFAULT_RULESET,
        indicators: Sequence[str] | None = None,
        imd_from: str | None = None,
        null_means_no: Sequence[str] = (),
        parameters: Mapping[str, ParameterValue] | None = None,
        allow_later_facts: bool = False,
        deadline: float | None = None,
    ) -> FlagStream:
        """The answer of each indicator for each person, as an iterator of record batches in the order of the rows.

        Columns and arguments are those of `core20plus5.flag_patients`; the IMD table is the server's. `batches` is read
        while flags are taken: at first in this thread, then in another one. The deadline is for the whole stream, what
        is done between two batches included. Errors are as in `count_cohorts`; those about the records as a whole are
        raised after the last batch.
        """
        until = self._until(deadline)
        question = make_question(
            reference_date=reference_date,
            imd_version=imd_version,
            plus_groups=plus_groups,
            ruleset=ruleset,
            indicators=indicators,
            imd_from=imd_from,
            null_means_no=null_means_no,
            parameters=parameters,
            allow_later_facts=allow_later_facts,
        )
        source, asker, limits = self._prepare(batches, question, until)
        columns = columns_to_send(source.names, question, asker.ruleset, asker.record, counting=False)
        sender = Sender(source, columns, limits)
        messages = sender.messages(service.FlagPatientsRequest)
        start = service.FlagPatientsRequest(begin=service.FlagBegin(question=question))
        replies = send_and_read(self._streaming("FlagPatients"), start, messages, until, self.target)
        person_id = source.schema.field("person_id") if source.schema is not None and "person_id" in columns else None
        return FlagStream(replies, asker, sender, person_id)

    def server_info(self) -> ServerInfo:
        """Versions, limits, disclosure policies, IMD tables and rulesets of the server."""
        return read_server_info(self._answer("GetServerInfo", service.GetServerInfoRequest()))

    def list_rulesets(self) -> list[RulesetSummary]:
        """The rulesets that the server has, the newest version of each name first."""
        return [read_summary(entry) for entry in self._answer("ListRulesets", service.ListRulesetsRequest()).rulesets]

    def get_ruleset(self, name: str = DEFAULT_RULESET) -> Ruleset:
        """One whole ruleset, by name or name@version. Raises RulesetError where the server has none of this name."""
        return read_ruleset(self._answer("GetRuleset", service.GetRulesetRequest(name=name)).ruleset)

    def describe_record(self) -> RecordDescription:
        """The columns that a record may have."""
        return read_record(self._answer("DescribeRecord", service.DescribeRecordRequest()))

    @property
    def _open(self) -> Any:
        if self._stub is None:
            raise RequestError("this client is closed")
        return self._stub

    def _until(self, deadline: float | None) -> Deadline:
        return Deadline(self._deadline if deadline is None else deadline)

    def _answer(self, method: str, request: Any) -> Any:
        return self._result(self._ask(method, request, self._until(None)))

    def _ask(self, method: str, request: Any, until: Deadline) -> Any:
        return getattr(self._open, method).future(request, timeout=until.left())

    def _result(self, asked: Any) -> Any:
        try:
            return asked.result()
        except grpc.RpcError as error:
            raise error_of(error, self.target) from None

    def _streaming(self, method: str) -> Any:
        """A method that takes records: its messages may be bytes already, and records that come back are not copied."""
        if self._stub is None:
            raise RequestError("this client is closed")
        if method not in self._streams:
            reads = reader(getattr(service, f"{method}Response"))
            self._streams[method] = self._channel.stream_stream(f"/{_SERVICE}/{method}", to_bytes, reads)
        return self._streams[method]

    def _prepare(self, batches: Any, question: questions.Question, until: Deadline) -> tuple[Source, Asker, Limits]:
        """What must be known before records are sent. Ties the question to the version of the ruleset found."""
        source = open_source(batches)
        check_names(source.names)
        ruleset, record, info = self._known(question.ruleset, until)
        check_imd_table(source.names, question, record, [table.version for table in info.imd_tables])
        question.ruleset = f"{ruleset.summary.name}@{ruleset.summary.version}"
        return source, Asker(tuple(source.names), ruleset, record), limits_of(info)

    def _known(self, name: str, until: Deadline) -> tuple[Ruleset, RecordDescription, ServerInfo]:
        """What the server says of a ruleset, the record and itself; asked again after a while, since a server may change."""
        kept = self._told.get(name)
        if kept is None or kept[0] < time.monotonic():
            requests = {
                "GetRuleset": service.GetRulesetRequest(name=name),
                "DescribeRecord": service.DescribeRecordRequest(),
                "GetServerInfo": service.GetServerInfoRequest(),
            }
            asked = [self._ask(method, request, until) for method, request in requests.items()]
            found = [self._result(answer) for answer in asked]
            told = read_ruleset(found[0].ruleset), read_record(found[1]), read_server_info(found[2])
            self._told[name] = kept = (time.monotonic() + _KEPT_SECONDS, told)
        return kept[1]


def limits_of(info: ServerInfo) -> Limits:
    """What messages to this server should hold; a limit of 0 is one that it does not state."""
    largest = info.max_message_bytes or 4 * _MIB
    target = min(info.recommended_message_bytes or _MIB, largest)
    return Limits(target_bytes=target, max_bytes=largest, max_rows=info.max_batch_rows or 1_000_000)


def _result(reply: Reply, found: list[pa.RecordBatch], asker: Asker) -> CohortResult:
    header: Any = reply.header
    end: Any = reply.end
    return CohortResult(
        pa.Table.from_batches(found, reply.schema),
        indicators_table(header.indicators),
        quality_table(end.quality),
        asker.provenance(header.provenance, ledger_of(end.ledger)),
        reply.table("completeness"),
        reply.table("inequality"),
    )
