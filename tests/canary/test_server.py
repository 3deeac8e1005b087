"""Every error that a server can give, over records of sentinels: none in replies, trailers, logs, metrics or crash output."""

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pyarrow as pa
import pytest
from prometheus_client import generate_latest

from core20plus5.errors import (
    Core20Plus5Error,
    DataError,
    ImdTableError,
    LaterThanReferenceDateError,
    LsoaVintageError,
    NhsNumberError,
    RequestError,
    RulesetError,
    SchemaError,
    TooManyCellsError,
)
from core20plus5_service import errors, servicer
from tests.canary import birds
from tests.canary.birds import ASKED, NAME, NHS_NUMBER, ROWS, TEXT, records
from tests.e2e.process import running_server
from tests.service.in_process import LocalServer, local_server
from tests.service.wire import Outcome, ask, batch, begin, begin_flags, end, ipc, open_call, outcome_of

RECORDS = records()
LONG = pa.array([TEXT * 20_000] * ROWS).dictionary_encode()
LSOA = {"lsoa_code": [f"E010{row:05}" for row in range(ROWS)]}


def sent(table: pa.Table = RECORDS, rows: int = ROWS, **changes: Any) -> list[Any]:
    """Begin, one batch and End. changes: fields of the batch; begin: those of Begin."""
    return [begin(**changes.pop("begin", {})), batch(table, **changes), end(rows)]


def forged() -> bytes:
    """Indices of the dictionaries lead outside."""
    return ipc(RECORDS).replace(bytes([5, 0, 0, 0, 6, 0, 0, 0]), bytes([5, 0, 0, 0, 6, 255, 255, 127]))


def failing(*_: Any, **__: Any) -> Any:
    raise ValueError(f"{TEXT} {NHS_NUMBER}") from KeyError(ASKED)


#: An error of every kind: what to send, and the reason that is told.
CASES: dict[type, list[tuple[Callable[[], list[Any]], str]]] = {
    errors.BrokenStreamError: [(lambda: sent()[:2], "BROKEN_STREAM"), (lambda: sent(start_offset=7), "BROKEN_STREAM")],
    errors.DamagedBatchError: [(lambda: sent(crc32c=1), "BROKEN_STREAM")],
    errors.UnreadableBatchError: [
        (lambda: sent(ipc_stream=ipc(RECORDS)[:-900]), "INVALID_DATA"),
        (lambda: sent(ipc_stream=ipc(RECORDS, compression="zstd")), "INVALID_DATA"),
        (lambda: sent(ipc_stream=f"{TEXT} {NHS_NUMBER}".encode() * 9), "INVALID_DATA"),
        (lambda: sent(row_count=ROWS + 1, rows=ROWS + 1), "INVALID_DATA"),
    ],
    errors.LimitExceededError: [
        (lambda: sent(records(**{f"{NAME}{number}": [TEXT] * ROWS for number in range(40)})), "LIMIT_EXCEEDED"),
        (lambda: [begin(strata=[f"{ASKED}{number}" for number in range(9)])], "LIMIT_EXCEEDED"),
    ],
    errors.ExactCountsRefusedError: [(lambda: sent(begin={"disclosure": "none"}), "EXACT_COUNTS_REFUSED")],
    errors.BadQuestionError: [
        (lambda: sent(begin={"question": {"reference_date": ASKED}}), "INVALID_REQUEST"),
        (lambda: [b"\x0a\xff" + f"{TEXT} {ASKED}".encode()], "INVALID_REQUEST"),
    ],
    RequestError: [
        (lambda: sent(begin={"strata": [ASKED]}), "INVALID_REQUEST"),
        (lambda: sent(begin={"strata": ["person_id"]}), "INVALID_REQUEST"),
        (lambda: sent(records(ward=[TEXT * 40] * ROWS), begin={"strata": ["ward"]}), "INVALID_REQUEST"),
        (lambda: sent(begin={"question": {"imd_from": "lsoa_code", "imd_version": "2019"}}), "INVALID_REQUEST"),
    ],
    TooManyCellsError: [(lambda: sent(begin={"strata": [NAME, "practice_code"]}), "TOO_MANY_CELLS")],
    DataError: [
        (lambda: sent(ipc_stream=forged(), begin={"strata": [NAME, "practice_code"]}), "INVALID_DATA"),
        (lambda: sent(records(**{NAME: LONG}), begin={"strata": [NAME]}), "INVALID_DATA"),
    ],
    SchemaError: [
        (lambda: sent(records(birth_date=[TEXT] * ROWS)), "INVALID_SCHEMA"),
        (lambda: sent(records(**{NAME: [[TEXT]] * ROWS})), "INVALID_SCHEMA"),
    ],
    LaterThanReferenceDateError: [
        (lambda: sent(begin={"question": {"reference_date": "1911-11-10"}}), "EXTRACT_LATER_THAN_REFERENCE_DATE")
    ],
    LsoaVintageError: [(lambda: sent(records(**LSOA)), "LSOA_VINTAGE_MISMATCH")],
    NhsNumberError: [(lambda: sent(records(**{NAME: [NHS_NUMBER] * ROWS})), "NHS_NUMBERS_REFUSED")],
    RulesetError: [(lambda: sent(begin={"question": {"ruleset": ASKED}}), "INVALID_RULESET")],
}

#: Kinds that need more than messages, each with a test of its own below, or in test_access.py; and those that no call can meet.
ELSEWHERE = {errors.ServerBusyError, errors.IdleStreamError, errors.LedgerImbalanceError}
ELSEWHERE |= {errors.CallerBusyError, errors.UnauthenticatedError, errors.NotAllowedError, errors.KeysUnknownError}
NEVER = {errors.ServiceError, Core20Plus5Error, ImdTableError}


@pytest.fixture(scope="module", name="local")
def _local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    path = tmp_path_factory.mktemp("imd") / "imd.csv"
    path.write_text("lsoa_code,imd_rank\n" + "".join(f"E011{rank:05},{rank}\n" for rank in range(1, 33_756)), "ascii")
    with local_server(imd_table=f"2025={path}", max_cells=100_000, max_columns=90, max_calls=1, idle_seconds=1) as server:
        yield server


@pytest.fixture(name="heard")
def _heard(local: LocalServer, capfd: Any, caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[Outcome], None]]:
    """Listens to everything that comes out. Call it with how a call has ended."""
    caplog.set_level(logging.DEBUG)
    yield lambda outcome: birds.silent(outcome.text + outcome.raw + repr(outcome.violations), words=False)
    told = capfd.readouterr()
    birds.silent(told.out + told.err + caplog.text + "".join(record.getMessage() for record in caplog.records))
    birds.silent(generate_latest(local.server.metrics.registry).decode())


def test_every_error_is_here() -> None:
    """A new kind of error needs a case: this fails until it has one."""
    registered = birds.all_below([errors.ServiceError, Core20Plus5Error, errors.LedgerImbalanceError])
    ours = {kind for kind in registered if kind.__module__.startswith(("core20plus5.", "core20plus5_service."))}
    assert ours == {*CASES, *ELSEWHERE, *NEVER}


@pytest.mark.parametrize(("kind", "number"), [(kind, number) for kind, cases in CASES.items() for number in range(len(cases))])
def test_refusals(local: LocalServer, heard: Callable[[Outcome], None], kind: type, number: int) -> None:
    make, reason = CASES[kind][number]
    messages = [each if isinstance(each, bytes) else each.SerializeToString() for each in make()]
    with local.channel() as channel:
        call = channel.stream_stream("/core20plus5.v1.CohortService/CountCohorts", bytes, bytes)
        outcome = outcome_of(call(iter(messages), timeout=60))
    assert outcome.reason == reason, outcome.text
    assert outcome.replies == []
    heard(outcome)


@pytest.mark.parametrize("place", ["read_batch", "open_call", "count_exactly", "release_batches"])
def test_faults(local: LocalServer, heard: Callable[[Outcome], None], place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception that quotes records, as those of libraries do."""
    monkeypatch.setattr(servicer, place, failing)
    with local.channel() as channel:
        outcome = ask(channel, sent())
    assert (outcome.code, outcome.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    birds.silent(outcome.text + outcome.raw)
    heard(outcome)


def test_a_ledger_that_does_not_balance(
    local: LocalServer, heard: Callable[[Outcome], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servicer, "people_in", lambda counts: 1)
    with local.channel() as channel:
        outcome = ask(channel, sent())
    assert outcome.reason == "INTERNAL"
    heard(outcome)


def test_busy_and_idle(local: LocalServer, heard: Callable[[Outcome], None]) -> None:
    """One stream that sends and says nothing more; another finds the server busy."""

    def slow() -> Iterator[Any]:
        yield from sent()[:2]
        time.sleep(2)

    with local.channel() as channel:
        first = open_call(channel, slow())
        time.sleep(0.3)
        busy = ask(channel, sent())
        idle = outcome_of(first)
    assert (busy.reason, idle.reason) == ("SERVER_BUSY", "BROKEN_STREAM")
    for outcome in (busy, idle):
        heard(outcome)


def test_answers(local: LocalServer, heard: Callable[[Outcome], None]) -> None:
    """Of a call that is answered, nothing stays behind. Flags echo pseudonyms, to their caller; counts have labels of strata."""
    with local.channel() as channel:
        counted = ask(channel, sent(begin={"strata": ["sex"]}))
        kind = type(begin_flags())
        flagged = ask(channel, [begin_flags(), batch(RECORDS, kind=kind), end(ROWS, kind=kind)], "FlagPatients")
        few = ask(channel, [begin_flags(), batch(RECORDS, kind=kind), end(ROWS, kind=kind)], "FlagFew")
    assert counted.code is flagged.code is few.code is grpc.StatusCode.OK
    birds.silent(repr(counted.replies), words=False)
    heard(counted)


def test_a_crash(tmp_path: Path) -> None:
    """A server that is killed by a fault while it holds records: its last words name files and functions, and dumps are off."""
    with running_server("--idle-seconds", "30", PYTHONFAULTHANDLER="1") as server:

        def slow() -> Iterator[Any]:
            yield from sent(begin={"strata": [NAME]})[:2]
            time.sleep(5)

        with server.channel() as channel:
            given_up, call = open_call(channel, slow()), open_call(channel, slow())
            time.sleep(1)
            given_up.cancel()
            server.process.send_signal(11)
            server.process.wait(30)
            call.cancel()
        time.sleep(0.2)
        told = "".join(server.lines)
        assert "Segmentation fault" in told
        assert "File " in told
        birds.silent(told)
        server.process.returncode = 0  # running_server looks at how it ended
