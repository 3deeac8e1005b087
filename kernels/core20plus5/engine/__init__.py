"""The main path: records in, counts or flags out. Read `call.py` first."""

from core20plus5.engine.check import RecordsCheck, check_records
from core20plus5.engine.count import count_cohorts
from core20plus5.engine.flag import FlagStream, flag_patients
from core20plus5.engine.warm import warm_up

__all__ = ["FlagStream", "RecordsCheck", "check_records", "count_cohorts", "flag_patients", "warm_up"]
