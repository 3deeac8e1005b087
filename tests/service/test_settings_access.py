"""Settings of encryption and identity: what would leave a gap is refused at the start, with the setting that is missing."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from core20plus5_service.__main__ import main
from core20plus5_service.settings import Settings
from core20plus5_service.settings_access import is_loopback
from tests.e2e.process import environment
from tests.service.certificates import Authority

TLS: dict[str, Any] = {"tls_cert": "a.crt", "tls_key": "a.key"}
JWT: dict[str, Any] = {"jwt_keys": "keys.json", "jwt_issuer": "i", "jwt_audience": "a", "callers": "c.toml"}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "[::1]"])
def test_this_machine_needs_no_encryption(host: str) -> None:
    assert is_loopback(host)
    assert Settings(listen=f"{host}:1").tls_cert is None


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "10.0.0.1", "example.org", "localhost.example.org", "127.0.0.1.nip.io"])
def test_the_network_does(host: str) -> None:
    with pytest.raises(ValidationError, match="is reached from other machines, and nothing would be encrypted"):
        Settings(listen=f"{host}:1")
    assert Settings(listen=f"{host}:1", **TLS).listen
    assert Settings(listen=f"{host}:1", insecure_plaintext_on_network=True).listen


def test_it_is_said_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--listen", "0.0.0.0:50051"]) == 2
    assert capsys.readouterr().err == (
        "--listen: 0.0.0.0 is reached from other machines, and nothing would be encrypted: give --tls-cert and --tls-key,"
        " listen on 127.0.0.1, or say --insecure-plaintext-on-network\n"
    )


GAPS: list[tuple[dict[str, Any], str]] = [
    ({"tls_cert": "a"}, "tls_key: missing"),
    ({"tls_key": "a"}, "tls_cert: missing"),
    ({"tls_client_ca": "a", "callers": "c"}, "tls_cert: missing"),
    (TLS | {"tls_client_ca": "a"}, "callers: missing: nobody could be answered"),
    ({name: value for name, value in JWT.items() if name != "callers"}, "callers: missing"),
    (TLS | {"callers": "c"}, "callers: there is no way to know who calls"),
    (JWT | {"jwt_issuer": ""}, "jwt_issuer: missing: tokens of others"),
    (JWT | {"jwt_audience": ""}, "jwt_audience: missing: tokens of others"),
    ({"jwt_audience": "a"}, "jwt_audience: is about tokens, which need --jwt-keys"),
    (JWT | {"jwt_keys": "http://login.example/keys"}, "a file, or an https address"),
    (JWT | {"jwt_keys": "https://me:word@login.example/keys"}, "without a password in it"),
    (JWT | {"jwt_algorithms": "RS256,HS256"}, "some of RS256"),
    (JWT | {"jwt_algorithms": "none"}, "some of RS256"),
    (JWT | {"jwt_algorithms": ""}, "some of RS256"),
]


@pytest.mark.parametrize(("given", "words"), GAPS)
def test_gaps(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(words)):
        Settings(**given)


def test_what_works() -> None:
    assert Settings(**TLS, **JWT, tls_client_ca=Path("ca.crt")).identifies
    assert Settings(**JWT | {"jwt_keys": "https://login.example/keys"}).algorithms == ("RS256", "PS256", "ES256", "EdDSA")
    assert not Settings(**TLS).identifies


@pytest.mark.parametrize("wrong", ["tls_cert", "tls_client_ca", "callers", "jwt_keys"])
def test_files_that_cannot_be_used_end_the_start(tmp_path: Path, wrong: str) -> None:
    """With exit code 2 and a line about the file, as a process."""
    authority = Authority(tmp_path)
    certificate, key = authority.make("server")
    callers = tmp_path / "callers.toml"
    callers.write_text('[callers.a]\nrights = ["count"]\ncertificate = { dns = "a" }', encoding="ascii")
    files: dict[str, Any] = {"tls_cert": certificate, "tls_key": key, "tls_client_ca": authority.ca, "callers": callers}
    if wrong == "jwt_keys":
        files |= {"jwt_keys": "", "jwt_issuer": "i", "jwt_audience": "a"}
    files[wrong] = tmp_path / "none.file"
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in files.items()]
    command = [sys.executable, "-m", "core20plus5_service", "--listen", "127.0.0.1:0", "--metrics-listen", "", *flags]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, f"{tmp_path}/none.file: No such file or directory")
