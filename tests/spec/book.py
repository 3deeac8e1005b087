"""All chapters, in reading order."""

from dataclasses import dataclass

from tests.spec import (
    pages_cancer,
    pages_cohorts,
    pages_counts,
    pages_dates,
    pages_deprivation,
    pages_hypertension,
    pages_lipids_and_smoking,
    pages_maternity,
    pages_population,
    pages_requests,
    pages_respiratory,
    pages_smi,
    pages_strata,
    pages_values,
)
from tests.spec.page import Page


@dataclass(frozen=True)
class Chapter:
    title: str
    about: str
    pages: tuple[Page, ...]


CHAPTERS = tuple(
    Chapter(module.TITLE, module.ABOUT, module.PAGES)
    for module in (
        pages_population,
        pages_dates,
        pages_values,
        pages_deprivation,
        pages_cohorts,
        pages_maternity,
        pages_smi,
        pages_respiratory,
        pages_cancer,
        pages_hypertension,
        pages_lipids_and_smoking,
        pages_requests,
        pages_strata,
        pages_counts,
    )
)
PAGES = tuple(page for chapter in CHAPTERS for page in chapter.pages)
