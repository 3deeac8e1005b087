"""The main path: records in, counts or flags out. Read `call.py` first."""

from core20plus5.engine.count import count_cohorts
from core20plus5.engine.flag import FlagStream, flag_patients

__all__ = ["FlagStream", "count_cohorts", "flag_patients"]
