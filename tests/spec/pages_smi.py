"""Severe mental illness, and the six physical health checks."""

from tests.spec.page import Page

TITLE = "Severe mental illness"
ABOUT = "Adults on the register, and the six checks that each should have had in the last 12 months."

SMI = {"age_years": "40", "smi_dx_latest": "2015-06-01"}


def one_check(title: str, indicator: str, column: str, about: str) -> Page:
    """The six checks have one rule; each has its own page, because each has its own column."""
    return Page(
        title,
        about,
        f"""
        | age_years | smi_dx_latest | {column} | {indicator}?   | why
        | 40        | 2015-06-01    | 2025-03-31 | no             | exactly 12 months ago
        | 40        | 2015-06-01    | 2025-04-01 | yes            | first day of the window
        | 40        | 2015-06-01    | 2026-03-31 | yes            | today
        | 40        | 2015-06-01    |            | no             | nothing recorded: not done
        | 40        |               | 2026-03-31 | not applicable | not on the register
        | 17        | 2015-06-01    | 2026-03-31 | not applicable | not an adult
        |           | 2015-06-01    | 2026-03-31 | not applicable | age unknown: not asked about
        """,
    )


PAGES = (
    Page(
        "On the severe mental illness register",
        "Adults with a diagnosis that is not in remission since. A remission on the day of the diagnosis keeps the diagnosis.",
        """
        | age_years | smi_dx_latest | smi_remission_latest | smi?           | why
        | 18        | 2015-06-01    |                      | yes            |
        | 17        | 2015-06-01    |                      | not applicable | not an adult
        |           | 2015-06-01    |                      | unknown        | age unknown
        | 40        |               |                      | no             | nothing recorded: not diagnosed
        | 40        | 2015-06-01    | 2015-05-31           | yes            | diagnosed again since
        | 40        | 2015-06-01    | 2015-06-01           | yes            | a tie keeps the diagnosis
        | 40        | 2015-06-01    | 2015-06-02           | no             | in remission
        | 40        |               | 2015-06-02           | no             | never diagnosed
        """,
    ),
    one_check("Check of alcohol use", "smi_alcohol", "alcohol_date", "Alcohol status recorded in the last 12 months."),
    one_check("Check of glucose", "smi_glucose", "glucose_date", "Blood glucose or HbA1c in the last 12 months."),
    one_check("Check of weight", "smi_bmi", "bmi_date", "BMI in the last 12 months."),
    one_check("Check of lipids", "smi_lipids", "lipid_date", "Lipid profile in the last 12 months, for everyone."),
    one_check(
        "Check of smoking",
        "smi_smoking",
        "smoking_status_date",
        "Smoking status recorded in the last 12 months, whatever the status.",
    ),
    one_check("Check of blood pressure", "smi_bp", "bp_date", "Blood pressure recorded in the last 12 months."),
    Page(
        "A blood pressure check needs no values",
        "Its date is enough; whether the reading is valid matters elsewhere.",
        """
        | bp_date    | bp_systolic | bp_diastolic | smi_bp? | why
        | 2026-01-10 | 120         | 70           | yes     |
        | 2026-01-10 |             |              | yes     | no values
        | 2026-01-10 | 10          | 70           | yes     | not a valid reading
        |            | 120         | 70           | no      | no date
        """,
        everyone=SMI,
    ),
    Page(
        "All six checks",
        "All six in the last 12 months; any one missing is a no.",
        """
        | alcohol_date | glucose_date | bp_date    | bmi_date   | lipid_date | smoking_status_date | smi_full_check? | why
        | 2025-04-01   | 2025-05-01   | 2025-06-01 | 2025-07-01 | 2025-08-01 | 2026-03-31          | yes             |
        |              | 2025-05-01   | 2025-06-01 | 2025-07-01 | 2025-08-01 | 2026-03-31          | no              | no alcohol status
        | 2025-04-01   |              | 2025-06-01 | 2025-07-01 | 2025-08-01 | 2026-03-31          | no              | no glucose
        | 2025-04-01   | 2025-05-01   |            | 2025-07-01 | 2025-08-01 | 2026-03-31          | no              | no blood pressure
        | 2025-04-01   | 2025-05-01   | 2025-06-01 |            | 2025-08-01 | 2026-03-31          | no              | no BMI
        | 2025-04-01   | 2025-05-01   | 2025-06-01 | 2025-07-01 |            | 2026-03-31          | no              | no lipids
        | 2025-04-01   | 2025-05-01   | 2025-06-01 | 2025-07-01 | 2025-08-01 |                     | no              | no smoking status
        | 2025-04-01   | 2025-05-01   | 2025-06-01 | 2025-07-01 | 2025-03-31 | 2026-03-31          | no              | lipids a day too old
        |              |              |            |            |            |                     | no              | none
        """,  # noqa: E501  (a drawn table is not folded)
        everyone=SMI,
    ),
    Page(
        "All six checks: who is asked about",
        "People on the register only.",
        """
        | age_years | smi_dx_latest | smi_remission_latest | smi_full_check?
        | 40        | 2015-06-01    |                      | yes
        | 40        | 2015-06-01    | 2020-01-01           | not applicable
        | 40        |               |                      | not applicable
        | 17        | 2015-06-01    |                      | not applicable
        |           | 2015-06-01    |                      | not applicable
        """,
        everyone=dict.fromkeys(
            ("alcohol_date", "glucose_date", "bp_date", "bmi_date", "lipid_date", "smoking_status_date"), "2026-01-01"
        ),
    ),
)
