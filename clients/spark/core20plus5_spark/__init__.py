"""The engine inside Spark: cohort counts and flags of a PySpark DataFrame, worked out where its partitions are."""

from core20plus5_spark.count import count_cohorts
from core20plus5_spark.errors import EngineVersionError
from core20plus5_spark.flag import FlaggedPatients, flag_patients

__all__ = ["EngineVersionError", "FlaggedPatients", "count_cohorts", "flag_patients"]
