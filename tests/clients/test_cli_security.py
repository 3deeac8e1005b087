"""The command line over TLS: certificates and tokens by option and by environment, and plain words where they are wrong."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from core20plus5_cli.app import app
from core20plus5_cli.population import sample_people
from core20plus5_client import Client, Core20Plus5Error, PermissionDeniedError, secure
from tests.service.certificates import AUDIENCE, ISSUER, Authority, Issuer, write_jwks
from tests.service.in_process import LocalServer, local_server

CALLERS = f"""
[callers.me]
rights = ["count"]
token = {{ issuer = "{ISSUER}", subject = "me" }}
"""


class Served:
    """A server that wants tokens; a folder with what its callers need."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.authority, self.issuer = folder, Authority(folder), Issuer()
        self.authority.make("server")
        write_jwks(folder / "keys.json", self.issuer)
        (folder / "callers.toml").write_text(CALLERS, encoding="ascii")
        (folder / "token").write_text(self.issuer.token("me") + "\n", encoding="ascii")
        pq.write_table(pa.Table.from_batches(list(sample_people(2_000, 1))), folder / "people.parquet")
        self.local: LocalServer

    def run(self, command: str, *more: str, **variables: str) -> tuple[int, str]:
        asked = [command, str(self.folder / "people.parquet"), "--reference-date", "2026-03-31", "--imd-version", "2025"]
        out = ["--out", str(self.folder / "out.parquet"), "--server", self.local.address]
        done = CliRunner().invoke(app, [*asked, *out, *more], env=variables)
        return done.exit_code, done.output


@pytest.fixture(scope="module", name="served")
def _served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = Served(tmp_path_factory.mktemp("served"))
    folder = served.folder
    identity = {"jwt_keys": str(folder / "keys.json"), "jwt_issuer": ISSUER, "jwt_audience": AUDIENCE}
    files = {"tls_cert": folder / "server.crt", "tls_key": folder / "server.key", "callers": folder / "callers.toml"}
    with local_server(**files, **identity) as served.local:
        yield served


def test_counted_with_a_token(served: Served) -> None:
    ca, token = str(served.authority.ca), str(served.folder / "token")
    assert served.run("count", "--server-ca", ca, "--token-file", token)[0] == 0
    assert pq.read_table(served.folder / "out.parquet").num_rows > 0
    assert served.run("count", CORE20PLUS5_SERVER_CA=ca, CORE20PLUS5_TOKEN_FILE=token)[0] == 0
    load = [
        "loadtest",
        "--server",
        served.local.address,
        "--calls",
        "2",
        "--people",
        "1000",
        "--server-ca",
        ca,
        "--token-file",
        token,
    ]
    assert CliRunner().invoke(app, load).exit_code == 0


def test_what_is_said_of_refusals(served: Served, tmp_path: Path) -> None:
    ca, token = str(served.authority.ca), str(served.folder / "token")
    old = tmp_path / "old"
    old.write_text(served.issuer.token("me", exp=1), encoding="ascii")
    said = {
        "core20plus5: me has no right to flags; its rights are: count": served.run(
            "flag", "--server-ca", ca, "--token-file", token
        ),
        "core20plus5: a token is needed, in the metadata as authorization: Bearer TOKEN": served.run("count", "--server-ca", ca),
        "core20plus5: the token has expired": served.run("count", "--server-ca", ca, "--token-file", str(old)),
        f"core20plus5: {tmp_path}/none cannot be read: --token-file is a file that holds a token": served.run(
            "count", "--token-file", f"{tmp_path}/none"
        ),
        f"core20plus5: {tmp_path}/none cannot be read: No such file or directory": served.run(
            "count", "--server-ca", f"{tmp_path}/none"
        ),
        "core20plus5: certificate and key go together": served.run("count", "--client-cert", token),
    }
    for words, (code, output) in said.items():
        assert (code, " ".join(output.split())) == (2, words)
    # Without the authority the server is not believed, and without TLS it does not answer.
    for more in ((), ("--tls", "--token-file", token)):
        code, output = served.run("count", *more)
        assert code == 2
        assert "no core20plus5 server answers at" in output


def test_options_about_no_server(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app, ["count", str(tmp_path / "people.parquet"), "--reference-date", "2026-03-31", "--imd-version", "2025", "--tls"]
    )
    assert done.exit_code == 2
    assert "name it with --server" in done.output


def test_a_token_is_asked_for_before_each_call(served: Served) -> None:
    given = iter([served.issuer.token("me"), served.issuer.token("other")])

    def token() -> str:
        found = next(given, None)
        if found is None:
            raise OSError("a secret")
        return found

    with Client(served.local.address, credentials=secure(served.authority.ca, token=token), deadline=10) as client:
        assert client.server_info().rights == ("count",)
        with pytest.raises(PermissionDeniedError, match="not among those that the server answers"):
            client.server_info()
        with pytest.raises(Core20Plus5Error) as raised:
            client.server_info()
    assert "a secret" not in str(raised.value)
