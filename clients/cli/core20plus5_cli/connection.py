"""The server that a command asks, and how: encrypted or not, with which certificate or token."""
# ruff: noqa: PLC0415 - the client is loaded only where it is used

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core20plus5_cli.errors import CliError

if TYPE_CHECKING:
    from core20plus5_client import Client


@dataclass(frozen=True)
class Connection:
    """What --server and the options about it say. address: HOST:PORT; token: the file that has it."""

    address: str
    tls: bool = False
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    token: Path | None = None

    def client(self, **more: Any) -> Client:
        """A client of the server. more: arguments of Client."""
        from core20plus5_client import Client, secure

        if not (self.tls or self.ca or self.certificate or self.key or self.token):
            return Client(self.address, **more)
        token = None if self.token is None else self._read_token
        if token is not None:
            token()  # said at once if it is not there; read again before each call, since tokens are renewed
        return Client(self.address, credentials=secure(self.ca, self.certificate, self.key, token), **more)

    def _read_token(self) -> str:
        assert self.token is not None
        try:
            return self.token.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            raise CliError(f"{self.token} cannot be read: --token-file is a file that holds a token") from None


def connection(
    server: str | None, tls: bool, ca: Path | None, certificate: Path | None, key: Path | None, token: Path | None
) -> Connection | None:
    """Of the options; None where there is no server. Raises CliError for options about a server that is not named."""
    if server is None:
        if tls or ca or certificate or key or token:
            raise CliError(
                "--tls, --server-ca, --client-cert, --client-key and --token-file are about a server: name it with --server"
            )
        return None
    return Connection(server, tls, ca, certificate, key, token)
