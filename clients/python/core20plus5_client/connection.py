"""One server: the channel to it, short questions, and what it has said of itself."""

import time
from collections.abc import Sequence
from typing import Any

import grpc

from core20plus5_client.calls import Deadline
from core20plus5_client.descriptions import RecordDescription, Ruleset, ServerInfo
from core20plus5_client.errors import RequestError
from core20plus5_client.faults import error_of
from core20plus5_client.messages import read_record, read_ruleset, read_server_info
from core20plus5_proto.large import reader, to_bytes
from core20plus5_proto.v1 import service_pb2 as service
from core20plus5_proto.v1.service_pb2_grpc import CohortServiceStub

_MIB = 1 << 20

_OPTIONS: tuple[tuple[str, Any], ...] = (
    ("grpc.max_receive_message_length", 64 * _MIB),
    ("grpc.enable_retries", 0),  # gRPC's retries do not protect a stream of records, and would hold it in memory
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    # A server that was started anew is found soon: how long to wait between two calls is this client's to say.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.primary_user_agent", "core20plus5-python"),
)

_SERVICE = service.DESCRIPTOR.services_by_name["CohortService"].full_name

#: How long a client goes by what a server said of itself.
_KEPT_SECONDS = 10.0

_STUB: Any = CohortServiceStub  # generated without types


class Connection:
    """A connection to one server, opened when it is first needed. Several threads may use it."""

    def __init__(self, target: str, credentials: grpc.ChannelCredentials | None, options: Sequence[tuple[str, Any]]) -> None:
        self.target = target
        #: Whether the server has ever answered.
        self.answered = False
        settings = list((dict(_OPTIONS) | dict(options)).items())
        plain = grpc.Compression.NoCompression
        if credentials is None:
            self.channel = grpc.insecure_channel(target, settings, plain)
        else:
            self.channel = grpc.secure_channel(target, credentials, settings, plain)
        self._stub: Any = _STUB(self.channel)
        #: The methods that take records, by name.
        self.streams: dict[str, Any] = {}
        self._few: Any = None
        self._told: dict[str, tuple[float, tuple[Ruleset, RecordDescription, ServerInfo]]] = {}

    def close(self) -> None:
        """Close the connection. Calls that are under way are cancelled."""
        self._stub = None
        self.channel.close()

    def ask(self, method: str, request: Any, until: Deadline) -> Any:
        """The reply to a question without records."""
        return self._result(self._asked(method, request, until))

    def streaming(self, method: str) -> Any:
        """A method that takes records: its messages may be bytes already, and records that come back are not copied."""
        self._check_open()
        if method not in self.streams:
            reads = reader(getattr(service, f"{method}Response"))
            self.streams[method] = self.channel.stream_stream(f"/{_SERVICE}/{method}", to_bytes, reads)
        return self.streams[method]

    def few(self, request: bytes, until: Deadline) -> service.FlagFewResponse:
        """The flags of a few people, in one message."""
        self._check_open()
        if self._few is None:
            self._few = self.channel.unary_unary(f"/{_SERVICE}/FlagFew", to_bytes, service.FlagFewResponse.FromString)
        try:
            response: service.FlagFewResponse = self._few(request, timeout=until.left())
        except grpc.RpcError as error:
            raise error_of(error, self.target) from None
        return response

    def known(self, name: str, until: Deadline) -> tuple[Ruleset, RecordDescription, ServerInfo]:
        """What the server says of a ruleset, the record and itself; asked again after a while, since a server may change."""
        kept = self._told.get(name)
        if kept is None or kept[0] < time.monotonic():
            requests = {
                "GetRuleset": service.GetRulesetRequest(name=name),
                "DescribeRecord": service.DescribeRecordRequest(),
                "GetServerInfo": service.GetServerInfoRequest(),
            }
            asked = [self._asked(method, request, until) for method, request in requests.items()]
            found = [self._result(answer) for answer in asked]
            told = read_ruleset(found[0].ruleset), read_record(found[1]), read_server_info(found[2])
            self._told[name] = kept = (time.monotonic() + _KEPT_SECONDS, told)
        return kept[1]

    def _asked(self, method: str, request: Any, until: Deadline) -> Any:
        self._check_open()
        return getattr(self._stub, method).future(request, timeout=until.left())

    def _result(self, asked: Any) -> Any:
        try:
            result = asked.result()
        except grpc.RpcError as error:
            raise error_of(error, self.target) from None
        self.answered = True
        return result

    def _check_open(self) -> None:
        if self._stub is None:
            raise RequestError("this client is closed")
