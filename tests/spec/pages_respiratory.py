"""Chronic respiratory disease: COPD and its three vaccinations."""

from tests.spec.page import Page

TITLE = "Chronic respiratory disease"
ABOUT = "Adults on the COPD register and the vaccinations they are offered. A vaccination not recorded is a no."

COPD = {"age_years": "70", "copd_dx_latest": "2019-05-01"}

PAGES = (
    Page(
        "On the COPD register",
        "Adults with a diagnosis that is not resolved since; a tie keeps the diagnosis.",
        """
        | age_years | copd_dx_latest | copd_resolved_latest | respiratory?   | why
        | 18        | 2019-05-01     |                      | yes            |
        | 17        | 2019-05-01     |                      | not applicable | not an adult
        |           | 2019-05-01     |                      | unknown        | age unknown
        | 70        |                |                      | no             | nothing recorded: not diagnosed
        | 70        | 2019-05-01     | 2019-04-30           | yes            | diagnosed again since
        | 70        | 2019-05-01     | 2019-05-01           | yes            | a tie keeps the diagnosis
        | 70        | 2019-05-01     | 2019-05-02           | no             | resolved
        """,
    ),
    Page(
        "Influenza",
        "Vaccinated in the latest season that has begun.",
        """
        | age_years | copd_dx_latest | flu_vaccine_latest | copd_flu_vaccine? | why
        | 70        | 2019-05-01     | 2025-09-01         | yes               | first day of the season
        | 70        | 2019-05-01     | 2025-08-31         | no                | the day before
        | 70        | 2019-05-01     |                    | no                | not recorded
        | 70        |                | 2025-10-01         | not applicable    | not on the register
        | 17        | 2019-05-01     | 2025-10-01         | not applicable    | not an adult
        |           | 2019-05-01     | 2025-10-01         | not applicable    | age unknown: not asked about
        """,
    ),
    Page(
        "Influenza, another season",
        "The first and last day of the season are parameters: here the season ends on 28 February.",
        """
        | flu_vaccine_latest | copd_flu_vaccine? | why
        | 2026-02-28         | yes               | the last day
        | 2026-03-01         | no                | after the season
        """,
        everyone=COPD,
        asked={"parameters": {"flu_season_end": "02-28"}},
    ),
    Page(
        "Pneumococcal disease",
        "Ever vaccinated.",
        """
        | age_years | copd_dx_latest | pneumococcal_vaccine_latest | copd_pneumococcal_vaccine? | why
        | 70        | 2019-05-01     | 1999-01-01                  | yes                        | long ago counts
        | 70        | 2019-05-01     | 2026-03-31                  | yes                        | today
        | 70        | 2019-05-01     |                             | no                         | not recorded
        | 70        |                | 1999-01-01                  | not applicable             | not on the register
        |           | 2019-05-01     | 1999-01-01                  | not applicable             | age unknown
        """,
    ),
    Page(
        "COVID-19",
        "Asked only about people on the register who are recorded as eligible: COPD alone is no ground for the vaccination. "
        "Vaccinated in the last 12 months.",
        """
        | age_years | copd_dx_latest | covid_vaccine_eligible | covid_vaccine_latest | copd_covid_vaccine? | why
        | 76        | 2019-05-01     | yes                    | 2025-04-01           | yes                 | first day of window
        | 76        | 2019-05-01     | yes                    | 2025-03-31           | no                  | just too old
        | 76        | 2019-05-01     | yes                    |                      | no                  | not recorded
        | 76        | 2019-05-01     | no                     | 2026-01-01           | not applicable      | not eligible
        | 76        | 2019-05-01     |                        | 2026-01-01           | not applicable      | nothing recorded
        | 76        |                | yes                    | 2026-01-01           | not applicable      | not on the register
        |           | 2019-05-01     | yes                    | 2026-01-01           | not applicable      | age unknown
        """,
    ),
)
