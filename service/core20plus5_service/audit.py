"""One line for each question that was answered, for the caller's own audit of what was published."""

import json
import logging
from collections.abc import Mapping
from typing import Any

log = logging.getLogger("core20plus5.service.audit")

_FIELDS = ("request_fingerprint", "reference_date", "ruleset", "ruleset_version", "disclosure", "strata")


def log_request(method: str, provenance: Mapping[str, Any]) -> None:
    """As JSON: which call, the fingerprint of its question, and the little of it that is no one's secret. Never a count."""
    log.info(json.dumps({"event": "answered", "method": method} | {name: provenance[name] for name in _FIELDS}, sort_keys=True))
