"""The questions that are put to everyone."""

from dataclasses import dataclass
from datetime import date
from typing import Any

REFERENCE_DATE = date(2026, 3, 31)


@dataclass(frozen=True)
class Question:
    """Strata, cohorts and indicators of a count; None is all of them. Every PLUS group of the data belongs to PLUS."""

    strata: tuple[str, ...]
    cohorts: tuple[str, ...] | None = None
    indicators: tuple[str, ...] | None = None

    def arguments(self) -> dict[str, Any]:
        """The arguments of `count_cohorts`, of engine and client, but for records and the IMD table."""
        return {
            "reference_date": REFERENCE_DATE,
            "imd_version": "2025",
            "strata": self.strata,
            "plus_groups": "all",
            "cohorts": self.cohorts,
            "indicators": self.indicators,
            "disclosure": "none",
        }


COARSE = Question(("icb_code", "imd_quintile", "ethnic_group"))
BY_ICB_AND_QUINTILE = Question(("icb_code", "imd_quintile"))
TEN_INDICATORS = (
    "hypertension",
    "hypertension_bp_recorded",
    "hypertension_to_target",
    "hypertension_controlled",
    "bp_checked_5y",
    "smi",
    "smi_full_check",
    "respiratory",
    "copd_flu_vaccine",
    "cancer",
)
BY_PRACTICE = Question(("practice_code", "imd_quintile", "age_band_broad"), ("everyone", "core20"), TEN_INDICATORS)
FINE = Question(("icb_code", "imd_quintile", "ethnic_group", "sex", "age_band_10y"))
