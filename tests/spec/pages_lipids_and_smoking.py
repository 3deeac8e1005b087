"""Cardiovascular disease, lipids, smoking, and any area at all."""

from tests.spec.page import Page

TITLE = "Lipids, smoking, and any clinical area"
ABOUT = "What supports the hypertension area, what bears on all five, and the five taken together."

CVD = {"age_years": "60", "cvd_dx_latest": "2019-01-01"}

PAGES = (
    Page(
        "Cardiovascular disease",
        "Adults with a diagnosis of coronary or peripheral arterial disease, stroke or TIA. Nothing resolves it.",
        """
        | age_years | cvd_dx_latest | cvd?           | why
        | 18        | 1999-01-01    | yes            | long ago counts
        | 60        | 2026-03-31    | yes            | today
        | 60        |               | no             | nothing recorded: not diagnosed
        | 17        | 1999-01-01    | not applicable | not an adult
        |           | 1999-01-01    | unknown        | age unknown
        """,
    ),
    Page(
        "Lipid-lowering treatment",
        "A statin or another lipid-lowering drug issued in the last 6 months, of people with cardiovascular disease.",
        """
        | age_years | cvd_dx_latest | statin_latest | other_lipid_lowering_latest | cvd_lipid_therapy? | why
        | 60        | 2019-01-01    | 2025-10-01    |                             | yes                | first day of the window
        | 60        | 2019-01-01    | 2025-09-30    |                             | no                 | exactly six months ago
        | 60        | 2019-01-01    |               | 2025-10-01                  | yes                | another drug is enough
        | 60        | 2019-01-01    | 2020-01-01    | 2026-01-01                  | yes                | one of the two is enough
        | 60        | 2019-01-01    |               | 2025-09-30                  | no                 | too old
        | 60        | 2019-01-01    |               |                             | no                 | nothing recorded
        | 60        |               | 2026-01-01    |                             | not applicable     | no cardiovascular disease
        | 17        | 2019-01-01    | 2026-01-01    |                             | not applicable     | not an adult
        |           | 2019-01-01    | 2026-01-01    |                             | not applicable     | age unknown
        """,
    ),
    Page(
        "Statins alone",
        "Without a column for other drugs, nobody has one.",
        """
        | statin_latest | cvd_lipid_therapy?
        | 2025-10-01    | yes
        |               | no
        """,
        everyone=CVD,
    ),
    Page(
        "Cholesterol to target",
        "LDL at most 2.0 or non-HDL at most 2.6 mmol/L, of those with either measured in the last 12 months. "
        "One of the two that is missing counts as above target.",
        """
        | cholesterol_date | ldl_mmol | non_hdl_mmol | cvd_lipids_to_target? | why
        | 2026-01-01       | 2.0      | 2.6          | yes                   | exactly at both targets
        | 2026-01-01       | 2.01     | 2.61         | no                    | above both
        | 2026-01-01       | 2.0      | 3.0          | yes                   | LDL is enough
        | 2026-01-01       | 3.0      | 2.6          | yes                   | non-HDL is enough
        | 2026-01-01       | 2.0      |              | yes                   |
        | 2026-01-01       | 2.01     |              | no                    | above, the other missing
        | 2026-01-01       |          | 2.6          | yes                   |
        | 2026-01-01       |          | 2.61         | no                    | above, the other missing
        | 2026-01-01       |          |              | unknown               | neither measured
        | 2026-01-01       | NaN      | NaN          | unknown               | not a number is null
        | 2025-04-01       | 1.5      |              | yes                   | first day of the window
        | 2025-03-31       | 1.5      |              | unknown               | exactly 12 months ago
        |                  | 1.5      |              | unknown               | no date
        """,
        everyone=CVD,
    ),
    Page(
        "Cholesterol to target: who is asked about",
        "People with cardiovascular disease.",
        """
        | age_years | cvd_dx_latest | cvd_lipids_to_target?
        | 60        | 2019-01-01    | yes
        | 60        |               | not applicable
        | 17        | 2019-01-01    | not applicable
        |           | 2019-01-01    | not applicable
        """,
        everyone={"cholesterol_date": "2026-01-01", "ldl_mmol": "1.8"},
    ),
    Page(
        "Non-HDL alone",
        "One of the two columns is enough.",
        """
        | non_hdl_mmol | cvd_lipids_to_target?
        | 2.6          | yes
        | 2.7          | no
        |              | unknown
        """,
        everyone={**CVD, "cholesterol_date": "2026-01-01"},
    ),
    Page(
        "Smoker",
        "Adults whose latest smoking status is current. A status without a date stands.",
        """
        | age_years | smoking_status | smoking_status_date | smoker?        | why
        | 18        | current        | 2010-01-01          | yes            | however long ago
        | 40        | current        |                     | yes            | without a date
        | 40        | ex             | 2026-01-01          | no             |
        | 40        | never          | 2026-01-01          | no             |
        | 40        |                | 2026-01-01          | unknown        | no status
        | 40        | vaping         | 2026-01-01          | unknown        | no such code
        | 17        | current        | 2026-01-01          | not applicable | not an adult
        |           | current        | 2026-01-01          | unknown        | age unknown
        |           | never          | 2026-01-01          | unknown        | age unknown
        """,
    ),
    Page(
        "Support to stop smoking",
        "Offered in the last 12 months, of people who smoke.",
        """
        | age_years | smoking_status | smoking_support_latest | smoker_supported? | why
        | 40        | current        | 2025-04-01             | yes               | first day of the window
        | 40        | current        | 2025-03-31             | no                | exactly 12 months ago
        | 40        | current        |                        | no                | nothing recorded
        | 40        | ex             | 2026-01-01             | not applicable    | does not smoke now
        | 40        |                | 2026-01-01             | not applicable    | status unknown: not asked about
        | 17        | current        | 2026-01-01             | not applicable    | not an adult
        |           | current        | 2026-01-01             | not applicable    | age unknown
        """,
    ),
    Page(
        "Any clinical area",
        "In at least one of the five areas; one that does not apply is a no. Asked of adults and of all who are pregnant.",
        """
        | age_years | preg_booking_date | smi_dx_latest | copd_dx_latest | cancer_dx_latest | hypertension_dx_latest | any_clinical_area? | why
        | 40        |                   |               |                |                  |                        | no                 | none of the five
        | 40        | 2026-01-01        |               |                |                  |                        | yes                | maternity
        | 40        |                   | 2015-01-01    |                |                  |                        | yes                | severe mental illness
        | 40        |                   |               | 2015-01-01     |                  |                        | yes                | COPD
        | 40        |                   |               |                | 2026-01-01       |                        | yes                | new cancer
        | 40        |                   |               |                | 2015-01-01       |                        | no                 | cancer long ago
        | 40        |                   |               |                |                  | 2015-01-01             | yes                | hypertension
        | 40        |                   | 2015-01-01    | 2015-01-01     |                  | 2015-01-01             | yes                | three of them
        | 15        | 2026-01-01        |               |                |                  |                        | yes                | pregnant at 15
        | 15        |                   |               |                |                  | 2015-01-01             | not applicable     | neither adult nor pregnant
        |           | 2026-01-01        |               |                |                  |                        | yes                | pregnant, age unknown
        |           |                   |               |                |                  |                        | unknown            | age unknown
        |           |                   |               |                |                  | 2015-01-01             | unknown            | age unknown: an adult or not?
        """,  # noqa: E501  (a drawn table is not folded)
        everyone={"preg_gestation_at_booking_days": "70"},
    ),
    Page(
        "Any clinical area, with an unknown pregnancy",
        "One yes is enough. Without one, an unknown pregnancy leaves it unknown.",
        """
        | age_years | hypertension_dx_latest | maternity? | any_clinical_area? | why
        | 40        | 2015-01-01             | unknown    | yes                | hypertension is enough
        | 40        |                        | unknown    | unknown            |
        | 15        | 2015-01-01             | unknown    | unknown            | asked only if pregnant
        """,
        everyone={
            "preg_booking_date": "2026-01-01",
            "preg_gestation_at_booking_days": "",
            "smi_dx_latest": "",
            "copd_dx_latest": "",
            "cancer_dx_latest": "",
        },
    ),
)
