"""Who may do what, from a small file that operators write.

[callers.warehouse]
rights = ["count", "exact", "flags"]
certificate = { dns = "warehouse.icb.example" }      # or uri, email, common_name, subject

[callers.dashboards]
rights = ["count"]
token = { issuer = "https://login.example", subject = "dashboards" }
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core20plus5_service.errors import NotAllowedError, SetupError

#: What a connection or a token proves: its kind, and then what the kind has: ("dns", name) or ("token", issuer, subject).
Identity = tuple[str, ...]

#: How a certificate may be named in the file, and what gRPC calls this. A name of one kind is never taken for one of another.
CERTIFICATE_KINDS = {
    "dns": "peer_dns",
    "uri": "peer_uri",
    "email": "peer_email",
    "common_name": "x509_common_name",
    "subject": "x509_subject",
}

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Right(StrEnum):
    """What a caller may be given."""

    COUNT = "count"
    EXACT = "exact"
    FLAGS = "flags"


@dataclass(frozen=True)
class Caller:
    """Somebody who is answered. name: None where everybody is. key: whose calls are added up against limits of one caller."""

    name: str | None
    rights: frozenset[Right]
    key: str

    def may(self, right: Right) -> bool:
        """Whether the caller has a right."""
        return right in self.rights


class Callers:
    """Those of a file, by what proves them."""

    def __init__(self, by_identity: Mapping[Identity, Caller]) -> None:
        self._by_identity = by_identity

    def find(self, proven: Iterable[Identity]) -> Caller:
        """The one caller with any of these identities. Raises NotAllowedError where there is none, or more than one."""
        found = {caller.key: caller for identity in proven if (caller := self._by_identity.get(identity)) is not None}
        if not found:
            raise NotAllowedError("this caller is not among those that the server answers")
        if len(found) > 1:
            raise NotAllowedError("what this caller proves is that of more than one among those that the server answers")
        return next(iter(found.values()))


def read_callers(content: bytes) -> Callers:
    """From the bytes of the file. Raises SetupError, which names the caller and what is wrong."""
    try:
        document = tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SetupError(f"callers: no TOML: {error}") from None
    if set(document) != {"callers"} or not isinstance(document["callers"], dict):
        raise SetupError("callers: the file has tables [callers.NAME], one at least, and nothing else")
    found: dict[Identity, Caller] = {}
    for name, entry in document["callers"].items():
        caller = Caller(name, _rights(name, entry), name)
        for identity in _identities(name, entry):
            if identity in found:
                raise SetupError(f"callers: {name} has the identity of {found[identity].name}")
            found[identity] = caller
    return Callers(found)


def _rights(name: str, entry: Any) -> frozenset[Right]:
    if not _NAME.fullmatch(name):
        raise SetupError("callers: a name has letters, digits, dots, dashes and underscores, 64 at most")
    if not isinstance(entry, dict) or not set(entry) <= {"rights", "certificate", "token"}:
        raise SetupError(f"callers: {name} has rights, and certificate, token or both; nothing else")
    rights = entry.get("rights")
    if not isinstance(rights, list) or not all(isinstance(right, str) and right in set(Right) for right in rights):
        raise SetupError(f"callers: {name}: rights is a list of some of {', '.join(Right)}")
    if Right.EXACT in rights and Right.COUNT not in rights:
        raise SetupError(f"callers: {name}: exact says how counts are given, and needs count as well")
    return frozenset(map(Right, rights))


def _identities(name: str, entry: dict[str, Any]) -> list[Identity]:
    found: list[Identity] = []
    if "certificate" in entry:
        kind, value = _texts(name, "certificate", entry["certificate"], set(CERTIFICATE_KINDS), 1)[0]
        found.append((kind, value))
    if "token" in entry:
        parts = dict(_texts(name, "token", entry["token"], {"issuer", "subject"}, 2))
        found.append(("token", parts["issuer"], parts["subject"]))
    if not found:
        raise SetupError(f"callers: {name} has no certificate and no token to be known by")
    return found


def _texts(name: str, what: str, value: Any, keys: set[str], number: int) -> list[tuple[str, str]]:
    """So many entries of a table of texts."""
    right = isinstance(value, dict) and set(value) <= keys and len(value) == number
    if not right or not all(isinstance(text, str) and text for text in value.values()):
        words = " and ".join(sorted(keys)) if number == len(keys) else f"one of {', '.join(sorted(keys))}"
        raise SetupError(f"callers: {name}: {what} has {words}, a text")
    return list(value.items())
