"""The client: one server or several, asked as the embedded engine would be."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import grpc

from core20plus5_client.calls import Deadline
from core20plus5_client.connection import Connection
from core20plus5_client.counting import CountCall, Progress, columns_to_count, prepare
from core20plus5_client.descriptions import ParameterValue, RecordDescription, Ruleset, RulesetSummary, ServerInfo
from core20plus5_client.errors import RequestError
from core20plus5_client.flagging import FlagCall
from core20plus5_client.flags import FlagStream
from core20plus5_client.merging import WholeNeededError
from core20plus5_client.messages import read_record, read_ruleset, read_server_info, read_summary
from core20plus5_client.question import make_count_begin, make_question
from core20plus5_client.result import CohortResult
from core20plus5_client.retries import Retrying, Servers, Stop, addresses_of
from core20plus5_client.sharding import LEAST_ROWS, STREAMS, USUAL_ROWS, ShardedCount, may_be_cut
from core20plus5_client.sources import Rereading, Source, open_source
from core20plus5_proto.v1 import service_pb2 as service

DEFAULT_RULESET = "core20plus5-adults"

#: Tries of one stream of records before its error is raised.
TRIES = 4


class Client:
    """Connections to one server, or to several that answer alike, opened when they are first needed. Use it as a context manager,
    or `close` it.

    Every method may raise ServerUnavailableError, DeadlineError, ServerBusyError, LimitError, PermissionDeniedError,
    ServerFaultError or IncompleteReplyError besides what it says itself. No message holds a value of a record.
    """

    def __init__(
        self,
        target: str | Sequence[str],
        *,
        deadline: float | None = 600.0,
        credentials: grpc.ChannelCredentials | None = None,
        options: Sequence[tuple[str, Any]] = (),
        tries: int = TRIES,
        shard_rows: int | None = None,
        streams: int | None = None,
    ) -> None:
        """target: "HOST:PORT", or any name that gRPC knows; several with commas between them, or as a sequence. credentials: TLS;
        without them nothing is encrypted.

        deadline: seconds that a call may take, from its start to its last answer, every try included; None is no limit. options:
        of gRPC channels, over those of this client.

        tries: how often a stream is sent where servers are busy or lost, each time to another one if there is one, after a wait
        that grows; only records that can be read again are (Table, RecordBatch, dataset, list, data frame). shard_rows: exact
        counts of more rows are asked for in parts of so many, which are added up; None: 500,000 where there are several servers,
        else no parts. streams: parts sent at once; None: two for each server. So many parts, and one more, are held in memory.
        """
        addresses = addresses_of(target)
        self.target = ",".join(addresses)
        self._deadline, self._tries = deadline, max(1, tries)
        if shard_rows is None and len(addresses) > 1:
            shard_rows = USUAL_ROWS
        if shard_rows is not None and shard_rows < LEAST_ROWS:
            raise RequestError(f"shard_rows must be at least {LEAST_ROWS:,}")
        self._shard_rows = shard_rows
        self._at_once = max(1, streams or STREAMS * len(addresses))
        self.servers = Servers([Connection(address, credentials, options) for address in addresses])

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections. Calls that are under way are cancelled."""
        for connection in self.servers.connections:
            connection.close()

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
        on_progress: Progress | None = None,
    ) -> CohortResult:
        """Count people by stratum, cohort, cohort answer and indicator.

        batches: anything Arrow (Table, RecordBatch, RecordBatchReader, iterable of batches, dataset,
        `__arrow_c_stream__`), one row per person with the columns of the record, facts as at the reference date. It is
        read in this thread, a little at a time, and only the columns that the answer needs are sent.
        The other arguments are those of `core20plus5.count_cohorts`; the IMD table is the server's. inequality: whether the
        server works out `result.inequality`; None is where the counts have at most 100,000 rows. deadline: seconds, instead
        of the client's. on_progress: called in this thread with the number of rows sent so far; of parts, answered so far.

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

    def _counted(self, batches: Any, begin: service.CountBegin, until: Deadline, on_progress: Progress | None) -> CohortResult:
        """In parts where that can be right and is wanted, in one stream otherwise."""
        source = open_source(batches)
        if self._shard_rows is not None and source.again and may_be_cut(begin):
            try:
                return self._counted_in_parts(source, begin, until, on_progress)
            except WholeNeededError:
                source = open_source(batches)
        return self._counted_as_one(source, batches, begin, until, on_progress)

    def _counted_in_parts(
        self, source: Source, begin: service.CountBegin, until: Deadline, on_progress: Progress | None
    ) -> CohortResult:
        stop = Stop()
        retrying = Retrying(self.servers, self._tries, until, stop)
        asker, _ = retrying.run(lambda connection: prepare(connection, source, begin.question, until))
        call = CountCall(begin, until, stop.watch)
        sharded = ShardedCount(call, retrying, stop, int(self._shard_rows or USUAL_ROWS), self._at_once)
        return sharded.run(source, columns_to_count(begin, asker), asker, on_progress)

    def _counted_as_one(
        self, source: Source, batches: Any, begin: service.CountBegin, until: Deadline, on_progress: Progress | None
    ) -> CohortResult:
        """One stream, sent again as a whole as long as the records can be read again."""
        records = Rereading(batches, source)

        def ask(connection: Connection) -> CohortResult:
            asker, limits = prepare(connection, records.source, begin.question, until)
            counted = CountCall(begin, until).ask(connection, records.take(), columns_to_count(begin, asker), limits, on_progress)
            return counted.result(asker)

        return Retrying(self.servers, self._tries, until).run(ask, records.can)

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
        return FlagStream(FlagCall(batches, question, Retrying(self.servers, self._tries, until), until))

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

    def _until(self, deadline: float | None) -> Deadline:
        return Deadline(self._deadline if deadline is None else deadline)

    def _answer(self, method: str, request: Any) -> Any:
        until = self._until(None)
        return Retrying(self.servers, self._tries, until).run(lambda connection: connection.ask(method, request, until))
