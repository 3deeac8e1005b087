"""Hypertension: the register, readings, targets, and case finding."""

from tests.spec.page import Page

TITLE = "Hypertension"
ABOUT = (
    "A valid reading has a date and both values, systolic at least 50 and diastolic at least 20 mmHg. "
    "No reading in the last 12 months is not a reading above target."
)

REGISTER = {"hypertension_dx_latest": "2018-02-01"}
READ_TODAY = {**REGISTER, "bp_date": "2026-03-31"}

PAGES = (
    Page(
        "On the hypertension register",
        "Adults with a diagnosis that is not resolved since; a tie keeps the diagnosis.",
        """
        | age_years | hypertension_dx_latest | hypertension_resolved_latest | hypertension?  | why
        | 18        | 2018-02-01             |                              | yes            |
        | 17        | 2018-02-01             |                              | not applicable | not an adult
        |           | 2018-02-01             |                              | unknown        | age unknown
        | 60        |                        |                              | no             | nothing recorded: not diagnosed
        | 60        | 2018-02-01             | 2018-01-31                   | yes            | diagnosed again since
        | 60        | 2018-02-01             | 2018-02-01                   | yes            | a tie keeps the diagnosis
        | 60        | 2018-02-01             | 2018-02-02                   | no             | resolved
        """,
    ),
    Page(
        "A valid reading",
        "A date and both values; systolic 50 or more, diastolic 20 or more. Half a pair or a value too low is none.",
        """
        | bp_date    | bp_systolic | bp_diastolic | hypertension_bp_recorded? | why
        | 2026-01-10 | 120         | 70           | yes                       |
        | 2026-01-10 | 50          | 20           | yes                       | just valid
        | 2026-01-10 | 49          | 20           | no                        | systolic too low
        | 2026-01-10 | 50          | 19           | no                        | diastolic too low
        | 2026-01-10 | 120         |              | no                        | half a pair
        | 2026-01-10 |             | 70           | no                        | half a pair
        | 2026-01-10 |             |              | no                        | no values
        |            | 120         | 70           | no                        | no date
        | 2026-01-10 | NaN         | 70           | no                        | not a number is null
        | 2026-01-10 | 49.9        | 70           | no                        | systolic too low
        """,
        everyone={"age_years": "60", **REGISTER},
        quality="""
        | column       | reason              | rows
        | bp_systolic  | below_valid_minimum | 2
        | bp_systolic  | half_a_pair         | 2
        | bp_diastolic | below_valid_minimum | 1
        | bp_diastolic | half_a_pair         | 1
        """,
    ),
    Page(
        "Blood pressure recorded in the last year",
        "A valid reading in the last 12 months, of people on the register.",
        """
        | age_years | hypertension_dx_latest | bp_date    | hypertension_bp_recorded? | why
        | 60        | 2018-02-01             | 2025-04-01 | yes                       | first day of the window
        | 60        | 2018-02-01             | 2025-03-31 | no                        | exactly 12 months ago
        | 60        | 2018-02-01             | 2026-03-31 | yes                       | today
        | 60        | 2018-02-01             |            | no                        | nothing recorded
        | 60        |                        | 2026-03-31 | not applicable            | not on the register
        | 17        | 2018-02-01             | 2026-03-31 | not applicable            | not an adult
        |           | 2018-02-01             | 2026-03-31 | not applicable            | age unknown: not asked about
        """,
        everyone={"bp_systolic": "120", "bp_diastolic": "70"},
    ),
    Page(
        "Treated to target, 79 and under",
        "At most 140/90 in the clinic, both parts: exactly 140/90 is to target. At home 5 lower, 135/85.",
        """
        | bp_systolic | bp_diastolic | bp_setting | hypertension_to_target? | why
        | 140         | 90           | clinic     | yes                     | exactly at target
        | 141         | 90           | clinic     | no                      | systolic above
        | 140         | 91           | clinic     | no                      | diastolic above
        | 140.5       | 90           | clinic     | no                      | half a point above is above
        | 135         | 85           | home       | yes                     | exactly at target at home
        | 136         | 85           | home       | no                      | would do in the clinic
        | 135         | 86           | home       | no                      | would do in the clinic
        | 135         | 85           | abpm       | yes                     | ambulatory counts as home
        | 136         | 85           | HBPM       | no                      | home reading, any case
        | 140         | 90           |            | yes                     | no setting: clinic
        | 140         | 90           | pharmacy   | yes                     | unknown settings count as clinic
        """,
        everyone={"age_years": "79", **READ_TODAY},
        quality="""
        | column     | reason  | rows
        | bp_setting | invalid | 1
        """,
    ),
    Page(
        "Treated to target, 80 and over",
        "At most 150/90 in the clinic, 145/85 at home.",
        """
        | bp_systolic | bp_diastolic | bp_setting | hypertension_to_target? | why
        | 150         | 90           | clinic     | yes                     | exactly at target
        | 151         | 90           | clinic     | no                      |
        | 150         | 91           | clinic     | no                      | the diastolic target is the same
        | 145         | 85           | home       | yes                     | exactly at target at home
        | 146         | 85           | home       | no                      |
        | 145         | 86           | home       | no                      |
        """,
        everyone={"age_years": "80", **READ_TODAY},
    ),
    Page(
        "Treated to target: the age that decides",
        "The higher target is for people of 80 and over at the reference date.",
        """
        | birth_date | bp_systolic | hypertension_to_target? | why
        | 1946-03-31 | 150         | yes                     | 80 today
        | 1946-04-01 | 150         | no                      | 79, 80 tomorrow
        | 1946-04-01 | 140         | yes                     | 79
        """,
        everyone={**READ_TODAY, "bp_diastolic": "80"},
    ),
    Page(
        "Without a reading there is no knowing",
        "To target is asked of those with a valid reading in the last 12 months: without one it is unknown. "
        "Controlled, the one to set beside QOF and CVDPREVENT, counts no reading as a no.",
        """
        | bp_date    | bp_systolic | bp_diastolic | hypertension_bp_recorded? | hypertension_to_target? | hypertension_controlled?
        | 2025-04-01 | 140         | 90           | yes                       | yes                     | yes
        | 2025-04-01 | 141         | 90           | yes                       | no                      | no
        | 2025-03-31 | 120         | 70           | no                        | unknown                 | no
        | 2026-03-01 | 120         |              | no                        | unknown                 | no
        | 2026-03-01 | 49          | 70           | no                        | unknown                 | no
        |            | 120         | 70           | no                        | unknown                 | no
        |            |             |              | no                        | unknown                 | no
        """,
        everyone={"age_years": "60", **REGISTER},
    ),
    Page(
        "Controlled: who is asked about",
        "People on the register only.",
        """
        | age_years | hypertension_dx_latest | hypertension_to_target? | hypertension_controlled?
        | 60        | 2018-02-01             | yes                     | yes
        | 60        |                        | not applicable          | not applicable
        | 17        | 2018-02-01             | not applicable          | not applicable
        |           | 2018-02-01             | not applicable          | not applicable
        """,
        everyone={"bp_date": "2026-03-31", "bp_systolic": "120", "bp_diastolic": "70"},
    ),
    Page(
        "A reading in the last five years",
        "People of 45 and over, with a valid reading in the last 60 months. Whether they have hypertension does not matter.",
        """
        | birth_date | bp_date    | bp_systolic | bp_checked_5y? | why
        | 1981-03-31 | 2026-03-31 | 120         | yes            | 45 today
        | 1981-04-01 | 2026-03-31 | 120         | not applicable | 44, 45 tomorrow
        |            | 2026-03-31 | 120         | not applicable | age unknown: not asked about
        | 1960-01-01 | 2021-04-01 | 120         | yes            | first day of the window
        | 1960-01-01 | 2021-03-31 | 120         | no             | exactly 60 months ago
        | 1960-01-01 | 2026-03-31 | 49          | no             | not a valid reading
        | 1960-01-01 | 2026-03-31 |             | no             | half a pair
        | 1960-01-01 |            |             | no             | nothing recorded
        """,
        everyone={"bp_diastolic": "70"},
    ),
    Page(
        "Possible undiagnosed hypertension: raised",
        "The latest reading is 140 or more, or 90 or more: 140/90 itself is raised. At home 135 or 85.",
        """
        | bp_systolic | bp_diastolic | bp_setting | possible_undiagnosed_hypertension? | why
        | 139         | 89           | clinic     | no                                 | just below
        | 140         | 89           | clinic     | yes                                | systolic is enough
        | 139         | 90           | clinic     | yes                                | diastolic is enough
        | 139.5       | 89.5         | clinic     | no                                 | still below
        | 134         | 84           | home       | no                                 | just below
        | 135         | 84           | home       | yes                                | systolic is enough
        | 134         | 85           | home       | yes                                | diastolic is enough
        | 139         | 89           | home       | yes                                | raised at home, not in the clinic
        | 139         | 89           |            | no                                 | no setting: clinic
        """,
        everyone={"age_years": "50", "hypertension_dx_latest": "", "bp_date": "2026-02-01"},
    ),
    Page(
        "Possible undiagnosed hypertension: who is asked about",
        "Adults who are not on the register and have a valid reading in the last 12 months.",
        """
        | age_years | hypertension_dx_latest | hypertension_resolved_latest | bp_date    | bp_diastolic | possible_undiagnosed_hypertension? | why
        | 18        |                        |                              | 2026-02-01 | 95           | yes                                |
        | 17        |                        |                              | 2026-02-01 | 95           | not applicable                     | not an adult
        |           |                        |                              | 2026-02-01 | 95           | not applicable                     | age unknown
        | 50        | 2018-02-01             |                              | 2026-02-01 | 95           | not applicable                     | on the register
        | 50        | 2018-02-01             | 2019-02-01                   | 2026-02-01 | 95           | yes                                | resolved: off the register
        | 50        | 2018-02-01             | 2018-02-01                   | 2026-02-01 | 95           | not applicable                     | a tie: on the register
        | 50        |                        |                              | 2025-04-01 | 95           | yes                                | first day of the window
        | 50        |                        |                              | 2025-03-31 | 95           | not applicable                     | exactly 12 months ago
        | 50        |                        |                              |            | 95           | not applicable                     | no date
        | 50        |                        |                              | 2026-02-01 |              | not applicable                     | half a pair
        | 50        |                        |                              | 2026-02-01 | 19           | not applicable                     | not a valid reading
        """,  # noqa: E501  (a drawn table is not folded)
        everyone={"bp_systolic": "160"},
    ),
)
