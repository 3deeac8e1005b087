"""Small tables of made-up people that are hard to release: few people, strata of every size, counts around every threshold."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from core20plus5_cli.population.sample import sample_people

REFERENCE_DATE = date(2026, 3, 31)
ASK: dict[str, Any] = {"reference_date": REFERENCE_DATE, "imd_version": "2025", "allow_later_facts": True}

PLUS_GROUPS = ("learning_disability", "autism", "homeless", "coastal", "multimorbidity")
MEASURES = (
    ("smi", "smi_bp", "smi_smoking", "smi_full_check"),
    ("respiratory", "copd_flu_vaccine", "copd_covid_vaccine"),
    ("cancer", "cancer_staged", "cancer_early_stage"),
    ("hypertension", "hypertension_bp_recorded", "hypertension_to_target", "hypertension_controlled"),
    ("hypertension", "bp_checked_5y", "possible_undiagnosed_hypertension"),
    ("cvd", "cvd_lipid_therapy", "cvd_lipids_to_target"),
    ("smoker", "smoker_supported"),
    ("maternity", "smi", "respiratory", "cancer", "hypertension", "any_clinical_area"),
)


def tables(number: int, seed: int) -> Iterator[tuple[pa.Table, dict[str, Any]]]:
    """So many small tables, each with what is asked of it."""
    everyone = pa.Table.from_batches(list(sample_people(20_000, seed)))
    random = np.random.default_rng(seed)
    for _ in range(number):
        people = everyone.take(random.choice(len(everyone), int(random.choice((22, 30, 45, 80, 150, 400))), replace=False))
        if random.random() < 0.5:  # a stratum that says who is in a cohort
            strata = ["imd_quintile"] if random.random() < 0.5 else ["ethnic_group"]
        else:
            wards = random.choice(("a", "b"), len(people), p=(0.7, 0.3))
            people, strata = people.append_column("ward", pa.array(wards)), ["ward"]
        groups = sorted(random.choice(PLUS_GROUPS, random.integers(1, 3), replace=False).tolist())
        cohorts = ["everyone", "core20", *groups, *(["plus_any", "core20plus"] if random.random() < 0.6 else [])]
        if random.random() < 0.4:
            cohorts += ["ethnic_minority", "ethnic_minority_excluding_white"]
        families = [MEASURES[place] for place in random.choice(len(MEASURES), 2, replace=False)]
        indicators = ["everyone", *cohorts[1:], *dict.fromkeys(name for family in families for name in family)]
        yield people, ASK | {"strata": strata, "plus_groups": groups, "cohorts": cohorts, "indicators": indicators}
