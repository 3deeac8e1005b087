"""How values are read: text, codes, yes and no, and what is not known."""

from tests.spec.page import Page

TITLE = "Values, and what is not known"
ABOUT = (
    "An answer is yes, no or unknown; for people who are not asked it is not applicable. "
    "Nothing recorded is never quietly a no, unless this book says so."
)

PAGES = (
    Page(
        "Or, with an unknown",
        "One yes is enough for an OR. Without one, an unknown leaves the answer unknown.",
        """
        | homeless | autism | plus_any? | why
        | yes      | yes    | yes       |
        | yes      | no     | yes       |
        | yes      |        | yes       | whatever the unknown turns out to be
        | no       | no     | no        |
        | no       |        | unknown   | it depends on the unknown
        |          |        | unknown   |
        """,
        asked={"plus_groups": ["homeless", "autism"]},
    ),
    Page(
        "And, with an unknown",
        "One no is enough for an AND. Without one, an unknown leaves the answer unknown.",
        """
        | coc_pathway | coc_named_midwife | maternity_continuity? | why
        | yes         | yes               | yes                   |
        | yes         | no                | no                    |
        | no          | yes               | no                    | no is enough
        |             | yes               | unknown               | pathway not recorded
        """,
        everyone={
            "preg_booking_date": "2025-11-01",
            "preg_gestation_at_booking_days": "70",
            "coc_plan_date": "2025-12-01",
            "coc_named_team": "yes",
        },
    ),
    Page(
        "Yes and no as numbers",
        "1 is yes and 0 is no. Any other number is unknown, and tallied.",
        """
        | homeless | homeless? | why
        | 1        | yes       |
        | 0        | no        |
        | 2        | unknown   | no such answer
        | -1       | unknown   | no such answer
        |          | unknown   | nothing recorded
        """,
        quality="""
        | column   | reason  | rows
        | homeless | invalid | 2
        """,
    ),
    Page(
        "Null means no",
        "A request may say that for some PLUS groups nothing recorded means no.",
        """
        | homeless | autism | homeless? | autism? | why
        | yes      | yes    | yes       | yes     |
        | no       | no     | no        | no      |
        |          |        | no        | unknown | only homelessness is read so
        """,
        asked={"null_means_no": ["homeless"]},
    ),
    Page(
        "Null means no, with numbers",
        "Not a number is null. A number that is neither 0 nor 1 is not null: it stays unknown.",
        """
        | homeless | homeless? | why
        | 1        | yes       |
        | 0        | no        |
        | 2        | unknown   | something was recorded, nobody knows what
        | NaN      | no        | null
        |          | no        | null
        """,
        asked={"null_means_no": ["homeless"]},
        sent_as={"homeless": "number"},
    ),
    Page(
        "Null means no is for PLUS groups only",
        "For any other column the request is refused.",
        """
        | covid_vaccine_eligible
        | yes
        """,
        asked={"null_means_no": ["covid_vaccine_eligible"]},
        refused="invalid_request",
    ),
    Page(
        "Text is trimmed, codes have no case",
        "Blanks around a text do not matter, nor do capitals. Text with nothing in it is null; an unknown code is tallied.",
        """
        | smoking_status | smoker? | why
        | current        | yes     |
        | CURRENT        | yes     |
        | " Current "    | yes     |
        | ex             | no      |
        | never          | no      |
        | ""             | unknown | null
        | "  "           | unknown | null
        | sometimes      | unknown | no such code
        |                | unknown | null
        """,
        everyone={"age_years": "40"},
        quality="""
        | column         | reason  | rows
        | smoking_status | invalid | 1
        """,
    ),
    Page(
        "Sex",
        "1 or M is male, 2 or F female, 9 indeterminate; 0 and X are recorded as not known.",
        """
        | how many | sex | why
        | 1        | 1   |
        | 2        | m   |
        | 4        | 2   |
        | 8        | F   |
        | 16       | 9   |
        | 32       | 0   | not known
        | 64       | X   | not known
        | 128      |     |
        | 256      | 3   | no such code
        """,
        asked={"strata": ["sex"], "cohorts": ["everyone"], "indicators": ["everyone"], "disclosure": "none"},
        counts="""
        | sex           | cohort   | cohort_answer | indicator | yes | no | unknown
        | male          | everyone | yes           | everyone  | 3   | 0  | 0
        | female        | everyone | yes           | everyone  | 12  | 0  | 0
        | indeterminate | everyone | yes           | everyone  | 16  | 0  | 0
        | unknown       | everyone | yes           | everyone  | 480 | 0  | 0
        """,
    ),
    Page(
        "Sex as a number",
        "The codes 1, 2, 9 and 0 may come as whole numbers.",
        """
        | how many | sex
        | 1        | 1
        | 2        | 2
        | 4        | 9
        | 8        | 0
        | 16       |
        """,
        sent_as={"sex": "integer"},
        asked={"strata": ["sex"], "cohorts": ["everyone"], "indicators": ["everyone"], "disclosure": "none"},
        counts="""
        | sex           | cohort   | cohort_answer | indicator | yes | no | unknown
        | male          | everyone | yes           | everyone  | 1   | 0  | 0
        | female        | everyone | yes           | everyone  | 2   | 0  | 0
        | indeterminate | everyone | yes           | everyone  | 4   | 0  | 0
        | unknown       | everyone | yes           | everyone  | 24  | 0  | 0
        """,
    ),
    Page(
        "Ethnic category: who is in a minority",
        "NHS 2001 codes; a second, local character is cut off. Not stated (Z), not known (99), missing and invalid codes are "
        "unknown: they are neither White British nor a minority.",
        """
        | ethnic_category | ethnic_minority? | ethnic_minority_excluding_white? | why
        | A               | no               | no                               | White British
        | B               | yes              | no                               | White Irish
        | C               | yes              | no                               | any other White background
        | D               | yes              | yes                              | White and Black Caribbean
        | H               | yes              | yes                              | Indian
        | N               | yes              | yes                              | African
        | R               | yes              | yes                              | Chinese
        | S               | yes              | yes                              | any other ethnic group
        | Z               | unknown          | unknown                          | not stated
        | 99              | unknown          | unknown                          | not known
        |                 | unknown          | unknown                          | missing
        | A1              | no               | no                               | local character cut off
        | CY              | yes              | no                               | local character cut off
        | " s9 "          | yes              | yes                              | trimmed, any case, cut off
        | Z9              | unknown          | unknown                          | not stated, with a local character
        | I               | unknown          | unknown                          | I, O and Q are no codes
        | O               | unknown          | unknown                          | no code
        | T               | unknown          | unknown                          | no code of 2001
        | ABC             | unknown          | unknown                          | too long
        | 9               | unknown          | unknown                          | no code
        | 991             | unknown          | unknown                          | no code
        """,
        quality="""
        | column          | reason  | rows
        | ethnic_category | invalid | 6
        """,
    ),
)
