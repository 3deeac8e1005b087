"""Certificates, tokens and key sets as authorities make them, for tests: real ones, good for a day."""

import ipaddress
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

ISSUER, AUDIENCE = "https://login.example", "core20plus5"


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


class Authority:
    """Signs certificates, and puts them into a folder: NAME.crt and NAME.key, its own as ca.crt."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        self.folder, self._name = folder, _name(name)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.ca = folder / f"{name}.crt"
        self._write(self.ca, self._name, self._key.public_key(), None, timedelta(days=1))

    def make(self, name: str, names: Sequence[x509.GeneralName] = (), days: float = 1, file: str = "") -> tuple[Path, Path]:
        """A certificate and its key. names: besides those of this machine; file: another name for the files."""
        key = ec.generate_private_key(ec.SECP256R1())
        place, secret = self.folder / f"{file or name}.crt", self.folder / f"{file or name}.key"
        here = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        self._write(place, _name(name), key.public_key(), [*here, *names], timedelta(days=days))
        secret.write_bytes(_pem(key))
        return place, secret

    def _write(self, path: Path, subject: x509.Name, key: Any, names: list[x509.GeneralName] | None, life: timedelta) -> None:
        now = datetime.now(UTC)
        begin = min(now, now + life) - timedelta(hours=1)
        made = x509.CertificateBuilder(self._name, subject, key, x509.random_serial_number(), begin, now + life)
        made = made.add_extension(x509.BasicConstraints(ca=names is None, path_length=None), critical=True)
        if names is not None:
            made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
        path.write_bytes(made.sign(self._key, SHA256()).public_bytes(Encoding.PEM))


@dataclass
class Issuer:
    """Signs tokens with a key that it publishes under an id."""

    key_id: str = "one"

    def __post_init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())

    def jwk(self) -> dict[str, Any]:
        """The public part, as in a JWKS."""
        public: dict[str, Any] = jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return public | {"kid": self.key_id, "use": "sig"}

    def token(self, subject: str = "dashboards", **changes: Any) -> str:
        """Good for an hour, but for changes of its claims; a timedelta is from now, None leaves a claim out."""
        now = int(datetime.now(UTC).timestamp())
        changes = {key: now + value.total_seconds() if isinstance(value, timedelta) else value for key, value in changes.items()}
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "iat": now, "nbf": now, "exp": now + 3600} | changes
        known = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(known, self.key, algorithm="ES256", headers={"kid": self.key_id})


def write_jwks(path: Path, *issuers: Issuer) -> Path:
    """The key set of these issuers."""
    path.write_text(json.dumps({"keys": [issuer.jwk() for issuer in issuers]}), encoding="ascii")
    return path
