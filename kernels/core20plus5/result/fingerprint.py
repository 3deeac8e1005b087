"""One line that stands for a request, so that replies can be told apart without keeping them."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

#: What changes an answer to the same records. The version of the engine is beside it in the provenance.
FIELDS = (
    "reference_date",
    "imd_version",
    "imd_from",
    "imd_table_sha256",
    "strata",
    "plus_groups",
    "ruleset",
    "ruleset_version",
    "ruleset_sha256",
    "disclosure",
    "cohorts",
    "indicators",
    "null_means_no",
    "parameters",
    "allow_later_facts",
)
_ANY_ORDER = ("plus_groups", "null_means_no")


def request_fingerprint(provenance: Mapping[str, Any]) -> str:
    """SHA-256, in hexadecimal, of the fields of a provenance that change an answer; lists without an order are sorted."""
    asked: dict[str, Any] = {name: sorted(provenance[name]) if name in _ANY_ORDER else provenance[name] for name in FIELDS}
    asked["parameters"] = {name: value if isinstance(value, str) else float(value) for name, value in asked["parameters"].items()}
    return hashlib.sha256(json.dumps(asked, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
