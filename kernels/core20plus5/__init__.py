"""The Core20PLUS5 engine: Arrow records in, flags and cohort counts out."""

from core20plus5.engine import FlagStream, RecordsCheck, check_records, count_cohorts, flag_patients, warm_up
from core20plus5.result import CohortResult

__all__ = ["CohortResult", "FlagStream", "RecordsCheck", "check_records", "count_cohorts", "flag_patients", "warm_up"]
