"""What callers are told when something is wrong: a status, a reason, fixed words, and never a value of a record."""

import random
from dataclasses import dataclass
from datetime import timedelta

import grpc
from google.protobuf import any_pb2
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from core20plus5 import errors as engine
from core20plus5_proto.v1 import questions_pb2 as questions
from core20plus5_proto.v1 import service_pb2 as service

DOMAIN = "core20plus5"

#: Bytes of a text, and of all violations. A client takes 8 KiB of trailers, where the text stands twice, once with
#: up to three bytes for each; from longer ones it learns nothing at all.
_MOST_TEXT, _MOST_VIOLATIONS = 1_200, 2_400

_ARGUMENTS = {*questions.Question.DESCRIPTOR.fields_by_name, *service.CountBegin.DESCRIPTOR.fields_by_name}


class ServiceError(Exception):
    """An error of the service itself; its text is written for callers."""

    code = grpc.StatusCode.INTERNAL
    reason = "INTERNAL"
    #: Seconds after which the same call may be tried again; None where that would not help.
    retry_after: float | None = None


class BrokenStreamError(ServiceError):
    """Messages out of order, a gap, an overlap, or no End."""

    code = grpc.StatusCode.OUT_OF_RANGE
    reason = "BROKEN_STREAM"


class DamagedBatchError(ServiceError):
    """A checksum does not match."""

    code = grpc.StatusCode.DATA_LOSS
    reason = "BROKEN_STREAM"


class UnreadableBatchError(ServiceError):
    """A batch that is not one whole, plain Arrow IPC stream."""

    code = grpc.StatusCode.INVALID_ARGUMENT
    reason = "INVALID_DATA"


class LimitExceededError(ServiceError):
    """Over a limit, which the text names."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED
    reason = "LIMIT_EXCEEDED"


class ServerBusyError(ServiceError):
    """As many calls as the server takes are under way, or as many bytes wait as it holds."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED
    reason = "SERVER_BUSY"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.retry_after = 1 + random.random()


class CallerBusyError(ServerBusyError):
    """The same, of one caller: others are answered."""

    reason = "CALLER_BUSY"


class UnauthenticatedError(ServiceError):
    """Who calls is not known."""

    code = grpc.StatusCode.UNAUTHENTICATED
    reason = "UNAUTHENTICATED"


class KeysUnknownError(ServiceError):
    """Who calls cannot be known yet."""

    code = grpc.StatusCode.UNAVAILABLE
    reason = "KEYS_UNKNOWN"
    retry_after = 30.0


class NotAllowedError(ServiceError):
    """Who calls is known, and has no right to this."""

    code = grpc.StatusCode.PERMISSION_DENIED
    reason = "NOT_ALLOWED"


class ExactCountsRefusedError(ServiceError):
    """Exact counts from a server that gives none, or for a caller who gets none."""

    code = grpc.StatusCode.PERMISSION_DENIED
    reason = "EXACT_COUNTS_REFUSED"


class BadQuestionError(ServiceError):
    """A field of the question cannot be read."""

    code = grpc.StatusCode.INVALID_ARGUMENT
    reason = "INVALID_REQUEST"


class SetupError(Exception):
    """A file that the server is started with cannot be used; the text is for operators."""


class LedgerImbalanceError(Exception):
    """Rows were lost or counted twice: a fault of the server, which answers nothing rather than something wrong."""


class IdleStreamError(ServiceError):
    """Nothing came for too long."""

    code = grpc.StatusCode.ABORTED
    reason = "BROKEN_STREAM"


@dataclass(frozen=True)
class Failure:
    """An error as it goes over the wire. violations: (field, description), every bad column at once, if there is room.

    retry_after: seconds.
    """

    code: grpc.StatusCode
    reason: str
    text: str
    violations: tuple[tuple[str, str], ...] = ()
    retry_after: float | None = None

    def trailer(self) -> tuple[tuple[str, bytes], ...]:
        """The metadata that end the call."""
        return (("grpc-status-details-bin", self.details()),)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", _cut(self.text))
        object.__setattr__(self, "violations", _as_many_as_fit(self.violations))

    def details(self) -> bytes:
        """google.rpc.Status, serialised, for the trailer `grpc-status-details-bin`."""
        info, request = any_pb2.Any(), any_pb2.Any()
        info.Pack(error_details_pb2.ErrorInfo(reason=self.reason, domain=DOMAIN))
        details = [info]
        if self.violations:
            violation = error_details_pb2.BadRequest.FieldViolation
            found = [violation(field=field, description=text) for field, text in self.violations]
            request.Pack(error_details_pb2.BadRequest(field_violations=found))
            details.append(request)
        if self.retry_after is not None:
            retry = error_details_pb2.RetryInfo()
            retry.retry_delay.FromTimedelta(timedelta(seconds=self.retry_after))
            details.append(any_pb2.Any())
            details[-1].Pack(retry)
        number: int = self.code.value[0]
        content: bytes = status_pb2.Status(code=number, message=self.text, details=details).SerializeToString()
        return content


def _cut(text: str) -> str:
    content = text.encode(errors="replace")
    room = _MOST_TEXT if text.isascii() else _MOST_TEXT // 3
    return text if len(content) <= room else content[: room - 4].decode(errors="ignore") + " …"


def _as_many_as_fit(violations: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """The first of them, each of a length that can be read; and how many are left out."""
    kept: list[tuple[str, str]] = []
    room = _MOST_VIOLATIONS
    for field, text in violations:
        short = (_cut(field), _cut(text))
        room -= sum(len(part.encode()) for part in short)
        if room < 0:
            return (*kept, (field.partition(".")[0], f"and {len(violations) - len(kept)} more"))
        kept.append(short)
    return tuple(kept)


def failure_of(error: BaseException, error_id: str) -> Failure:
    """What to tell about an error. Only texts written for callers are passed on; of anything else, an id to look for."""
    if isinstance(error, ServiceError):
        return Failure(error.code, error.reason, str(error), _argument(str(error)), error.retry_after)
    if isinstance(error, engine.Core20Plus5Error):
        return _of_engine(error)
    if isinstance(error, DecodeError):
        return Failure(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST", "a message cannot be read: it is none of this method")
    return Failure(grpc.StatusCode.INTERNAL, "INTERNAL", f"a fault of the server; its log has it under {error_id}")


def _of_engine(error: engine.Core20Plus5Error) -> Failure:
    reason = error.code.upper()
    if isinstance(error, engine.TooManyCellsError):
        return Failure(grpc.StatusCode.RESOURCE_EXHAUSTED, reason, str(error))
    if isinstance(error, engine.RulesetError):
        return Failure(grpc.StatusCode.NOT_FOUND, reason, str(error))
    if isinstance(error, engine.SchemaError):
        violations = tuple(_violation(problem) for problem in error.problems)
        return Failure(grpc.StatusCode.INVALID_ARGUMENT, reason, str(error), violations)
    violations = _argument(str(error)) if isinstance(error, engine.RequestError) else ()
    return Failure(grpc.StatusCode.INVALID_ARGUMENT, reason, str(error), violations)


def _argument(text: str) -> tuple[tuple[str, str], ...]:
    """The argument that a text begins with, and the text."""
    name = text.partition(" ")[0].rstrip(":")
    return ((name, text),) if name in _ARGUMENTS else ()


def _violation(problem: str) -> tuple[str, str]:
    """The column that a problem names, and the problem."""
    parts = problem.split("'")
    return (f"columns.{parts[1]}" if len(parts) > 2 else "columns", problem)
