"""Raw gRPC, without any client around it: what is sent is what a test says, right or wrong."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import google_crc32c
import grpc
import pyarrow as pa
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from core20plus5_proto.v1 import questions_pb2 as questions
from core20plus5_proto.v1 import records_pb2 as records
from core20plus5_proto.v1 import service_pb2 as service
from core20plus5_proto.v1.service_pb2_grpc import CohortServiceStub
from tests.tables import people

DATE = "2026-03-31"
SERVICE = "core20plus5.v1.CohortService"

#: Three people, of one of whom nothing is known.
PEOPLE = people(3, sex=["F", "M", None], imd_decile_2025=[1, 9, None])

Request = service.CountCohortsRequest


def begin(**more: Any) -> service.CountCohortsRequest:
    """Begin of CountCohorts. more: fields of CountBegin; question: those of Question."""
    asked = {"reference_date": DATE, "imd_version": "2025"} | more.pop("question", {})
    return Request(begin=service.CountBegin(question=questions.Question(**asked), **more))


def begin_flags(**asked: Any) -> service.FlagPatientsRequest:
    question = questions.Question(**{"reference_date": DATE, "imd_version": "2025"} | asked)
    return service.FlagPatientsRequest(begin=service.FlagBegin(question=question))


def ipc(*batches: Any, **options: Any) -> bytes:
    """An Arrow IPC stream of these batches."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batches[0].schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        for batch in batches:
            writer.write(batch)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def batch(data: Any = PEOPLE, kind: Any = Request, **changes: Any) -> Any:
    """A right batch, but for changes of its fields."""
    content = changes.pop("ipc_stream", None) or ipc(data)
    fields = {"row_count": data.num_rows, "start_offset": 0, "crc32c": google_crc32c.value(content), "ipc_stream": content}
    return kind(batch=records.ArrowBatch(**{key: value for key, value in (fields | changes).items() if value is not None}))


def end(rows: int = 3, batches: int = 1, kind: Any = Request) -> Any:
    return kind(end=records.End(total_rows=rows, total_batches=batches))


@dataclass
class Outcome:
    """How a call ended. seconds until then are not kept: machines differ."""

    code: grpc.StatusCode
    text: str = ""
    reason: str = ""
    violations: list[tuple[str, str]] = field(default_factory=list)
    replies: list[Any] = field(default_factory=list)
    raw: str = ""


def outcome_of(call: Any) -> Outcome:
    """Wait for the end of a call."""
    replies = []
    try:
        replies.extend(call)
    except grpc.RpcError as error:
        return failed(error, replies)
    return Outcome(call.code(), replies=replies)


def failed(error: Any, replies: list[Any]) -> Outcome:
    """How a call failed."""
    found = Outcome(error.code(), error.details() or "", replies=replies, raw=repr(error.trailing_metadata()) + str(error))
    status = rpc_status.from_call(error)
    for detail in status.details if status is not None else ():
        info, request = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        if detail.Unpack(info):
            assert info.domain == "core20plus5"
            found.reason = info.reason
        elif detail.Unpack(request):
            found.violations = [(violation.field, violation.description) for violation in request.field_violations]
    return found


def ask(channel: grpc.Channel, messages: Iterable[Any], method: str = "CountCohorts", timeout: float = 60) -> Outcome:
    """Send these messages, close, and wait for the end; FlagFew takes them as one, and answers with one."""
    if method == "FlagFew":
        return ask_few(channel, few(messages), timeout)
    return outcome_of(open_call(channel, messages, method, timeout))


def few(messages: Iterable[Any]) -> service.FlagFewRequest:
    """The messages of a stream as one."""
    return service.FlagFewRequest.FromString(b"".join(message.SerializeToString() for message in messages))


def ask_few(channel: grpc.Channel, request: service.FlagFewRequest, timeout: float = 60) -> Outcome:
    stub: Any = CohortServiceStub(channel)  # type: ignore[no-untyped-call]
    try:
        return Outcome(grpc.StatusCode.OK, replies=[stub.FlagFew(request, timeout=timeout)])
    except grpc.RpcError as error:
        return failed(error, [])


def open_call(channel: grpc.Channel, messages: Iterable[Any], method: str = "CountCohorts", timeout: float = 60) -> Any:
    stub: Any = CohortServiceStub(channel)  # type: ignore[no-untyped-call]
    return getattr(stub, method)(iter(messages), timeout=timeout)


def whole_call(data: Any = PEOPLE, times: int = 1, **more: Any) -> Iterator[Any]:
    """A right call: the same batch so many times."""
    yield begin(**more)
    content = ipc(data)
    for number in range(times):
        yield batch(data, ipc_stream=content, start_offset=number * data.num_rows)
    yield end(data.num_rows * times, times)


def assert_answers(channel: grpc.Channel) -> None:
    """Whatever happened before, a right call is answered."""
    outcome = ask(channel, whole_call())
    assert (outcome.code, outcome.text) == (grpc.StatusCode.OK, "")
    assert [reply.WhichOneof("message") for reply in outcome.replies] == ["header", "batch", "end"]
    assert outcome.replies[-1].end.ledger.rows_received == 3
