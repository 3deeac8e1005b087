"""Who may do what: certificates and tokens on a real socket, the file of callers, and the line that each call leaves."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography import x509
from grpc_health.v1 import health_pb2, health_pb2_grpc

from core20plus5_client import Client, Core20Plus5Error, PermissionDeniedError, secure
from core20plus5_proto.v1 import service_pb2 as service
from core20plus5_service.logs import AUDIT, Allowed
from tests.e2e.asking import ASK
from tests.service.certificates import AUDIENCE, ISSUER, Authority, Issuer, write_jwks
from tests.service.in_process import LocalServer, local_server, soon
from tests.service.test_tls import channel
from tests.service.wire import PEOPLE, Outcome, ask, batch, begin, begin_flags, end, whole_call

FLAGS = service.FlagPatientsRequest

CALLERS = f"""
[callers.warehouse]
rights = ["count", "exact", "flags"]
certificate = {{ uri = "spiffe://icb.example/warehouse" }}

[callers.dashboards]
rights = ["count"]
certificate = {{ dns = "dashboards.icb.example" }}
token = {{ issuer = "{ISSUER}", subject = "dashboards" }}

[callers.lists]
rights = ["flags"]
certificate = {{ common_name = "lists" }}

[callers.nothing]
rights = []
certificate = {{ subject = "CN=nothing" }}
"""


class Place:
    """A server with mutual TLS and tokens, who may call it, and what its audit says."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.authority, self.issuer = folder, Authority(folder), Issuer()
        self.authority.make("server")
        self.callers, self.keys = folder / "callers.toml", write_jwks(folder / "keys.json", self.issuer)
        self.callers.write_text(CALLERS, encoding="ascii")
        self.authority.make("warehouse", [x509.UniformResourceIdentifier("spiffe://icb.example/warehouse")])
        self.authority.make("dashboards", [x509.DNSName("dashboards.icb.example")])
        for name in ("lists", "nothing", "unlisted"):
            self.authority.make(name)
        self.local: LocalServer

    def settings(self, *, mutual: bool = True, tokens: bool = True) -> dict[str, Any]:
        folder = self.folder
        found: dict[str, Any] = {"tls_cert": folder / "server.crt", "tls_key": folder / "server.key", "callers": self.callers}
        if mutual:
            found["tls_client_ca"] = self.authority.ca
        if tokens:
            found |= {"jwt_keys": str(self.keys), "jwt_issuer": ISSUER, "jwt_audience": AUDIENCE}
        return found | {"allow_exact": True, "reload_seconds": 0.05}

    def credentials(self, name: str | None, token: str | None = None) -> grpc.ChannelCredentials:
        files = [None, None] if name is None else [self.folder / f"{name}.crt", self.folder / f"{name}.key"]
        return secure(self.authority.ca, *files, token=token)

    def ask(self, name: str | None, messages: Any, method: str = "CountCohorts", token: str | None = None) -> Outcome:
        with channel(self.local, self.credentials(name, token)) as opened:
            return ask(opened, messages, method)

    def client(self, name: str | None, token: str | None = None) -> Client:
        return Client(self.local.address, credentials=self.credentials(name, token), deadline=20)


@pytest.fixture(scope="module", name="place")
def _place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Certificates are wanted; a token says who calls, where there is one."""
    place = Place(tmp_path_factory.mktemp("access"))
    with local_server(**place.settings()) as place.local:
        yield place


@pytest.fixture(scope="module", name="by_token")
def _by_token(place: Place) -> Iterator[LocalServer]:
    """Of the same authority, issuer and callers, and without certificates of clients."""
    with local_server(**place.settings(mutual=False)) as local:
        yield local


@pytest.fixture(name="audit")
def _audit(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, AUDIT)
    return caplog


def lines(audit: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [json.loads(Allowed("text").format(record)) for record in audit.records if record.name == AUDIT]


FLAG_CALL = [begin_flags(), batch(kind=FLAGS), end(kind=FLAGS)]
COUNT, EXACT = list(whole_call()), list(whole_call(disclosure="none"))

#: Who asks what, and what they are told.
RIGHTS = [
    ("warehouse", "CountCohorts", COUNT, "OK", ""),
    ("warehouse", "CountCohorts", EXACT, "OK", ""),
    ("warehouse", "FlagPatients", FLAG_CALL, "OK", ""),
    ("dashboards", "CountCohorts", COUNT, "OK", ""),
    (
        "dashboards",
        "CountCohorts",
        EXACT,
        "EXACT_COUNTS_REFUSED",
        "disclosure 'none' is for callers with the right to exact counts",
    ),
    ("dashboards", "FlagPatients", FLAG_CALL, "NOT_ALLOWED", "dashboards has no right to flags; its rights are: count"),
    ("dashboards", "FlagFew", FLAG_CALL, "NOT_ALLOWED", "dashboards has no right to flags; its rights are: count"),
    ("lists", "FlagPatients", FLAG_CALL, "OK", ""),
    ("lists", "FlagFew", FLAG_CALL, "OK", ""),
    ("lists", "CountCohorts", COUNT, "NOT_ALLOWED", "lists has no right to count; its rights are: flags"),
    ("nothing", "CountCohorts", COUNT, "NOT_ALLOWED", "nothing has no right to count; its rights are: none"),
    ("unlisted", "CountCohorts", COUNT, "NOT_ALLOWED", "this caller is not among those that the server answers"),
]


@pytest.mark.parametrize(("name", "method", "messages", "reason", "words"), RIGHTS)
def test_rights(place: Place, name: str, method: str, messages: list[Any], reason: str, words: str) -> None:
    outcome = place.ask(name, messages, method)
    wanted = grpc.StatusCode.OK if reason == "OK" else grpc.StatusCode.PERMISSION_DENIED
    assert (outcome.code, outcome.reason) == (wanted, "" if reason == "OK" else reason), outcome.text
    assert outcome.text.startswith(words)
    assert bool(outcome.replies) is (reason == "OK")


def test_the_server_tells_each_caller_what_that_caller_may_do(place: Place) -> None:
    told = {}
    for name in ("warehouse", "dashboards", "lists", "nothing"):
        with place.client(name) as client:
            told[name] = client.server_info()
    assert {name: info.rights for name, info in told.items()} == {
        "warehouse": ("count", "exact", "flags"),
        "dashboards": ("count",),
        "lists": ("flags",),
        "nothing": (),
    }
    assert "none" in told["warehouse"].disclosure_policies
    assert "hes" in told["dashboards"].disclosure_policies
    assert "none" not in told["dashboards"].disclosure_policies
    assert told["lists"].disclosure_policies == ()


def test_a_name_of_one_kind_is_not_taken_for_one_of_another(place: Place) -> None:
    """Its common name is a name in the file that is wanted as a DNS name; and one that fits two callers is neither."""
    place.authority.make("dashboards.icb.example")
    assert place.ask("dashboards.icb.example", COUNT).reason == "NOT_ALLOWED"
    both = [x509.UniformResourceIdentifier("spiffe://icb.example/warehouse")]
    place.authority.make("lists", both, file="both")
    outcome = place.ask("both", COUNT)
    assert outcome.reason == "NOT_ALLOWED"
    assert "more than one" in outcome.text


def test_health_answers_everybody_who_can_connect_and_nothing_else_does(place: Place, by_token: LocalServer) -> None:
    connections = ((place.local, place.credentials("unlisted")), (by_token, place.credentials(None)))
    for local, credentials in connections:
        with channel(local, credentials) as opened:
            stub: Any = health_pb2_grpc.HealthStub(opened)
            assert stub.Check(health_pb2.HealthCheckRequest(), timeout=10).status == health_pb2.HealthCheckResponse.SERVING
        with Client(local.address, credentials=credentials, deadline=10) as client:
            for question in (client.server_info, client.list_rulesets, client.get_ruleset, client.describe_record):
                with pytest.raises(PermissionDeniedError):
                    question()


def test_without_a_certificate_of_the_authority_there_is_no_connection(place: Place, tmp_path: Path) -> None:
    stranger = Authority(tmp_path)
    certificate, key = stranger.make("warehouse", [x509.UniformResourceIdentifier("spiffe://icb.example/warehouse")])
    expired = place.authority.make("warehouse", days=-0.01, file="expired")
    started = [sample.value for family in place.local.server.metrics.started.collect() for sample in family.samples]
    for files in ((None, None), (certificate, key), expired):
        credentials = secure(place.authority.ca, *files, token=place.issuer.token())
        with Client(place.local.address, credentials=credentials, deadline=5) as client, pytest.raises(Core20Plus5Error):
            client.server_info()
    assert started == [sample.value for family in place.local.server.metrics.started.collect() for sample in family.samples]


def test_a_token_says_who_calls(place: Place, by_token: LocalServer, audit: pytest.LogCaptureFixture) -> None:
    """Over the certificate, where both are there: a program that asks for others has one certificate."""
    token = place.issuer.token()
    assert (
        place.ask("warehouse", FLAG_CALL, "FlagPatients", token).text == "dashboards has no right to flags; its rights are: count"
    )
    with channel(by_token, place.credentials(None, token)) as opened:
        assert ask(opened, whole_call()).code is grpc.StatusCode.OK
    with Client(by_token.address, credentials=secure(place.authority.ca, token=lambda: token)) as client:
        assert client.count_cohorts(PEOPLE, **ASK).provenance["rows_received"] == 3
    soon(lambda: len(lines(audit)) == 6)
    assert {line["who"] for line in lines(audit)} == {"dashboards"}


def test_each_call_leaves_a_line(place: Place, audit: pytest.LogCaptureFixture) -> None:
    assert place.ask("warehouse", EXACT).code is grpc.StatusCode.OK
    assert place.ask("warehouse", FLAG_CALL, "FlagPatients").code is grpc.StatusCode.OK
    counted = place.ask("dashboards", whole_call())
    assert place.ask("dashboards", EXACT).reason == "EXACT_COUNTS_REFUSED"
    unknown = begin(question={"ruleset": "a secret"}, disclosure="a secret")
    assert place.ask("dashboards", [unknown, batch(), end()]).code is grpc.StatusCode.NOT_FOUND
    assert place.ask("unlisted", COUNT).reason == "NOT_ALLOWED"
    assert place.ask("warehouse", COUNT, token="a.secret.token").code is grpc.StatusCode.UNAUTHENTICATED
    assert place.ask("lists", FLAG_CALL, "FlagFew").code is grpc.StatusCode.OK
    soon(lambda: len(lines(audit)) == 8)
    found = lines(audit)
    wanted = {"time", "level", "logger", "event", "who", "method", "fingerprint", "ruleset", "policy", "rows", "outcome"}
    assert all(set(line) == wanted for line in found)
    known = counted.replies[0].header.provenance.request_fingerprint
    assert found[2]["fingerprint"] == known
    assert len(known) > 20
    ruleset = found[0]["ruleset"]
    assert ruleset.startswith("core20plus5-adults@")
    assert found[4].pop("rows") in (0, 3)  # it may be refused before its records are read
    kept = [tuple(line.get(name) for name in ("who", "method", "ruleset", "policy", "rows", "outcome")) for line in found]
    assert kept == [
        ("warehouse", "CountCohorts", ruleset, "none", 3, "OK"),
        ("warehouse", "FlagPatients", ruleset, None, 3, "OK"),
        ("dashboards", "CountCohorts", ruleset, "hes", 3, "OK"),
        ("dashboards", "CountCohorts", ruleset, "none", 0, "PermissionDenied"),
        ("dashboards", "CountCohorts", None, None, None, "NotFound"),
        ("certificate:CN=unlisted", "CountCohorts", None, None, None, "PermissionDenied"),
        (None, "CountCohorts", None, None, None, "Unauthenticated"),
        ("lists", "FlagFew", ruleset, None, 3, "OK"),
    ]
    assert [line["fingerprint"] is None for line in found] == [False, False, False, True, True, True, True, False]
    assert "secret" not in str(found)


def test_a_changed_file_of_callers_is_taken_up_and_a_bad_one_is_not(place: Place) -> None:
    def reloads(outcome: str) -> float:
        return place.local.metric("core20plus5_reloads_total", what="callers", outcome=outcome)

    used, refused = reloads("used"), reloads("refused")
    try:
        place.callers.write_text(CALLERS.replace('["flags"]', '["count"]'), encoding="ascii")
        soon(lambda: reloads("used") == used + 1)
        assert place.ask("lists", COUNT).code is grpc.StatusCode.OK
        place.callers.write_text("[callers.lists]\nrights = 3", encoding="ascii")
        soon(lambda: reloads("refused") == refused + 1)
        assert place.ask("lists", COUNT).code is grpc.StatusCode.OK
    finally:
        place.callers.write_text(CALLERS, encoding="ascii")
        soon(lambda: reloads("used") == used + 2)
    assert place.ask("lists", COUNT).reason == "NOT_ALLOWED"
