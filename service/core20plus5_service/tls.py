"""The certificate of the server, checked before it is used, and exchanged while the server runs.

gRPC takes TLS 1.2 with ECDHE and AES-GCM, and TLS 1.3; a test holds that it takes nothing older.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import grpc
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from core20plus5_service.errors import SetupError
from core20plus5_service.reloading import Reloaded, Told
from core20plus5_service.settings import Settings


@dataclass(frozen=True)
class Certificates:
    """What a connection is made with. expires: of the server's certificate and of the authorities of clients, the first."""

    configuration: grpc.ServerCertificateConfiguration
    expires: datetime


def read_certificates(chain: bytes, key: bytes, client_ca: bytes | None = None) -> Certificates:
    """From the bytes of PEM files. Raises SetupError where they are none, or do not belong together."""
    certificates = _certificates("tls_cert", chain)
    try:
        private = load_pem_private_key(key, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SetupError("tls_key: no private key in PEM without a password") from None
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if private.public_key().public_bytes(*form) != certificates[0].public_key().public_bytes(*form):
        raise SetupError("tls_key: is not the key of the first certificate in tls_cert")
    authorities = [] if client_ca is None else _certificates("tls_client_ca", client_ca)
    configuration = grpc.ssl_server_certificate_configuration([(key, chain)], client_ca)
    return Certificates(configuration, min(found.not_valid_after_utc for found in (certificates[0], *authorities)))


def _certificates(name: str, content: bytes) -> Sequence[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(content)
    except ValueError:
        raise SetupError(f"{name}: no certificates in PEM") from None


def open_certificates(settings: Settings, told: Told) -> Reloaded[Certificates] | None:
    """The certificates of the settings; None for a server without TLS. Raises SetupError."""
    if settings.tls_cert is None or settings.tls_key is None:
        return None
    paths: list[Path] = [path for path in (settings.tls_cert, settings.tls_key, settings.tls_client_ca) if path is not None]
    return Reloaded("tls", paths, read_certificates, told)


def credentials(certificates: Reloaded[Certificates], ask_clients: bool) -> grpc.ServerCredentials:
    """With which each new connection gets the certificates of its time; those that are open keep theirs.

    ask_clients: whether one without a certificate of the authorities is not connected.
    """
    return grpc.dynamic_ssl_server_credentials(
        certificates.value.configuration, lambda: certificates.value.configuration, ask_clients
    )
