"""Callers who are refused, with sentinels in their records and in tokens that nobody has signed: none comes out anywhere."""

import logging
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from prometheus_client import generate_latest

from core20plus5_service.logs import Allowed
from tests.canary import birds
from tests.canary.birds import NHS_NUMBER, TEXT, records
from tests.service.certificates import Issuer
from tests.service.in_process import LocalServer, local_server, soon
from tests.service.test_access import Place
from tests.service.test_ending import Gate
from tests.service.test_tls import channel
from tests.service.wire import Outcome, ask, batch, begin, end, open_call, outcome_of

SENT = [begin(), batch(records()), end(records().num_rows)]


@pytest.fixture(scope="module", name="place")
def _place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = Place(tmp_path_factory.mktemp("canary"))
    place.callers.write_text(place.callers.read_text().replace('rights = ["count"]', "rights = []"), encoding="ascii")
    with local_server(**place.settings(mutual=False)) as place.local:
        yield place


def refused(place: Place, local: LocalServer, token: str | None) -> Outcome:
    with channel(local, place.credentials(None, token)) as opened:
        return ask(opened, SENT)


def assert_silent(outcome: Outcome, local: LocalServer, capfd: Any, caplog: pytest.LogCaptureFixture) -> None:
    told = capfd.readouterr()
    logged = caplog.text + "".join(map(Allowed("json").format, caplog.records))
    metrics = generate_latest(local.server.metrics.registry).decode()
    birds.silent(outcome.text + outcome.raw + told.out + told.err + logged + metrics)


@pytest.mark.parametrize(("signed", "reason"), [(None, "UNAUTHENTICATED"), (False, "UNAUTHENTICATED"), (True, "NOT_ALLOWED")])
def test_refusals(place: Place, capfd: Any, caplog: pytest.LogCaptureFixture, signed: bool | None, reason: str) -> None:
    caplog.set_level(logging.DEBUG)
    made_up = Issuer().token(TEXT, iss=NHS_NUMBER, jti=TEXT)
    token = None if signed is None else place.issuer.token() if signed else made_up
    outcome = refused(place, place.local, token)
    assert (outcome.reason, outcome.replies) == (reason, [])
    assert made_up.split(".")[1] not in outcome.raw + caplog.text
    assert_silent(outcome, place.local, capfd, caplog)


def test_while_the_keys_are_not_known(place: Place, capfd: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with local_server(**place.settings(mutual=False) | {"jwt_keys": "https://localhost:1/keys"}) as local:
        outcome = refused(place, local, place.issuer.token(TEXT))
        assert (outcome.code, outcome.reason) == (grpc.StatusCode.UNAVAILABLE, "KEYS_UNKNOWN")
        assert_silent(outcome, local, capfd, caplog)


def test_one_call_too_many_of_a_caller(capfd: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with local_server(max_calls_per_caller=1) as local, local.channel() as opened:
        gate = Gate(begin(), type(begin()))
        call = open_call(opened, gate)
        soon(lambda: local.metric("core20plus5_streams_in_flight") == 1)
        outcome = ask(opened, SENT)
        assert outcome.reason == "CALLER_BUSY"
        gate.go.set()
        outcome_of(call)
        assert_silent(outcome, local, capfd, caplog)
