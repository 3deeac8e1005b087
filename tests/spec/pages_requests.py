"""What a request may change, what it needs, and when it is refused."""

from tests.spec.page import Page

TITLE = "Requests"
ABOUT = "Thresholds may be overridden by name; columns that are not there leave questions unanswered, never answered wrongly."

REGISTER = {"age_years": "60", "hypertension_dx_latest": "2018-02-01", "bp_date": "2026-03-01"}
EVERYONE = {"cohorts": ["everyone"], "disclosure": "none"}

PAGES = (
    Page(
        "Another threshold",
        "A request may set any parameter by its name: here the blood pressure target is 130/80, at home still 5 lower.",
        """
        | bp_systolic | bp_diastolic | bp_setting | hypertension_to_target?
        | 130         | 80           | clinic     | yes
        | 131         | 80           | clinic     | no
        | 130         | 81           | clinic     | no
        | 125         | 75           | home       | yes
        | 126         | 75           | home       | no
        """,
        everyone=REGISTER,
        asked={"parameters": {"bp_target_systolic": 130, "bp_target_diastolic": 80}},
    ),
    Page(
        "Another Core20",
        "Here the three most deprived deciles.",
        """
        | imd_decile | core20?
        | 3          | yes
        | 4          | no
        """,
        asked={"parameters": {"core20_max_decile": 3}},
    ),
    Page(
        "Another window",
        "Here 24 months for everything that the physical health checks ask for.",
        """
        | lipid_date | smi_lipids? | why
        | 2024-04-01 | yes         | first day of the window
        | 2024-03-31 | no          | exactly 24 months ago
        """,
        everyone={"age_years": "40", "smi_dx_latest": "2015-06-01"},
        asked={"parameters": {"smi_check_months": 24}},
    ),
    Page(
        "Another age",
        "Here adults are 16 and over.",
        """
        | age_years | hypertension?
        | 16        | yes
        | 15        | not applicable
        """,
        everyone={"hypertension_dx_latest": "2018-02-01"},
        asked={"parameters": {"adult_min_age": 16}},
    ),
    Page(
        "A parameter that does not exist",
        "The request is refused: a misspelt threshold must not go unnoticed.",
        """
        | imd_decile
        | 1
        """,
        asked={"parameters": {"core20_maximum": 3}},
        refused="invalid_request",
    ),
    Page(
        "A column that is not there",
        "Without readings the register is still known, but nothing about blood pressure is. "
        "An indicator that is not answered says `column_absent` and has no counts.",
        """
        | how many | age_years | hypertension_dx_latest
        | 4        | 60        | 2018-02-01
        | 2        | 60        |
        """,
        asked={
            **EVERYONE,
            "indicators": [
                "hypertension",
                "hypertension_bp_recorded",
                "hypertension_to_target",
                "bp_checked_5y",
                "possible_undiagnosed_hypertension",
                "any_clinical_area",
            ],
        },
        counts="""
        | cohort   | cohort_answer | indicator                         | yes | no | unknown | suppressed | status
        | everyone | yes           | hypertension                      | 4   | 2  | 0       | no         | ok
        | everyone | yes           | hypertension_bp_recorded          |     |    |         | no         | column_absent
        | everyone | yes           | hypertension_to_target            |     |    |         | no         | column_absent
        | everyone | yes           | bp_checked_5y                     |     |    |         | no         | column_absent
        | everyone | yes           | possible_undiagnosed_hypertension |     |    |         | no         | column_absent
        | everyone | yes           | any_clinical_area                 |     |    |         | no         | column_absent
        """,
    ),
    Page(
        "One check without its column",
        "Five checks are answered; the sixth, and all six together, are not.",
        """
        | how many | alcohol_date | glucose_date | bp_date    | bmi_date   | smoking_status_date
        | 3        | 2026-01-01   | 2026-01-01   | 2026-01-01 | 2026-01-01 | 2026-01-01
        """,
        everyone={"age_years": "40", "smi_dx_latest": "2015-06-01"},
        asked={**EVERYONE, "indicators": ["smi", "smi_alcohol", "smi_bp", "smi_lipids", "smi_full_check"]},
        counts="""
        | cohort   | cohort_answer | indicator      | yes | no | unknown | suppressed | status
        | everyone | yes           | smi            | 3   | 0  | 0       | no         | ok
        | everyone | yes           | smi_alcohol    | 3   | 0  | 0       | no         | ok
        | everyone | yes           | smi_bp         | 3   | 0  | 0       | no         | ok
        | everyone | yes           | smi_lipids     |     |    |         | no         | column_absent
        | everyone | yes           | smi_full_check |     |    |         | no         | column_absent
        """,
    ),
    Page(
        "No age at all",
        "Without a date of birth and an age nobody can say who is an adult. Pregnancies are still known.",
        """
        | how many | hypertension_dx_latest | preg_booking_date | preg_gestation_at_booking_days
        | 2        | 2018-02-01             | 2026-01-01        | 70
        """,
        asked={**EVERYONE, "indicators": ["everyone", "hypertension", "maternity"]},
        counts="""
        | cohort   | cohort_answer | indicator    | yes | no | unknown | suppressed | status
        | everyone | yes           | everyone     | 2   | 0  | 0       | no         | ok
        | everyone | yes           | hypertension |     |    |         | no         | column_absent
        | everyone | yes           | maternity    | 2   | 0  | 0       | no         | ok
        """,
    ),
    Page(
        "Columns that may be absent",
        "Resolutions, remissions, settings, other drugs, ends of pregnancies, registrations and deaths: "
        "absent means that nobody has one.",
        """
        | hypertension? | hypertension_to_target? | smi? | respiratory? | maternity? | cvd_lipid_therapy? | excluded?
        | yes           | yes                     | yes  | yes          | yes        | no                 |
        """,
        everyone={
            **REGISTER,
            "bp_systolic": "140",
            "bp_diastolic": "90",
            "smi_dx_latest": "2018-02-01",
            "copd_dx_latest": "2018-02-01",
            "cvd_dx_latest": "2018-02-01",
            "statin_latest": "2020-01-01",
            "preg_booking_date": "2026-01-01",
            "preg_gestation_at_booking_days": "70",
        },
    ),
    Page(
        "PLUS groups without deprivation",
        "Any PLUS group needs only the groups that were chosen; Core20PLUS needs deprivation as well.",
        """
        | how many | homeless
        | 2        | yes
        | 1        | no
        """,
        asked={
            **EVERYONE,
            "plus_groups": ["homeless"],
            "indicators": ["core20", "homeless", "autism", "plus_any", "core20plus"],
        },
        counts="""
        | cohort   | cohort_answer | indicator  | yes | no | unknown | suppressed | status
        | everyone | yes           | core20     |     |    |         | no         | column_absent
        | everyone | yes           | homeless   | 2   | 1  | 0       | no         | ok
        | everyone | yes           | autism     |     |    |         | no         | column_absent
        | everyone | yes           | plus_any   | 2   | 1  | 0       | no         | ok
        | everyone | yes           | core20plus |     |    |         | no         | column_absent
        """,
    ),
    Page(
        "A PLUS group whose column is absent",
        "The request is refused: leaving the group out would give another answer than was asked for.",
        """
        | homeless
        | yes
        """,
        asked={"plus_groups": ["homeless", "autism"]},
        refused="invalid_request",
    ),
    Page(
        "A local group whose column is absent",
        "The same.",
        """
        | homeless
        | yes
        """,
        asked={"plus_groups": ["plus_boaters"]},
        refused="invalid_request",
    ),
    Page(
        "A PLUS group that is none",
        "Ethnic minority without White minorities is a cohort, not a PLUS group.",
        """
        | ethnic_category
        | D
        """,
        asked={"plus_groups": ["ethnic_minority_excluding_white"]},
        refused="invalid_request",
    ),
    Page(
        "A column named plus_any",
        "The name belongs to an indicator: the request is refused.",
        """
        | plus_any
        | yes
        """,
        refused="invalid_request",
    ),
    Page(
        "Without PLUS groups",
        "PLUS has no default. Without a choice, `plus_any` and `core20plus` are not returned, as cohorts or as indicators.",
        """
        | how many | imd_decile | homeless
        | 1        | 1          | yes
        """,
        asked={"disclosure": "none", "indicators": ["core20"]},
        counts="""
        | cohort   | cohort_answer | indicator | yes | no | unknown | suppressed | status
        | everyone | yes           | core20    | 1   | 0  | 0       | no         | ok
        | core20   | yes           | core20    | 1   | 0  | 0       | no         | ok
        | homeless | yes           | core20    | 1   | 0  | 0       | no         | ok
        """,
    ),
)
