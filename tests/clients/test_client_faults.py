"""Every failure becomes the exception that says who must act, with the server's words and nothing of gRPC's."""

import subprocess
import sys
import traceback
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2 as details
from google.rpc import status_pb2

import core20plus5_client
from core20plus5 import errors as engine
from core20plus5_client import Client, errors
from tests.clients.client_asking import ASK, client_fixture, people, server_fixture  # noqa: F401
from tests.clients.client_fake import FakeServer, Seen

Code = grpc.StatusCode


def fails_with(code: grpc.StatusCode, text: str, *found: Any, trailer: bytes | None = None) -> Any:
    """A script that ends the call with a status and these details."""

    def answer(fake_: FakeServer, seen: Seen, requests: Iterator[Any], context: Any) -> Iterator[Any]:
        seen.take(next(requests))
        packed = []
        for detail in found:
            packed.append(any_pb2.Any())
            packed[-1].Pack(detail)
        status = status_pb2.Status(code=code.value[0], message=text, details=packed).SerializeToString()
        context.set_trailing_metadata((("grpc-status-details-bin", trailer or status),))
        context.abort(code, text)
        yield

    return answer


def reason(name: str, domain: str = "core20plus5") -> details.ErrorInfo:
    return details.ErrorInfo(reason=name, domain=domain)


def violations(**found: str) -> details.BadRequest:
    kind = details.BadRequest.FieldViolation
    listed = [kind(field=name.replace("__", "."), description=text) for name, text in found.items()]
    return details.BadRequest(field_violations=listed)


def error_of(server: FakeServer, client: Client, script: Any) -> Exception:
    server.count = script
    with pytest.raises(errors.Core20Plus5Error) as caught:
        client.count_cohorts(people(1), **ASK)
    return caught.value


@pytest.mark.parametrize(
    ("code", "name", "kind"),
    [
        (Code.INVALID_ARGUMENT, "INVALID_REQUEST", errors.RequestError),
        (Code.RESOURCE_EXHAUSTED, "TOO_MANY_CELLS", errors.TooManyCellsError),
        (Code.INVALID_ARGUMENT, "INVALID_DATA", errors.DataError),
        (Code.INVALID_ARGUMENT, "INVALID_SCHEMA", errors.SchemaError),
        (Code.INVALID_ARGUMENT, "EXTRACT_LATER_THAN_REFERENCE_DATE", errors.LaterThanReferenceDateError),
        (Code.INVALID_ARGUMENT, "LSOA_VINTAGE_MISMATCH", errors.LsoaVintageError),
        (Code.INVALID_ARGUMENT, "NHS_NUMBERS_REFUSED", errors.NhsNumberError),
        (Code.INVALID_ARGUMENT, "INVALID_IMD_TABLE", errors.ImdTableError),
        (Code.NOT_FOUND, "INVALID_RULESET", errors.RulesetError),
        (Code.OUT_OF_RANGE, "BROKEN_STREAM", errors.ServerFaultError),
        (Code.DATA_LOSS, "BROKEN_STREAM", errors.ServerFaultError),
        (Code.ABORTED, "BROKEN_STREAM", errors.DeadlineError),
        (Code.RESOURCE_EXHAUSTED, "LIMIT_EXCEEDED", errors.LimitError),
        (Code.PERMISSION_DENIED, "EXACT_COUNTS_REFUSED", errors.PermissionDeniedError),
        (Code.RESOURCE_EXHAUSTED, "SERVER_BUSY", errors.ServerBusyError),
        (Code.INTERNAL, "INTERNAL", errors.ServerFaultError),
        (Code.INVALID_ARGUMENT, "NEW_IN_SOME_LATER_YEAR", errors.RequestError),
        (Code.RESOURCE_EXHAUSTED, "NEW_IN_SOME_LATER_YEAR", errors.LimitError),
    ],
)
def test_the_reason_decides(server: FakeServer, client: Client, code: grpc.StatusCode, name: str, kind: type) -> None:
    error = error_of(server, client, fails_with(code, "what the server says", reason(name)))
    assert type(error) is kind
    assert str(error) == "what the server says"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (Code.INVALID_ARGUMENT, errors.RequestError),
        (Code.FAILED_PRECONDITION, errors.RequestError),
        (Code.NOT_FOUND, errors.RulesetError),
        (Code.RESOURCE_EXHAUSTED, errors.LimitError),
        (Code.PERMISSION_DENIED, errors.PermissionDeniedError),
        (Code.UNAUTHENTICATED, errors.PermissionDeniedError),
        (Code.UNAVAILABLE, errors.ServerUnavailableError),
        (Code.DEADLINE_EXCEEDED, errors.DeadlineError),
        (Code.CANCELLED, errors.ServerUnavailableError),
        (Code.ABORTED, errors.DeadlineError),
        (Code.OUT_OF_RANGE, errors.ServerFaultError),
        (Code.DATA_LOSS, errors.ServerFaultError),
        (Code.INTERNAL, errors.ServerFaultError),
        (Code.UNKNOWN, errors.ServerFaultError),
        (Code.UNIMPLEMENTED, errors.ServerFaultError),
    ],
)
def test_without_a_reason_of_ours_the_status_decides(
    server: FakeServer, client: Client, code: grpc.StatusCode, kind: type
) -> None:
    for script in (
        fails_with(code, "words"),
        fails_with(code, "words", reason("TOO_MANY_CELLS", "example.com")),
        fails_with(code, "words", trailer=b"\xff no status"),
        fails_with(code, "", trailer=status_pb2.Status(code=99).SerializeToString()),
    ):
        error = error_of(server, client, script)
        assert type(error) is kind
        assert str(error)


def test_a_schema_error_lists_every_problem(server: FakeServer, client: Client) -> None:
    text = "column 'sex': expected date, got double; column 'age_years': expected integer, got string"
    found = violations(columns__sex="column 'sex': expected date, got double", age_years="expected integer, got string")
    error = error_of(server, client, fails_with(Code.INVALID_ARGUMENT, text, reason("INVALID_SCHEMA"), found))
    assert isinstance(error, errors.SchemaError)
    assert error.problems == ["column 'sex': expected date, got double", "age_years: expected integer, got string"]


def test_violations_that_the_text_does_not_state_are_added(server: FakeServer, client: Client) -> None:
    found = violations(strata="strata: no such column", cohorts="is empty")
    script = fails_with(Code.INVALID_ARGUMENT, "strata: no such column", reason("INVALID_REQUEST"), found)
    assert str(error_of(server, client, script)) == "strata: no such column; cohorts: is empty"


def test_a_busy_server_may_say_when_to_come_back(server: FakeServer, client: Client) -> None:
    later = details.RetryInfo(retry_delay=duration_pb2.Duration(seconds=2, nanos=500_000_000))
    error = error_of(server, client, fails_with(Code.RESOURCE_EXHAUSTED, "full", reason("SERVER_BUSY"), later))
    assert isinstance(error, errors.ServerBusyError)
    assert error.retry_after == 2.5
    error = error_of(server, client, fails_with(Code.RESOURCE_EXHAUSTED, "full", reason("SERVER_BUSY")))
    assert isinstance(error, errors.ServerBusyError)
    assert error.retry_after is None


def test_no_trace_of_grpc_is_shown(server: FakeServer, client: Client) -> None:
    error = error_of(server, client, fails_with(Code.INVALID_ARGUMENT, "no", reason("INVALID_REQUEST")))
    shown = "".join(traceback.format_exception(error))
    assert "RpcError" not in shown
    assert "grpc_message" not in shown
    assert "During handling" not in shown


def test_where_no_server_is_the_address_and_the_command_are_said() -> None:
    with Client("127.0.0.1:1") as client:
        for ask in (client.server_info, client.list_rulesets, lambda: client.count_cohorts(people(1), **ASK)):
            with pytest.raises(errors.ServerUnavailableError, match=r"127.0.0.1:1 .*: core20plus5 serve"):
                ask()


def test_another_service_is_no_server_of_ours() -> None:
    server = grpc.server(None)  # type: ignore[arg-type]
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with Client(f"127.0.0.1:{port}") as client, pytest.raises(errors.ServerFaultError, match="no core20plus5"):
            client.describe_record()
    finally:
        server.stop(0).wait()


def test_errors_are_those_of_the_embedded_engine_where_it_has_them() -> None:
    for name, kind in vars(engine).items():
        if isinstance(kind, type) and issubclass(kind, engine.Core20Plus5Error):
            ours = getattr(errors, name)
            assert ours.code == kind.code
            assert [base.__name__ for base in ours.__mro__] == [base.__name__ for base in kind.__mro__]
            assert getattr(core20plus5_client, name) is ours


def test_built_in_kinds_of_error_hold() -> None:
    assert issubclass(errors.DeadlineError, TimeoutError)
    assert issubclass(errors.ServerUnavailableError, ConnectionError)
    assert issubclass(errors.PermissionDeniedError, PermissionError)
    assert str(errors.DeadlineError("words")) == "words"


def test_the_client_brings_no_engine() -> None:
    check = (
        "import sys, core20plus5_client; print(*sorted({name.partition('.')[0] for name in sys.modules} &"
        " {'numba', 'core20plus5', 'core20plus5_service', 'core20plus5_cli', 'polars', 'duckdb', 'pandas'}))"
    )
    environment = {"PYTHONPATH": ":".join(sys.path)}
    found = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True, env=environment)
    assert found.stdout.strip() == ""
