"""Cohort counts: people added up by stratum, cohort, answer and indicator. Merging is +."""

from core20plus5.cohorts.counter import MAX_CELLS, Counter
from core20plus5.cohorts.counts import CohortCounts

__all__ = ["MAX_CELLS", "CohortCounts", "Counter"]
