"""What the service writes to its log: events with fixed words, and fields from a list. Nothing else gets through.

Texts of libraries and tracebacks may quote the values that they could not use, so of a record that is not ours only its origin
and the type of its exception are written.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

SERVICE, AUDIT = "core20plus5.service", "core20plus5.audit"

#: Every field that a line can have.
FIELDS = frozenset(
    {
        *("settings", "listen", "metrics", "encrypted"),  # the start
        *("id", "type", "method"),  # a fault
        *("what", "problem"),  # what was read anew
        *("who", "fingerprint", "ruleset", "policy", "rows", "outcome"),  # a call, for the audit
    }
)

_ENCODER = json.JSONEncoder(default=str)

_FOREIGN = "a library says something"


def fields(**values: Any) -> dict[str, Any]:
    """For the `extra` of a logger: what goes beside the words of an event."""
    return {"fields": values}


class Allowed(logging.Formatter):
    """Lines of time, level, logger, event and fields, as text or as JSON; the audit is always JSON."""

    def __init__(self, log_format: str) -> None:
        super().__init__()
        self._json = log_format == "json"

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever the record is."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        head = {"time": time, "level": record.levelname, "logger": record.name}
        event, found = _event(record)
        if self._json or record.name == AUDIT:
            return _ENCODER.encode(head | {"event": event} | found)
        return " ".join([*head.values(), event, *(f"{name}={_plain(value)}" for name, value in found.items())])


def _event(record: logging.LogRecord) -> tuple[str, dict[str, Any]]:
    """The words of a record of ours, and those of its fields that are on the list."""
    if record.name not in (SERVICE, AUDIT):
        return _FOREIGN, {"type": record.exc_info[0].__name__} if record.exc_info and record.exc_info[0] else {}
    given = getattr(record, "fields", {})
    return str(record.msg), {name: value for name, value in given.items() if name in FIELDS}


def _plain(value: Any) -> str:
    """As it is where it is one word, else as JSON, so that a line stays a line."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if text.isprintable() and text and not any(sign in text for sign in ' "=') else json.dumps(value, default=str)


def begin_logging(log_format: str) -> None:
    """Send all that this process logs to stderr, in such lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Allowed(log_format))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("grpc").setLevel(logging.CRITICAL)  # it logs an exception that a caller is told of already
    logging.raiseExceptions = False  # a full disk must not make tracebacks
