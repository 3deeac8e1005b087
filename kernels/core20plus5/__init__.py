"""The Core20PLUS5 engine: Arrow records in, flags and cohort counts out.

Importing this package alone compiles and loads nothing: the record schema and the rulesets can be read without Numba.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core20plus5.engine import FlagStream, RecordsCheck, check_records, count_cohorts, flag_patients, warm_up
    from core20plus5.result import CohortResult

__all__ = ["CohortResult", "FlagStream", "RecordsCheck", "check_records", "count_cohorts", "flag_patients", "warm_up"]


def __getattr__(name: str) -> object:
    """The engine, when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module("core20plus5.result" if name == "CohortResult" else "core20plus5.engine")
    return getattr(module, name)
