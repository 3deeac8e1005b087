"""Faults of the server itself: what is told and logged holds no word of the exception, which may quote a record."""

import logging
from typing import Any

import grpc
import pyarrow as pa
import pytest

from core20plus5.engine.flag import FlagStream
from core20plus5_proto.large import BatchWriter
from core20plus5_proto.v1 import service_pb2 as service
from core20plus5_proto.v1.service_pb2_grpc import CohortServiceStub
from core20plus5_service import describe, messages, servicer
from core20plus5_service.errors import Failure, failure_of
from core20plus5_service.logs import Allowed
from tests.service.in_process import LocalServer, local_server
from tests.service.wire import ask, assert_answers, batch, begin, begin_flags, end, whole_call

SECRET = "NHS number 9434765919 wrong"  # no word that the digits of an error id could spell
KIND = service.FlagPatientsRequest


def fail(*_: Any, **__: Any) -> Any:
    raise ValueError(SECRET)


def fail_with_cause(*_: Any, **__: Any) -> Any:
    try:
        fail()
    except ValueError as error:
        raise KeyError("9434765919") from error


CALLS: dict[str, tuple[str, list[Any]]] = {
    "CountCohorts": ("CountCohorts", list(whole_call())),
    "FlagPatients": ("FlagPatients", [begin_flags(), batch(kind=KIND), end(kind=KIND)]),
    "FlagFew": ("FlagFew", [begin_flags(), batch(kind=KIND), end(kind=KIND)]),
}

#: Where the exception comes from: before the thread of a call, within it, at its end.
PLACES = [
    (messages, "question_arguments", "CountCohorts"),
    (messages, "question_arguments", "FlagPatients"),
    (messages, "question_arguments", "FlagFew"),
    (servicer, "read_batch", "CountCohorts"),
    (servicer, "read_batch", "FlagPatients"),
    (servicer, "read_batch", "FlagFew"),
    (servicer, "count_exactly", "CountCohorts"),
    (servicer, "release_batches", "CountCohorts"),
    (BatchWriter, "message", "CountCohorts"),
    (BatchWriter, "message", "FlagPatients"),
    (FlagStream, "__next__", "FlagPatients"),
    (FlagStream, "__next__", "FlagFew"),
]


def operators_read(caplog: pytest.LogCaptureFixture) -> str:
    """What operators read."""
    return "\n".join(map(Allowed("text").format, caplog.records))


def assert_nothing_leaks(outcome: Any, told: str) -> None:
    assert outcome.code is grpc.StatusCode.INTERNAL
    assert outcome.reason == "INTERNAL"
    prefix = "a fault of the server; its log has it under "
    assert outcome.text.startswith(prefix)
    for text in (outcome.text, outcome.raw, told):
        assert "9434765919" not in text
        assert "wrong" not in text
    assert outcome.text.removeprefix(prefix) in told  # the operator finds it by its id


@pytest.mark.parametrize("failing", [fail, fail_with_cause])
@pytest.mark.parametrize(("place", "name", "method"), PLACES)
def test_no_text_of_an_exception_gets_out(
    channel: grpc.Channel,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    place: Any,
    name: str,
    method: str,
    failing: Any,
) -> None:
    caplog.set_level(logging.DEBUG)
    with monkeypatch.context() as patch:
        patch.setattr(place, name, failing)
        outcome = ask(channel, CALLS[method][1], method)
    written = capfd.readouterr()
    assert_nothing_leaks(outcome, caplog.text + operators_read(caplog))
    assert "9434765919" not in written.out + written.err
    assert_answers(channel)


def test_nor_from_calls_without_records(
    channel: grpc.Channel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stub: Any = CohortServiceStub(channel)  # type: ignore[no-untyped-call]
    monkeypatch.setattr(describe, "server_info", fail)
    with pytest.raises(grpc.RpcError) as raised:
        stub.GetServerInfo(service.GetServerInfoRequest(), timeout=10)
    assert raised.value.code() is grpc.StatusCode.INTERNAL
    assert "9434765919" not in str(raised.value) + caplog.text


def test_exceptions_are_told_by_class(local: LocalServer) -> None:
    assert failure_of(ValueError(SECRET), "17") == Failure(
        grpc.StatusCode.INTERNAL, "INTERNAL", "a fault of the server; its log has it under 17"
    )


def test_questions_that_cannot_be_read(channel: grpc.Channel) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"reference_date": "31/03/2026"}, "reference_date: a date as YYYY-MM-DD"),
        ({"reference_date": "2026-02-30"}, "reference_date: a date as YYYY-MM-DD"),
        ({"ruleset": "/etc/passwd.toml"}, "ruleset: the name of a ruleset that the server has"),
        ({"parameters": {"adult_min_age": {}}}, "parameters: 'adult_min_age' has no value"),
    ]
    for asked, text in cases:
        outcome = ask(channel, [begin(question=asked), batch(), end()])
        assert (outcome.code, outcome.reason, outcome.text) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST", text)
        assert outcome.violations == [(next(iter(asked)), text)]


def test_every_bad_column_and_argument_is_a_violation(channel: grpc.Channel) -> None:
    data = pa.table({"bp_date": ["x"], "autism": ["x"], "ldl_mmol": ["x"]})
    outcome = ask(channel, [begin(), batch(data), end(1)])
    assert (outcome.code, outcome.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_SCHEMA")
    assert [field for field, _ in outcome.violations] == ["columns.bp_date", "columns.autism", "columns.ldl_mmol"]
    asked: list[tuple[str, dict[str, Any]]] = [
        ("strata", {"strata": ["no_such_column"]}),
        ("strata", {"strata": ["sex", "sex"]}),
        ("cohorts", {"cohorts": {"names": []}}),
        ("disclosure", {"disclosure": "no_such_policy"}),
        ("reference_date", {"question": {"reference_date": ""}}),
        ("imd_version", {"question": {"imd_version": "2015"}}),
        ("parameters", {"question": {"parameters": {"no_such_parameter": {"whole": 1}}}}),
    ]
    for name, more in asked:
        outcome = ask(channel, [begin(**more), batch(), end()])
        assert (outcome.code, outcome.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST")
        assert outcome.violations == [(name, outcome.text)]


@pytest.mark.parametrize(("columns", "letters"), [(60, 10), (400, 60), (400, 900), (1, 100_000)])
def test_an_error_that_is_longer_than_trailers_may_be(columns: int, letters: int) -> None:
    """Sixty columns of a wrong type are an ordinary mistake; a client takes 8 KiB of trailers."""
    wrong = pa.table({f"plus_{number:03}{'é' * letters}": ["a", "b", "c"] for number in range(columns)})
    with local_server() as local, local.channel() as channel:
        outcome = ask(channel, [begin(), batch(wrong), end()])
    assert (outcome.code, outcome.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_SCHEMA")
    assert outcome.text.startswith("column 'plus_000é")
    assert outcome.violations[0][0].startswith("columns.plus_000é")
    told = len([field for field, _ in outcome.violations if field.startswith("columns.")])
    assert told == columns or outcome.violations[-1] == ("columns", f"and {columns - told} more")


def test_a_name_in_a_question_that_is_longer_than_trailers_may_be(local: LocalServer, channel: grpc.Channel) -> None:
    outcome = ask(channel, [begin(question={"ruleset": "é" * 30_000}), batch(), end()])
    assert (outcome.code, outcome.reason) == (grpc.StatusCode.NOT_FOUND, "INVALID_RULESET")
