"""How a connection is encrypted, and how the caller says who they are."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc

from core20plus5_client.errors import RequestError

#: A bearer token, or what gives one that is still good, asked before each call; it may be called in another thread.
Token = str | Callable[[], str]


def secure(
    ca: str | Path | None = None,
    certificate: str | Path | None = None,
    key: str | Path | None = None,
    token: Token | None = None,
) -> grpc.ChannelCredentials:
    """For the `credentials` of a Client: TLS, and who calls.

    ca: PEM file of the authorities that servers are certified by; None are those that gRPC knows. certificate, key: PEM files of
    the client's own, for servers that want one (mutual TLS). token: goes with every call; it never goes without encryption.
    Raises RequestError for files that cannot be read, or for only one of certificate and key.
    """
    if (certificate is None) != (key is None):
        raise RequestError("certificate and key go together")
    encrypted = grpc.ssl_channel_credentials(*(_content(path) for path in (ca, key, certificate)))
    if token is None:
        return encrypted
    return grpc.composite_channel_credentials(encrypted, grpc.metadata_call_credentials(_Bearer(token)))


def _content(path: str | Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise RequestError(f"{path} cannot be read: {error.strerror}") from None


class _Bearer(grpc.AuthMetadataPlugin):
    def __init__(self, token: Token) -> None:
        self._token = token

    def __call__(self, _: grpc.AuthMetadataContext, callback: Any) -> None:
        try:
            token = self._token() if callable(self._token) else self._token
        except Exception:  # gRPC would send its text on to whoever reads the status
            callback((), RequestError("there is no token: what should give it failed"))
            return
        callback((("authorization", f"Bearer {token.strip()}"),), None)
