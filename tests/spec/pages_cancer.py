"""Early cancer diagnosis."""

from tests.spec.page import Page

TITLE = "Early cancer diagnosis"
ABOUT = "People, not tumours: adults alive and registered, diagnosed in the last 12 months. Unstaged is not late."

CANCER = {"age_years": "60", "cancer_dx_latest": "2025-12-01"}

PAGES = (
    Page(
        "New cancer",
        "Adults diagnosed in the last 12 months.",
        """
        | age_years | cancer_dx_latest | cancer?        | why
        | 60        | 2025-04-01       | yes            | first day of the window
        | 60        | 2025-03-31       | no             | exactly 12 months ago
        | 60        | 2026-03-31       | yes            | today
        | 60        |                  | no             | nothing recorded: not diagnosed
        | 18        | 2025-12-01       | yes            |
        | 17        | 2025-12-01       | not applicable | not an adult
        |           | 2025-12-01       | unknown        | age unknown
        """,
    ),
    Page(
        "Stage",
        "A stage is a digit from 1 to 4, with a letter, or a letter and a digit, after it; the first digit decides. "
        "Anything else is not a stage.",
        """
        | cancer_stage | cancer_staged? | cancer_early_stage? | why
        | 1            | yes            | yes                 |
        | 2            | yes            | yes                 |
        | 3            | yes            | no                  |
        | 4            | yes            | no                  |
        | 1A           | yes            | yes                 |
        | 2B1          | yes            | yes                 |
        | 3c           | yes            | no                  | any case
        | " 4A2 "      | yes            | no                  | trimmed
        |              | no             | unknown             | not staged
        | ""           | no             | unknown             | empty text is null
        | 0            | no             | unknown             | in situ is not stage 1
        | 5            | no             | unknown             | not a stage
        | 6            | no             | unknown             | not stageable
        | 12           | no             | unknown             | not a stage
        | 1AB          | no             | unknown             | not a stage
        | 2B12         | no             | unknown             | not a stage
        | X            | no             | unknown             | not a stage
        | U            | no             | unknown             | not a stage
        | ?            | no             | unknown             | not a stage
        | stage 1      | no             | unknown             | not a stage
        """,
        everyone=CANCER,
    ),
    Page(
        "Staging: who is asked about",
        "People with a new cancer only.",
        """
        | age_years | cancer_dx_latest | cancer_stage | cancer_staged? | cancer_early_stage?
        | 60        | 2025-04-01       | 1            | yes            | yes
        | 60        | 2025-03-31       | 1            | not applicable | not applicable
        | 60        |                  | 1            | not applicable | not applicable
        | 17        | 2025-12-01       | 1            | not applicable | not applicable
        |           | 2025-12-01       | 1            | not applicable | not applicable
        """,
    ),
    Page(
        "Stage as a number",
        "Whole numbers are read like text.",
        """
        | cancer_stage | cancer_staged? | cancer_early_stage?
        | 1            | yes            | yes
        | 3            | yes            | no
        | 0            | no             | unknown
        |              | no             | unknown
        """,
        everyone=CANCER,
        sent_as={"cancer_stage": "integer"},
    ),
)
