"""Everything that changed an answer, in a form that can be kept as JSON beside it."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from core20plus5.disclosure import Policy
from core20plus5.flags import Plan
from core20plus5.ingest import Ledger, SchemaReport
from core20plus5.result.fingerprint import request_fingerprint


@cache
def engine_version() -> str:
    """The version of the installed package, or `unknown` in a checkout that is not installed."""
    try:
        return version("core20plus5")
    except PackageNotFoundError:
        return "unknown"


def provenance(plan: Plan, schema: SchemaReport, policy: Policy | None, ledger: Ledger) -> dict[str, Any]:
    """Every argument as used, versions and hashes, and the ledger: rows received are rows counted and rows excluded."""
    request, table = plan.request, plan.request.imd_table
    used = table if plan.imd_column == "lsoa_code" else None
    asked = {
        "reference_date": request.reference_date.isoformat(),
        "imd_version": request.imd_version,
        "imd_from": plan.imd_column,
        "imd_version_asserted_by_caller": plan.imd_asserted,
        "imd_table": used.name if used else None,
        "imd_table_sha256": used.sha256 if used else None,
        "lsoa_vintage": used.lsoa_vintage if used else None,
        "strata": list(request.strata),
        "plus_groups": list(plan.plus_groups),
        "ruleset": request.ruleset.name,
        "ruleset_version": request.ruleset.version,
        "ruleset_sha256": request.ruleset.sha256,
        "disclosure": policy.name if policy else None,
        "disclosure_protection": policy.protection if policy else None,
        "cohorts": list(plan.cohorts),
        "indicators": [indicator.name for indicator in plan.reported],
        "null_means_no": list(request.null_means_no),
        "parameters": dict(request.parameters),
        "parameters_overridden": [
            name for name, spec in request.ruleset.parameters.items() if request.parameters[name] != spec.value
        ],
        "allow_later_facts": request.allow_later_facts,
        "engine_version": engine_version(),
    }
    return (
        asked
        | {
            "columns_absent": list(schema.absent),
            "columns_ignored": [name for name in schema.ignored if name not in request.strata],
            "request_fingerprint": request_fingerprint(asked),
        }
        | rows_of(plan, ledger)
    )


def rows_of(plan: Plan, ledger: Ledger) -> dict[str, Any]:
    """The part of a provenance that the records add: what became of their rows."""
    return {
        "rows_received": ledger.received,
        "rows_counted": ledger.counted,
        "rows_excluded": {rule.reason: ledger.excluded[rule.reason] for rule in plan.request.ruleset.exclusions},
    }
