"""The settings that say who may connect, who is answered, and how that is known."""

import ipaddress
from pathlib import Path

from pydantic import BaseModel, Field, field_validator, model_validator
from pydantic_settings import CliImplicitFlag

#: Signatures that only the holder of a private key can make. With a shared secret, whoever can check a token could make one.
ASYMMETRIC = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")


def is_loopback(host: str) -> bool:
    """Whether a host that is listened on can be reached from this machine only."""
    name = host.strip("[]")
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


class AccessSettings(BaseModel):
    """Encryption, identities and rights. What leaves a gap is refused with the name of the setting that is missing."""

    listen: str = Field("127.0.0.1:50051", description="address of the service, HOST:PORT; port 0 is any free one")
    tls_cert: Path | None = Field(None, description="certificate of the server with those between it and its authority, PEM")
    tls_key: Path | None = Field(None, description="its private key, PEM")
    tls_client_ca: Path | None = Field(
        None, description="authorities whose certificates clients must have to connect (mutual TLS), PEM"
    )
    insecure_plaintext_on_network: CliImplicitFlag[bool] = Field(
        False, description="without TLS, listen on more than this machine: whoever is on the way can read and change everything"
    )
    callers: Path | None = Field(None, description="who may do what, TOML; everybody else is refused")
    jwt_keys: str = Field("", description="take bearer tokens signed with these keys: a JWKS file, or its https address")
    jwt_issuer: str = Field("", description="who must have issued a token, its iss")
    jwt_audience: str = Field("", description="for whom a token must be, one of its aud")
    jwt_algorithms: str = Field("RS256,PS256,ES256,EdDSA", description="signatures that are taken, asymmetric ones only")
    jwt_leeway_seconds: float = Field(30, ge=0, le=300, description="by how much clocks may differ")
    jwt_refresh_seconds: float = Field(300, ge=10, description="how often the keys at an https address are read again")
    reload_seconds: float = Field(
        10, gt=0, description="how often certificates, callers and keys in files are looked at for a change"
    )

    @field_validator("jwt_algorithms")
    @classmethod
    def _are_asymmetric(cls, value: str) -> str:
        if not value or not set(value.split(",")) <= set(ASYMMETRIC):
            raise ValueError(f"some of {', '.join(ASYMMETRIC)}, with commas between several")
        return value

    @field_validator("jwt_keys")
    @classmethod
    def _is_file_or_https(cls, value: str) -> str:
        scheme, separator, rest = value.partition("://")
        if separator and (scheme != "https" or "@" in rest.partition("/")[0]):
            raise ValueError("a file, or an https address without a password in it")
        return value

    @property
    def algorithms(self) -> tuple[str, ...]:
        """Of jwt_algorithms."""
        return tuple(self.jwt_algorithms.split(","))

    @property
    def identifies(self) -> bool:
        """Whether there is a way to know who calls."""
        return bool(self.tls_client_ca or self.jwt_keys)

    @model_validator(mode="after")
    def _leave_no_gap(self) -> "AccessSettings":
        """What each setting alone does not show."""
        for problem in filter(None, (self._tls_gap(), self._plain_gap(), self._token_gap(), self._caller_gap())):
            raise ValueError(problem)
        return self

    def _tls_gap(self) -> str | None:
        if (self.tls_cert is None) != (self.tls_key is None):
            return f"{'tls_key' if self.tls_key is None else 'tls_cert'}: missing: --tls-cert and --tls-key go together"
        if self.tls_client_ca is not None and self.tls_cert is None:
            return "tls_cert: missing: --tls-client-ca is about TLS, which needs --tls-cert and --tls-key"
        return None

    def _plain_gap(self) -> str | None:
        host = self.listen.rpartition(":")[0]
        if self.tls_cert is not None or self.insecure_plaintext_on_network or is_loopback(host):
            return None
        return (
            f"listen: {host} is reached from other machines, and nothing would be encrypted: give --tls-cert and --tls-key,"
            " listen on 127.0.0.1, or say --insecure-plaintext-on-network"
        )

    def _token_gap(self) -> str | None:
        names = ("jwt_issuer", "jwt_audience")
        if self.jwt_keys:
            missing = next((name for name in names if not getattr(self, name)), None)
            return f"{missing}: missing: tokens of others would be taken without it" if missing else None
        without = next((name for name in names if getattr(self, name)), None)
        return f"{without}: is about tokens, which need --jwt-keys" if without else None

    def _caller_gap(self) -> str | None:
        if self.identifies and self.callers is None:
            return "callers: missing: nobody could be answered, since nobody has a right until this file gives one"
        if self.callers is not None and not self.identifies:
            return "callers: there is no way to know who calls: give --tls-client-ca, --jwt-keys or both"
        return None
