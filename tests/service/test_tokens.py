"""Bearer tokens: what is taken, what is not and why, and where the keys come from. Real signatures, a real https server."""

import asyncio
import hmac
import json
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core20plus5_service import keys
from core20plus5_service.errors import KeysUnknownError, SetupError, UnauthenticatedError
from core20plus5_service.keys import KeySource, read_keys
from core20plus5_service.tokens import Tokens
from tests.service.certificates import AUDIENCE, ISSUER, Authority, Issuer, write_jwks
from tests.service.in_process import settings


class Told(list[tuple[str, bool]]):
    """What was read anew."""

    def __call__(self, what: str, used: bool) -> None:
        self.append((what, used))


def tokens(source: Any, **more: Any) -> tuple[Tokens, KeySource, Told]:
    told = Told()
    # The file of callers is not looked at here.
    given = {"jwt_keys": str(source), "jwt_issuer": ISSUER, "jwt_audience": AUDIENCE, "callers": Path("callers.toml")} | more
    found = KeySource(str(source), 300, told)
    return Tokens(settings(**given), found), found, told


def ask(source: Any, token: str, **more: Any) -> tuple[str, ...]:
    async def run() -> tuple[str, ...]:
        return await tokens(source, **more)[0].identity(token)

    return asyncio.run(run())


@pytest.fixture(scope="module", name="issuer")
def _issuer() -> Issuer:
    return Issuer()


@pytest.fixture(name="file")
def _file(issuer: Issuer, tmp_path: Path) -> Path:
    return write_jwks(tmp_path / "keys.json", issuer)


def test_whom_it_proves(issuer: Issuer, file: Path) -> None:
    assert ask(file, issuer.token("somebody")) == ("token", ISSUER, "somebody")
    assert ask(file, issuer.token(aud=["another", AUDIENCE]))
    assert ask(file, issuer.token(exp=timedelta(seconds=-20), nbf=None)), "clocks may differ by 30 seconds"
    assert ask(file, issuer.token(nbf=timedelta(seconds=20)))


BAD: list[tuple[dict[str, Any], str]] = [
    ({"exp": timedelta(seconds=-60)}, "the token has expired"),
    ({"nbf": timedelta(seconds=60)}, "the token is not valid yet"),
    ({"iss": "https://other.example"}, "the token is of another issuer"),
    ({"aud": "another"}, "the token is for another audience"),
    *(({name: None}, "the token must have exp, iss, aud, sub") for name in ("exp", "iss", "aud", "sub")),
    ({"sub": 3}, "the token is not valid"),
]


@pytest.mark.parametrize(("changes", "words"), BAD)
def test_claims_that_are_not_taken(issuer: Issuer, file: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UnauthenticatedError) as raised:
        ask(file, issuer.token(**changes))
    assert str(raised.value) == words


def by_secret(claims: dict[str, Any], secret: bytes) -> str:
    """Signed with a shared secret, by hand: the library refuses to use a public key as one."""
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256", "kid": "one"}, claims)]
    text = b".".join(map(jwt.utils.base64url_encode, parts))
    return b".".join((text, jwt.utils.base64url_encode(hmac.digest(secret, text, "sha256")))).decode()


def test_signatures_that_are_not_taken(issuer: Issuer, file: Path) -> None:
    """None at all, a shared secret made of the public key, another key under the same id, a key that is not there, and bytes."""
    claims = jwt.decode(issuer.token(), options={"verify_signature": False})
    public = issuer.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    head, body, signature = issuer.token().split(".")
    made_up = {
        "no signature": jwt.encode(claims, None, algorithm="none", headers={"kid": "one"}),
        "a secret": by_secret(claims, public),
        "another key": Issuer().token(),
        "an unknown key": Issuer("two").token(),
        "another body": ".".join(
            (head, jwt.utils.base64url_encode(json.dumps(claims | {"sub": "x"}).encode()).decode(), signature)
        ),
        "cut off": f"{head}.{body}.",
        "bytes": "a.b.c",
        "nothing": "x",
    }
    for what, token in made_up.items():
        with pytest.raises(UnauthenticatedError) as raised:
            ask(file, token)
        assert token not in str(raised.value), what
    with pytest.raises(UnauthenticatedError, match="not signed in a way that the server takes"):
        ask(file, issuer.token(), jwt_algorithms="RS256")


def test_keys_of_other_kinds(tmp_path: Path) -> None:
    """Of RSA without a word on the algorithm, of Edwards curves, and beside them secrets and keys for other purposes."""
    strong, edwards = rsa.generate_private_key(65537, 2048), ed25519.Ed25519PrivateKey.generate()
    entries = [
        jwt.algorithms.RSAAlgorithm.to_jwk(strong.public_key(), as_dict=True) | {"kid": "rsa"},
        jwt.algorithms.OKPAlgorithm.to_jwk(edwards.public_key(), as_dict=True) | {"kid": "ed", "alg": "EdDSA"},
        {"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0MTI", "kid": "secret"},
        {"kty": "RSA", "use": "enc", "kid": "enc"},
        {"kty": "EC", "crv": "unknown", "kid": "new"},
    ]
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": entries}), encoding="ascii")
    assert set(read_keys(file.read_bytes())) == {"rsa", "ed"}
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "s", "exp": datetime.now(UTC) + timedelta(seconds=60)}
    for algorithm in ("RS256", "PS256"):
        assert ask(file, jwt.encode(claims, strong, algorithm=algorithm, headers={"kid": "rsa"}))
    assert ask(file, jwt.encode(claims, edwards, algorithm="EdDSA", headers={"kid": "ed"}))
    with pytest.raises(UnauthenticatedError, match="does not have"):  # several keys, and no word which
        ask(file, jwt.encode(claims, strong, algorithm="RS256"))
    with pytest.raises(UnauthenticatedError):
        ask(file, jwt.encode(claims, strong, algorithm="RS256", headers={"kid": "ed"}))
    with pytest.raises(UnauthenticatedError):
        ask(file, jwt.encode(claims, b"secret" * 6, algorithm="HS256", headers={"kid": "secret"}))


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"keys": 3}', b'{"keys": [3]}', b'{"keys": []}', b'{"keys": [{"kty": "oct"}]}']
)
def test_sets_without_keys(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_bytes(content)
    with pytest.raises(SetupError, match="jwt_keys: no "):
        ask(tmp_path / "keys.json", "x")


def test_a_changed_file_is_taken_up(issuer: Issuer, file: Path) -> None:
    async def run() -> None:
        found, source, told = tokens(file)
        second = Issuer("two")
        write_jwks(file, second)
        await source.look()
        await found.identity(second.token())
        with pytest.raises(UnauthenticatedError):
            await found.identity(issuer.token())
        file.write_bytes(b"x")
        await source.look()
        await found.identity(second.token())
        assert told == [("jwt_keys", True), ("jwt_keys", False)]

    asyncio.run(run())


class Publisher:
    """An https server with a key set. asked: how often; answer: status and body."""

    def __init__(self, folder: Path) -> None:
        self.asked, self.answer = 0, (200, b"")
        authority = Authority(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*authority.make("publisher"))
        self.ca, publisher = authority.ca, self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                publisher.asked += 1
                status, body = publisher.answer
                self.send_response(status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(body if status == 200 or self.path == "/elsewhere" else b"")

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.address = f"https://localhost:{self.server.server_address[1]}/keys"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(name="publisher")
def _publisher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    found = Publisher(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(found.ca))
    yield found
    found.server.shutdown()
    found.server.server_close()


def key_set(*issuers: Issuer) -> tuple[int, bytes]:
    return 200, json.dumps({"keys": [issuer.jwk() for issuer in issuers]}).encode()


def test_keys_from_an_address(publisher: Publisher, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for when a token has a key that is not known, but not at the pace of those who make tokens up."""

    async def run() -> None:
        found, source, told = tokens(publisher.address)
        publisher.answer = key_set(issuer)
        await source.look()
        await asyncio.gather(*(found.identity(issuer.token()) for _ in range(5)))
        await source.look()
        assert publisher.asked == 1
        second = Issuer("two")
        publisher.answer = key_set(issuer, second)
        for _ in range(5):
            with pytest.raises(UnauthenticatedError, match="does not have"):
                await found.identity(second.token())
        assert publisher.asked == 1
        monkeypatch.setattr(keys, "_NOT_SOONER", 0.0)
        await asyncio.gather(*(found.identity(second.token()) for _ in range(5)))
        assert publisher.asked == 2
        # What is no set of keys, or no answer, leaves those that are there.
        source._refresh_seconds = 0
        for publisher.answer in ((200, b"x"), (500, b""), (302, b"")):
            await source.look()
            await found.identity(second.token())
        assert told == [("jwt_keys", True)] * 2 + [("jwt_keys", False)] * 3
        assert publisher.asked == 5, "no redirection was followed"

    asyncio.run(run())


def test_an_address_that_does_not_answer_yet(publisher: Publisher, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Callers are told to come back, not that they are nobody; and nobody is believed whose certificate is not known."""

    async def run() -> None:
        found, source, told = tokens(publisher.address)
        publisher.answer = key_set(issuer)
        monkeypatch.setenv("SSL_CERT_FILE", str(publisher.ca.with_name("none")))
        await source.look()
        with pytest.raises(KeysUnknownError) as raised:
            await found.identity(issuer.token())
        assert (raised.value.retry_after, publisher.asked) == (30, 0)
        monkeypatch.setenv("SSL_CERT_FILE", str(publisher.ca))
        monkeypatch.setattr(keys, "_NOT_SOONER", 0.0)
        assert await found.identity(issuer.token())
        assert told == [("jwt_keys", False), ("jwt_keys", True)]

    asyncio.run(run())
