"""A line for each call, for those who must be able to say who asked what: one JSON object, and nothing of a record in it."""

import logging
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import grpc

from core20plus5.disclosure import POLICIES
from core20plus5.rulesets import list_rulesets
from core20plus5_service.callers import Caller, Right
from core20plus5_service.errors import Failure
from core20plus5_service.labels import code_name
from core20plus5_service.logs import AUDIT, fields

log = logging.getLogger(AUDIT)

_WITHIN = 200


class CallRecord:
    """What is known of one call so far; what is not known stays null in its line.

    who: the caller's name in the file, or what it proved where that is not in the file. received: tells the rows received so far;
    how many of them were counted or excluded is not kept, since exact numbers must not lie beside published ones.
    given_up: how the call was ended from outside.
    """

    def __init__(self, method: str) -> None:
        self.method = method
        self.caller: Caller | None = None
        self.who: str | None = None
        self.fingerprint: str | None = None
        self.ruleset: str | None = None
        self.policy: str | None = None
        self.received: Callable[[], int] | None = None
        self.given_up: Failure | None = None

    @property
    def known_caller(self) -> Caller:
        """Who was let in."""
        assert self.caller is not None, "nobody was let in"
        return self.caller

    @property
    def rights(self) -> frozenset[Right]:
        """Of the caller."""
        return self.known_caller.rights

    def proves(self, kind: str, text: str) -> None:
        """A caller who is not in the file; names in the file have no colon."""
        self.who = f"{kind}:{text}"[:_WITHIN]

    def is_from(self, caller: Caller) -> None:
        """It is known who calls."""
        self.caller, self.who = caller, caller.name

    def asks(self, ruleset: str, policy: str | None) -> None:
        """What a question names, as far as the server knows it: other words of a caller are not kept."""
        known = (
            f"{found.name}@{found.version}"
            for found in list_rulesets()
            if ruleset in (found.name, f"{found.name}@{found.version}")
        )
        self.ruleset, self.policy = next(known, None), policy if policy in POLICIES else None

    def answers(self, provenance: dict[str, Any]) -> None:
        """The question is understood."""
        self.fingerprint = provenance["request_fingerprint"]
        self.ruleset = f"{provenance['ruleset']}@{provenance['ruleset_version']}"
        self.policy = provenance["disclosure"]

    def write(self, code: grpc.StatusCode) -> None:
        """The call has ended."""
        known = {name: getattr(self, name) for name in ("who", "method", "fingerprint", "ruleset", "policy")}
        rows = self.received() if self.received else None
        log.info("call", extra=fields(**known, rows=rows, outcome=code_name(code)))


#: The call that this task serves.
CURRENT: ContextVar[CallRecord] = ContextVar("call")
