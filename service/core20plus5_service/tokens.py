"""Bearer tokens: JSON Web Tokens of one issuer for one audience, with a signature that only the issuer can make."""

from typing import Any

import jwt

from core20plus5_service.callers import Identity
from core20plus5_service.errors import UnauthenticatedError
from core20plus5_service.keys import KeySource
from core20plus5_service.settings import Settings

_REQUIRED = ["exp", "iss", "aud", "sub"]

#: The first that fits says what is wrong. No word of a token is ever in a text.
_PROBLEMS: tuple[tuple[type[jwt.PyJWTError], str], ...] = (
    (jwt.ExpiredSignatureError, "the token has expired"),
    (jwt.ImmatureSignatureError, "the token is not valid yet"),
    (jwt.InvalidIssuerError, "the token is of another issuer"),
    (jwt.InvalidAudienceError, "the token is for another audience"),
    (jwt.MissingRequiredClaimError, f"the token must have {', '.join(_REQUIRED)}"),
)


class Tokens:
    """Says whom a token proves."""

    def __init__(self, settings: Settings, keys: KeySource) -> None:
        self._settings, self._keys = settings, keys

    async def identity(self, token: str) -> Identity:
        """("token", issuer, subject). Raises UnauthenticatedError, and KeysUnknownError while the issuer's keys are not there."""
        try:
            head = jwt.get_unverified_header(token)
            algorithm, key_id = head.get("alg"), head.get("kid")
            if algorithm not in self._settings.algorithms or not isinstance(key_id, str | None):
                raise UnauthenticatedError("the token is not signed in a way that the server takes")
            claims = self._verified(token, await self._keys.find(key_id, algorithm), algorithm)
        except jwt.PyJWTError as error:
            words = (text for kind, text in _PROBLEMS if isinstance(error, kind))
            raise UnauthenticatedError(next(words, "the token is not valid")) from None
        return ("token", str(claims["iss"]), str(claims["sub"]))

    def _verified(self, token: str, key: dict[str, Any], algorithm: str) -> dict[str, Any]:
        """The claims of a token that this key has signed with this algorithm."""
        settings = self._settings
        claims: dict[str, Any] = jwt.decode(
            token,
            jwt.PyJWK(key, algorithm),
            algorithms=[algorithm],
            audience=settings.jwt_audience,
            issuer=settings.jwt_issuer,
            leeway=settings.jwt_leeway_seconds,
            options={"require": _REQUIRED},
        )
        return claims
