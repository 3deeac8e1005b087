"""TLS on a real socket: versions and suites, certificates of clients, and certificates exchanged while the server runs."""

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from core20plus5_client import Client, Core20Plus5Error, RequestError, secure
from core20plus5_service.errors import SetupError
from core20plus5_service.tls import read_certificates
from tests.e2e.process import running_server
from tests.programs import program
from tests.service.certificates import Authority
from tests.service.in_process import LocalServer, local_server, soon
from tests.service.test_ending import Gate
from tests.service.wire import assert_answers, batch, begin, end, open_call, outcome_of


@pytest.fixture(scope="module", name="authority")
def _authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    found = Authority(tmp_path_factory.mktemp("tls"))
    found.make("server")
    return found


@pytest.fixture(scope="module", name="secured")
def _secured(authority: Authority) -> Iterator[LocalServer]:
    folder = authority.folder
    with local_server(tls_cert=folder / "server.crt", tls_key=folder / "server.key", reload_seconds=0.1) as local:
        yield local


def channel(local: LocalServer, credentials: grpc.ChannelCredentials) -> grpc.Channel:
    return grpc.secure_channel(local.address, credentials, [("grpc.use_local_subchannel_pool", 1)])


def handshake(address: str, folder: Path, *flags: str) -> str:
    """What openssl says of a connection: the subject of the server and the suite, or nothing where there is none."""
    command = [program("openssl", "openssl"), "s_client", "-connect", address, "-CAfile", "ca.crt", "-alpn", "h2", *flags]
    done = subprocess.run(command, cwd=folder, input=b"", capture_output=True, timeout=20, check=False)
    said = done.stdout.decode(errors="replace")
    return "" if "Cipher is (NONE)" in said or "Cipher is" not in said else said


GOOD = ["-tls1_3", "-tls1_2", "-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256", "-tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384"]
OLD = ["-tls1", "-tls1_1", *(f"-tls1_2 -cipher ECDHE-ECDSA-{suite}:@SECLEVEL=0" for suite in ("AES128-SHA", "AES256-SHA384"))]


@pytest.mark.parametrize("flags", [*GOOD, *OLD])
def test_only_versions_and_suites_that_authenticate_what_they_encrypt(
    secured: LocalServer, authority: Authority, flags: str
) -> None:
    said = handshake(secured.address, authority.folder, *flags.split())
    assert bool(said) is (flags in GOOD), said
    assert flags in OLD or "GCM" in said
    assert flags in OLD or "Verify return code: 0 (ok)" in said


@pytest.mark.parametrize("suite", ["AES128-SHA", "AES128-SHA256", "AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA"])
def test_suites_of_rsa(tmp_path: Path, suite: str) -> None:
    """Those without forward secrecy, and those with CBC, for a certificate that would bear them."""
    key = rsa.generate_private_key(65537, 2048)
    (tmp_path / "rsa.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    authority = Authority(tmp_path)
    authority._write(tmp_path / "rsa.crt", x509.Name([]), key.public_key(), [x509.DNSName("localhost")], timedelta(days=1))
    with local_server(tls_cert=tmp_path / "rsa.crt", tls_key=tmp_path / "rsa.key") as local:
        assert handshake(local.address, tmp_path, "-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256")
        assert not handshake(local.address, tmp_path, "-tls1_2", "-cipher", f"{suite}:@SECLEVEL=0")


def test_the_environment_cannot_allow_more(authority: Authority) -> None:
    """gRPC would take its suites from there; without this, one of CBC is taken."""
    folder, old = authority.folder, "ECDHE-ECDSA-AES128-SHA"
    flags = ("--tls-cert", str(folder / "server.crt"), "--tls-key", str(folder / "server.key"))
    with running_server(*flags, GRPC_SSL_CIPHER_SUITES=f"ECDHE-ECDSA-AES128-GCM-SHA256:{old}") as server:
        assert handshake(server.listen, folder, "-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384")
        assert not handshake(server.listen, folder, "-tls1_2", "-cipher", f"{old}:@SECLEVEL=0")


def test_the_client_with_the_authority_is_answered_and_others_do_not_trust_the_server(
    secured: LocalServer, authority: Authority, tmp_path: Path
) -> None:
    with Client(secured.address, credentials=secure(authority.ca)) as client:
        assert client.server_info().rights == ("count", "flags")  # everybody's, where nobody is known
    other = Authority(tmp_path)
    for credentials in (None, secure(other.ca)):
        with Client(secured.address, credentials=credentials, deadline=5) as client, pytest.raises(Core20Plus5Error):
            client.server_info()


def subject(local: LocalServer, folder: Path) -> str:
    said = handshake(local.address, folder)
    return said.partition("subject=")[2].partition("\n")[0].replace(" ", "")


def test_a_new_certificate_is_taken_up_by_new_connections_and_a_bad_one_is_not(authority: Authority) -> None:
    folder = authority.folder
    certificate, key = authority.make("first", file="turning")
    with local_server(tls_cert=certificate, tls_key=key, reload_seconds=0.05) as local:

        def reloads(outcome: str) -> float:
            return local.metric("core20plus5_reloads_total", what="tls", outcome=outcome)

        expires = local.metric("core20plus5_certificate_expiry_timestamp_seconds")
        assert subject(local, folder) == "CN=first"
        with channel(local, secure(authority.ca)) as old:
            gate = Gate(begin(), type(begin()), batch(start_offset=3), end(6, 2))
            call = open_call(old, gate)
            soon(lambda: local.metric("core20plus5_rows_received_total") == 3)
            authority.make("second", days=20, file="turning")
            soon(lambda: reloads("used") >= 1)
            soon(lambda: subject(local, folder) == "CN=second")
            assert local.metric("core20plus5_certificate_expiry_timestamp_seconds") > expires + 10 * 86_400
            # What cannot be used changes nothing, and is told.
            refused = reloads("refused")
            certificate.write_bytes(b"no certificate")
            soon(lambda: reloads("refused") == refused + 1)
            key.unlink()
            soon(lambda: reloads("refused") == refused + 2)
            assert subject(local, folder) == "CN=second"
            gate.go.set()
            assert outcome_of(call).code is grpc.StatusCode.OK
            assert_answers(old)


def test_files_that_do_not_belong_together(authority: Authority) -> None:
    certificate, key = authority.make("one")
    other = authority.make("two")[1].read_bytes()
    chain, own = certificate.read_bytes(), key.read_bytes()
    assert read_certificates(chain + authority.ca.read_bytes(), own, authority.ca.read_bytes())
    assert read_certificates(chain, own).expires.tzinfo is not None
    locked = rsa.generate_private_key(65537, 2048).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word")
    )
    bad: list[tuple[Any, str]] = [
        ((chain, other), "tls_key: is not the key of the first certificate in tls_cert"),
        ((authority.ca.read_bytes() + chain, own), "tls_key: is not the key"),
        ((b"", own), "tls_cert: no certificates in PEM"),
        ((chain, b"x"), "tls_key: no private key in PEM"),
        ((chain, locked), "tls_key: no private key in PEM without a password"),
        ((chain, own, own), "tls_client_ca: no certificates in PEM"),
    ]
    for files, words in bad:
        with pytest.raises(SetupError, match=words):
            read_certificates(*files)


def test_credentials_of_a_client_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="go together"):
        secure(certificate=tmp_path / "x")
    with pytest.raises(RequestError, match="cannot be read: No such file"):
        secure(ca=tmp_path / "x")
