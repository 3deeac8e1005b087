"""The proxy of the production overlay, with its own configuration in a real nginx: mutual TLS in front, streams through."""

import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pyarrow as pa
import pytest

from core20plus5_cli.population import sample_people, sample_schema
from core20plus5_client import Client, Core20Plus5Error, ServerUnavailableError
from tests.deploy.live import free_port, until
from tests.e2e.asking import ASK
from tests.e2e.process import ServerProcess, running_server
from tests.programs import program

CONFIGURATION = Path(__file__).resolve().parents[2] / "deploy" / "kubernetes" / "overlays" / "production" / "nginx.conf"


@dataclass(frozen=True)
class Proxy:
    """In front of a server. address, and the folder with ca.crt and NAME.crt, NAME.key."""

    server: ServerProcess
    address: str
    folder: Path

    def credentials(self, name: str | None) -> grpc.ChannelCredentials:
        """Of a client with this certificate, or with none."""
        files = [self._read("ca.crt"), *((self._read(f"{name}.key"), self._read(f"{name}.crt")) if name else (None, None))]
        return grpc.ssl_channel_credentials(*files)

    def _read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()


def openssl(folder: Path, *arguments: str) -> None:
    command = [program("openssl", "openssl"), *arguments]
    subprocess.run(command, cwd=folder, capture_output=True, check=True, timeout=60)


def make_certificates(folder: Path) -> None:
    """An authority, a server and a client that it knows, and a stranger with an authority of their own."""
    for authority in ("ca", "other"):
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{authority}.key")
        openssl(folder, "req", "-x509", *key, "-out", f"{authority}.crt", "-days", "1", "-subj", f"/CN={authority}")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost", encoding="ascii")
    for name, authority in (("tls", "ca"), ("friend", "ca"), ("stranger", "other")):
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key")
        openssl(folder, "req", *key, "-out", f"{name}.csr", "-subj", f"/CN={name}")
        signer = ("-CA", f"{authority}.crt", "-CAkey", f"{authority}.key", "-CAcreateserial")
        openssl(folder, "x509", "-req", "-in", f"{name}.csr", *signer, "-days", "1", "-extfile", "names", "-out", f"{name}.crt")


@pytest.fixture(scope="module", name="proxy")
def _proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder, port = tmp_path_factory.mktemp("proxy"), free_port()
    make_certificates(folder)
    with running_server("--idle-seconds", "10") as server:
        text = CONFIGURATION.read_text(encoding="utf-8")
        for there, here in (
            ("/tmp/", f"{folder}/"),
            ("/etc/core20plus5-tls", str(folder)),
            ("127.0.0.1:50051", server.listen),
            ("listen 50443", f"listen 127.0.0.1:{port}"),
        ):
            assert there in text
            text = text.replace(there, here)
        (folder / "nginx.conf").write_text(text, encoding="utf-8")
        command = [program("nginx", "Debian's package nginx-light"), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            try:
                until(lambda: is_open(port) or process.poll() is not None, "nginx listens", 20)
                assert process.poll() is None, process.communicate()
                yield Proxy(server, f"127.0.0.1:{port}", folder)
            finally:
                process.terminate()
                process.communicate(timeout=60)


def is_open(port: int) -> bool:
    with socket.socket() as found:
        return found.connect_ex(("127.0.0.1", port)) == 0


def test_who_has_a_certificate_is_answered(proxy: Proxy) -> None:
    """Records larger than any buffer of the proxy, and answers that begin before the records have ended."""
    people = pa.Table.from_batches(list(sample_people(300_000, 1)), sample_schema())
    with Client(proxy.address, credentials=proxy.credentials("friend")) as client:
        assert client.count_cohorts(people, strata=["imd_quintile"], **ASK).provenance["rows_received"] == 300_000
        with client.flag_patients(people, **ASK) as flags:
            assert sum(batch.num_rows for batch in flags) == 300_000


@pytest.mark.parametrize("name", [None, "stranger"])
def test_who_has_none_is_not(proxy: Proxy, name: str | None) -> None:
    """The proxy answers by itself, and the service hears nothing of it."""
    before = calls_started(proxy)
    with Client(proxy.address, credentials=proxy.credentials(name), deadline=10) as client, pytest.raises(Core20Plus5Error):
        client.server_info()
    assert calls_started(proxy) == before


def calls_started(proxy: Proxy) -> float:
    return sum(value for key, value in proxy.server.metrics().items() if key[0] == "grpc_server_started_total")


def test_nothing_is_said_without_encryption(proxy: Proxy) -> None:
    with Client(proxy.address, deadline=10) as client, pytest.raises(ServerUnavailableError):
        client.server_info()


@pytest.mark.parametrize(("version", "works"), [("1.1", False), ("1.2", True), ("1.3", True)])
def test_versions_of_tls(proxy: Proxy, version: str, works: bool) -> None:
    flag = f"-tls{version.replace('.', '_')}"
    files = ("-cert", "friend.crt", "-key", "friend.key", "-CAfile", "ca.crt")
    command = [program("openssl", "openssl"), "s_client", "-connect", proxy.address, flag, *files, "-alpn", "h2"]
    done = subprocess.run(command, cwd=proxy.folder, input=b"", capture_output=True, timeout=20, check=False)
    assert bool(b"Verify return code: 0 (ok)" in done.stdout and b"Cipher is (NONE)" not in done.stdout) is works
