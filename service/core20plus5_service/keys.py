"""The public keys that tokens are signed with: a JWKS (RFC 7517) from a file or an https address, read anew now and then."""

import asyncio
import json
import logging
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jwt

from core20plus5_service.errors import KeysUnknownError, SetupError, UnauthenticatedError
from core20plus5_service.logs import SERVICE, fields
from core20plus5_service.reloading import Reloaded, Told

log = logging.getLogger(SERVICE)

#: Seconds between two readings that unknown keys ask for: whoever makes up tokens must not make us flood the issuer.
_NOT_SOONER = 30.0
_TIMEOUT = 10.0
_MOST_BYTES = 1 << 20

#: Kinds of keys that have a public part; a shared secret is none.
_PUBLIC = {"RSA", "EC", "OKP"}

#: By their id; a set with a single key may leave it out.
Keys = Mapping[str | None, dict[str, Any]]


def read_keys(content: bytes) -> Keys:
    """From the bytes of a JWKS. Raises SetupError where it is none, or has no key that a token can be checked with."""
    try:
        found = {entry.get("kid"): entry for entry in json.loads(content)["keys"] if _is_usable(entry)}
    except (ValueError, TypeError, KeyError, AttributeError):
        raise SetupError("jwt_keys: no set of JSON Web Keys") from None
    if not found:
        raise SetupError("jwt_keys: no public key in it that signatures can be checked with")
    return found


def _is_usable(entry: dict[str, Any]) -> bool:
    """Sets may have keys for other purposes, and of kinds that are not known here."""
    if entry["kty"] not in _PUBLIC or entry.get("use", "sig") != "sig":
        return False
    try:
        jwt.PyJWK(entry)
    except jwt.PyJWTError:
        return False
    return True


class _StayThere(urllib.request.HTTPRedirectHandler):
    """Keys come from the address that was given, and from no other that it may point to."""

    def redirect_request(self, *_: Any) -> None:
        return None


def fetch(address: str) -> bytes:
    """The bytes at an https address, whose certificate is checked. Raises what urllib does."""
    secure = urllib.request.HTTPSHandler(context=ssl.create_default_context())
    with urllib.request.build_opener(_StayThere, secure).open(address, timeout=_TIMEOUT) as answer:
        content: bytes = answer.read(_MOST_BYTES)
    return content


class KeySource:
    """The keys of the issuer, as they are now."""

    def __init__(self, source: str, refresh_seconds: float, told: Told) -> None:
        """source: a file, whose SetupError is raised here, or an https address, which may answer later."""
        self._told, self._refresh_seconds = told, refresh_seconds
        self._address = source if source.startswith("https://") else ""
        self._file = None if self._address else Reloaded("jwt_keys", [Path(source)], read_keys, told)
        self._keys: Keys = self._file.value if self._file else {}
        self._asked = float("-inf")
        self._asking = asyncio.Lock()

    async def look(self) -> None:
        """Read the keys again if it is time to, or the file has changed."""
        if self._file is not None:
            if self._file.look():
                self._keys = self._file.value
        elif time.monotonic() - self._asked >= (self._refresh_seconds if self._keys else _NOT_SOONER):
            await self._ask()

    async def find(self, key_id: str | None, algorithm: str) -> dict[str, Any]:
        """The key of this id for this algorithm; an unknown one is looked for anew, but not often.

        Raises UnauthenticatedError where there is none, KeysUnknownError while no keys have come from the address.
        """
        key = self._known(key_id)
        if key is None and self._address:
            async with self._asking:
                key = self._known(key_id)
                if key is None and time.monotonic() - self._asked >= _NOT_SOONER:
                    await self._ask_now()
                    key = self._known(key_id)
        if not self._keys:
            raise KeysUnknownError("the keys of those who issue tokens are not known yet; try again later")
        if key is None or key.get("alg", algorithm) != algorithm:
            raise UnauthenticatedError("the token is signed with a key that the server does not have")
        return key

    def _known(self, key_id: str | None) -> dict[str, Any] | None:
        if key_id is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(key_id)

    async def _ask(self) -> None:
        async with self._asking:
            await self._ask_now()

    async def _ask_now(self) -> None:
        self._asked = time.monotonic()
        try:
            keys = read_keys(await asyncio.to_thread(fetch, self._address))
        except Exception as error:  # whatever an address answers, it is asked again
            log.error("not reloaded", extra=fields(what="jwt_keys", problem=type(error).__name__))
            self._told("jwt_keys", False)
            return
        if keys != self._keys:
            log.info("reloaded", extra=fields(what="jwt_keys"))
            self._told("jwt_keys", True)
        self._keys = keys
