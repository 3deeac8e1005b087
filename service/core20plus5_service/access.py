"""Who calls, and whether they may: by certificate or token, then the file of callers. Without these everybody may do all."""

from typing import Any

from core20plus5_service.audit import CallRecord
from core20plus5_service.callers import CERTIFICATE_KINDS, Caller, Identity, Right, read_callers
from core20plus5_service.errors import NotAllowedError, UnauthenticatedError
from core20plus5_service.keys import KeySource
from core20plus5_service.reloading import Reloaded, Told
from core20plus5_service.settings import Settings
from core20plus5_service.tokens import Tokens

#: What a method takes. The others tell of the server only: any caller in the file may ask them.
_NEEDED = {"CountCohorts": Right.COUNT, "FlagPatients": Right.FLAGS, "FlagFew": Right.FLAGS}

_EVERYTHING = frozenset(Right)


class Access:
    """Decides for each call but those about health. Made in the event loop; raises SetupError for files that cannot be used."""

    def __init__(self, settings: Settings, told: Told) -> None:
        self._certificates = settings.tls_client_ca is not None
        keys = settings.jwt_keys
        self._keys = KeySource(keys, settings.jwt_refresh_seconds, told) if keys else None
        self._tokens = Tokens(settings, self._keys) if self._keys else None
        self._callers = None if settings.callers is None else Reloaded("callers", [settings.callers], read_callers, told)

    async def look(self) -> None:
        """Read anew what has changed."""
        if self._callers is not None:
            self._callers.look()
        if self._keys is not None:
            await self._keys.look()

    async def let_in(self, record: CallRecord, context: Any) -> None:
        """Find out who calls, and keep it in the record. Raises UnauthenticatedError, KeysUnknownError, NotAllowedError."""
        if self._callers is None:
            record.is_from(Caller(None, _EVERYTHING, context.peer().rpartition(":")[0]))
            return
        proven = await self._proven(context)
        record.proves(*_words(proven))
        caller = self._callers.value.find(proven)
        record.is_from(caller)
        needed = _NEEDED.get(record.method)
        if needed is not None and not caller.may(needed):
            rights = ", ".join(sorted(caller.rights)) or "none"
            raise NotAllowedError(f"{caller.name} has no right to {needed}; its rights are: {rights}")

    async def _proven(self, context: Any) -> list[Identity]:
        """By the token, where there is one and tokens are taken; else by the certificate that the connection was made with."""
        if self._tokens is not None:
            token = _bearer(context)
            if token is not None:
                return [await self._tokens.identity(token)]
            if not self._certificates:
                raise UnauthenticatedError("a token is needed, in the metadata as authorization: Bearer TOKEN")
        proven = _certified(context)
        if not proven:
            raise UnauthenticatedError("a certificate is needed that says whose it is")
        return proven


def _bearer(context: Any) -> str | None:
    found = [value for key, value in context.invocation_metadata() or () if key == "authorization"]
    if not found:
        return None
    scheme, _, token = str(found[0]).partition(" ")
    if len(found) > 1 or scheme.lower() != "bearer" or not token:
        raise UnauthenticatedError("there must be one authorization, and it must be Bearer TOKEN")
    return token


def _certified(context: Any) -> list[Identity]:
    """Every name in the certificate, each with its kind."""
    told = context.auth_context()
    return [(kind, value.decode(errors="replace")) for kind, name in CERTIFICATE_KINDS.items() for value in told.get(name, ())]


def _words(proven: list[Identity]) -> tuple[str, str]:
    """For the audit of somebody who is not in the file."""
    if proven[0][0] == "token":
        return "token", " ".join(proven[0][1:])
    return "certificate", next((value for kind, value in proven if kind == "subject"), proven[0][1])
