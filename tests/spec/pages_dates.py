"""Windows, seasons, registers, and dates that should not be there."""

from tests.spec.page import Page

TITLE = "Dates"
ABOUT = "Every rule compares calendar dates with the reference date."

SMOKER = {"age_years": "40", "smoking_status": "current", "smoking_status_date": "2020-01-01"}
COPD = {"age_years": "70", "copd_dx_latest": "2019-05-01"}
CVD = {"age_years": "70", "cvd_dx_latest": "2019-05-01"}

PAGES = (
    Page(
        "Within the last 12 months",
        "Later than the same day 12 calendar months before the reference date, and not after the reference date.",
        """
        | smoking_support_latest | smoker_supported? | why
        | 2025-03-31             | no                | exactly 12 months ago
        | 2025-04-01             | yes               | the first day of the window
        | 2026-03-31             | yes               | the reference date
        |                        | no                | nothing recorded: not done
        """,
        everyone=SMOKER,
    ),
    Page(
        "Months end on different days",
        "Six months before 31 August is 28 February: a month without such a day lends its last one.",
        """
        | statin_latest | cvd_lipid_therapy? | why
        | 2026-02-27    | no                 |
        | 2026-02-28    | no                 | exactly six months ago
        | 2026-03-01    | yes                | the first day of the window
        """,
        on="2026-08-31",
        everyone=CVD,
    ),
    Page(
        "Six months before 31 August in a leap year",
        "The last day of that February is the 29th.",
        """
        | statin_latest | cvd_lipid_therapy? | why
        | 2024-02-28    | no                 |
        | 2024-02-29    | no                 | exactly six months ago
        | 2024-03-01    | yes                | the first day of the window
        """,
        on="2024-08-31",
        everyone=CVD,
    ),
    Page(
        "Twelve months before 29 February",
        "A year without 29 February lends its 28th.",
        """
        | smoking_support_latest | smoker_supported? | why
        | 2023-02-28             | no                | exactly 12 months ago
        | 2023-03-01             | yes               | the first day of the window
        | 2024-02-29             | yes               | the reference date
        """,
        on="2024-02-29",
        everyone=SMOKER,
    ),
    Page(
        "Twelve months before 28 February",
        "After a leap year the 29th is inside the window.",
        """
        | smoking_support_latest | smoker_supported? | why
        | 2024-02-28             | no                | exactly 12 months ago
        | 2024-02-29             | yes               | the day after
        """,
        on="2025-02-28",
        everyone=SMOKER,
    ),
    Page(
        "The season, at its end",
        "The influenza season runs from 1 September to 31 March. On 31 March the season that began last September counts.",
        """
        | flu_vaccine_latest | copd_flu_vaccine? | why
        | 2025-08-31         | no                | before the season
        | 2025-09-01         | yes               | its first day
        | 2026-03-31         | yes               | its last day
        | 2025-01-15         | no                | the season before
        |                    | no                | nothing recorded
        """,
        everyone=COPD,
    ),
    Page(
        "The season, in summer",
        "Between seasons the last one counts: it is the latest that began. A vaccination after its end is in no season.",
        """
        | flu_vaccine_latest | copd_flu_vaccine? | why
        | 2025-09-01         | yes               | first day of the latest season
        | 2026-03-31         | yes               | its last day
        | 2026-04-01         | no                | after its end
        | 2026-08-31         | no                | the reference date, between seasons
        """,
        on="2026-08-31",
        everyone=COPD,
    ),
    Page(
        "The season, on its first day",
        "On 1 September a new season has begun: last winter's vaccination no longer counts.",
        """
        | flu_vaccine_latest | copd_flu_vaccine? | why
        | 2025-10-01         | no                | last winter's season
        | 2026-08-31         | no                | the day before the season
        | 2026-09-01         | yes               | today
        """,
        on="2026-09-01",
        everyone=COPD,
    ),
    Page(
        "The season, at New Year",
        "On 1 January the season that began in September of the year before still runs.",
        """
        | flu_vaccine_latest | copd_flu_vaccine? | why
        | 2025-08-31         | no                | before the season
        | 2025-09-01         | yes               | its first day
        | 2026-01-01         | yes               | today
        """,
        on="2026-01-01",
        everyone=COPD,
    ),
    Page(
        "On the register",
        "Diagnosed, and not resolved since. A diagnosis and a resolution on the same day keep the diagnosis.",
        """
        | hypertension_dx_latest | hypertension_resolved_latest | hypertension? | why
        | 2020-05-01             |                              | yes           | never resolved
        | 2020-05-01             | 2020-04-30                   | yes           | diagnosed again since
        | 2020-05-01             | 2020-05-01                   | yes           | a tie keeps the diagnosis
        | 2020-05-01             | 2020-05-02                   | no            | resolved since
        |                        | 2020-05-02                   | no            | never diagnosed
        |                        |                              | no            | never diagnosed
        | 2026-03-31             |                              | yes           | diagnosed on the reference date
        """,
        everyone={"age_years": "60"},
    ),
    Page(
        "A date after the reference date",
        "The record is as at the reference date: a later date is read as null, and tallied.",
        """
        | hypertension_dx_latest | hypertension_resolved_latest | hypertension? | why
        | 2026-04-01             |                              | no            | not yet diagnosed
        | 2020-05-01             | 2026-04-01                   | yes           | not yet resolved
        """,
        everyone={"age_years": "60"},
        asked={"allow_later_facts": True},
        quality="""
        | column                       | reason               | rows
        | hypertension_dx_latest       | after_reference_date | 1
        | hypertension_resolved_latest | after_reference_date | 1
        """,
    ),
    Page(
        "The value that goes with a later date",
        "It is read as null too: a reading that is still to come cannot be to target.",
        """
        | smoking_status_date | smoking_status | smoker? | why
        | 2026-03-31          | current        | yes     |
        | 2026-04-01          | current        | unknown | the status is of tomorrow
        |                     | current        | yes     | a status without a date stands
        """,
        everyone={"age_years": "60"},
        asked={"allow_later_facts": True},
    ),
    Page(
        "Readings that are still to come",
        "Blood pressure, cholesterol and cancer stage go with their dates.",
        """
        | bp_date    | cholesterol_date | cancer_dx_latest | hypertension_to_target? | cvd_lipids_to_target? | cancer?
        | 2026-03-31 | 2026-03-31       | 2026-03-31       | yes                     | yes                   | yes
        | 2026-04-01 | 2026-04-01       | 2026-04-01       | unknown                 | unknown               | no
        """,
        everyone={
            "age_years": "60",
            "hypertension_dx_latest": "2020-01-01",
            "cvd_dx_latest": "2020-01-01",
            "bp_systolic": "120",
            "bp_diastolic": "70",
            "ldl_mmol": "1.5",
            "cancer_stage": "1",
        },
        asked={"allow_later_facts": True},
    ),
    Page(
        "Too many later dates",
        "If more than 1 % of a column's dates lie after the reference date, the extract is not as at that date, and is refused.",
        """
        | how many | statin_latest | why
        | 98       | 2026-01-01    |
        | 2        | 2026-04-01    | 2 of 100 dates
        """,
        everyone=CVD,
        refused="extract_later_than_reference_date",
    ),
    Page(
        "One later date in a hundred",
        "Exactly 1 % is not more than 1 %. People without a date are not among the column's dates.",
        """
        | how many | statin_latest | cvd_lipid_therapy? | why
        | 99       | 2026-01-01    | yes                |
        | 1        | 2026-04-01    | no                 | 1 of 100 dates
        """,
        everyone=CVD,
    ),
    Page(
        "One later date among ninety-nine",
        "Two hundred people, but only 99 dates: one of them is more than 1 %.",
        """
        | how many | statin_latest | why
        | 98       | 2026-01-01    |
        | 1        | 2026-04-01    | 1 of 99 dates
        | 101      |               | no date
        """,
        everyone=CVD,
        refused="extract_later_than_reference_date",
    ),
    Page(
        "Later dates, allowed",
        "A request may say that later facts are expected. They are still read as null.",
        """
        | how many | statin_latest | cvd_lipid_therapy? | why
        | 1        | 2026-01-01    | yes                |
        | 3        | 2026-04-01    | no                 | all of them later
        """,
        everyone=CVD,
        asked={"allow_later_facts": True},
    ),
    Page(
        "Registration, birth and death may be later",
        "They are read as they stand, and a later one refuses no extract.",
        """
        | birth_date | registration_end | death_date | excluded?  | why
        | 1960-01-01 | 2027-01-01       | 2026-08-01 |            | alive and registered at the reference date
        | 2026-08-01 |                  |            | born_after |
        """,
    ),
    Page(
        "A timestamp with a time zone",
        "It counts as its date in London: in summer, the last hour of a day by world time is the next day there.",
        """
        | smoking_support_latest | smoker_supported? | why
        | 2025-03-31T23:30:00Z   | yes               | half past midnight on 1 April in London (summer time)
        | 2025-03-31T22:30:00Z   | no                | half past eleven at night, still 31 March
        | 2025-12-31T23:30:00Z   | yes               | winter time is world time
        """,
        everyone=SMOKER,
    ),
    Page(
        "A timestamp without a time zone",
        "It is taken as it stands.",
        """
        | smoking_support_latest | smoker_supported? | why
        | 2025-03-31T23:59:59    | no                | 31 March
        | 2025-04-01T00:00:00    | yes               | 1 April
        """,
        everyone=SMOKER,
    ),
)
