"""Who is counted, and how old they are."""

from tests.spec.page import Page

TITLE = "Who is counted"
ABOUT = "People who have died, are not yet born, are not registered, or whose age cannot be right are left out, with the reason."

PAGES = (
    Page(
        "Died",
        "A person who died on or before the reference date is left out. A later death date is read as it stands: alive.",
        """
        | death_date | excluded? | everyone? | why
        | 2026-03-30 | died      |           | the day before
        | 2026-03-31 | died      |           | on the reference date
        | 2026-04-01 |           | yes       | the day after: still alive then
        |            |           | yes       | no date of death
        """,
    ),
    Page(
        "Born after the reference date",
        "A person who is not yet born is left out; a child born on the reference date is counted, aged 0.",
        """
        | birth_date | excluded?  | everyone? | hypertension?  | why
        | 2026-03-31 |            | yes       | not applicable | born that day
        | 2026-04-01 | born_after |           |                | the day after
        """,
        everyone={"hypertension_dx_latest": ""},
    ),
    Page(
        "Registered",
        "Registered means: started on or before the reference date, and not ended on or before it. "
        "An empty start or end is no limit on that side.",
        """
        | registration_start | registration_end | excluded?      | everyone? | why
        | 2026-03-31         |                  |                | yes       | registered that day
        | 2026-04-01         |                  | not_registered |           | registers the day after
        | 2020-01-01         | 2026-03-31       | not_registered |           | left that day
        | 2020-01-01         | 2026-04-01       |                | yes       | leaves the day after
        |                    | 2026-04-01       |                | yes       | no start: no limit
        |                    | 2026-03-30       | not_registered |           | left the day before
        |                    |                  |                | yes       | no limits at all
        """,
    ),
    Page(
        "An age that cannot be right",
        "People aged 120 or more are left out. An unknown age leaves nobody out.",
        """
        | birth_date | excluded?       | everyone? | why
        | 1906-03-31 | implausible_age |           | 120 that day
        | 1906-04-01 |                 | yes       | 119: a day short of 120
        |            |                 | yes       | age unknown
        """,
    ),
    Page(
        "The first reason counts",
        "The reasons are tried in this order: died, born after, not registered, implausible age.",
        """
        | birth_date | death_date | registration_end | excluded?       | why
        | 2026-05-01 | 2026-03-01 | 2026-03-01       | died            | all but the age
        | 2026-05-01 |            | 2026-03-01       | born_after      | not born, and not registered
        | 1900-01-01 |            | 2026-03-01       | not_registered  | not registered, and 126 years old
        | 1900-01-01 |            |                  | implausible_age | 126 years old
        | 1900-01-01 | 2026-03-31 |                  | died            | 126 years old, and died
        """,
    ),
    Page(
        "Adult",
        "An adult is 18 or older, in completed calendar years at the reference date. "
        "A clinical area does not apply to children; without an age nobody can say.",
        """
        | birth_date | hypertension?  | why
        | 2008-03-31 | yes            | 18 that day
        | 2008-04-01 | not applicable | 17: a day short of 18
        |            | unknown        | age unknown
        """,
        everyone={"hypertension_dx_latest": "2020-01-01"},
    ),
    Page(
        "Born on 29 February",
        "Someone born on 29 February turns a year older on 1 March in years without that day.",
        """
        | birth_date | hypertension?  | why
        | 2008-02-28 | yes            | 18 that day
        | 2008-02-29 | not applicable | 18 tomorrow, on 1 March
        | 2008-03-01 | not applicable | 18 tomorrow
        """,
        on="2026-02-28",
        everyone={"hypertension_dx_latest": "2020-01-01"},
    ),
    Page(
        "Born on 29 February, a day later",
        "On 1 March they have turned 18.",
        """
        | birth_date | hypertension?  | why
        | 2008-02-29 | yes            | 18 today
        | 2008-03-01 | yes            | 18 today
        | 2008-03-02 | not applicable | 18 tomorrow
        """,
        on="2026-03-01",
        everyone={"hypertension_dx_latest": "2020-01-01"},
    ),
    Page(
        "On 29 February itself",
        "In a leap year the birthday is the day itself.",
        """
        | birth_date | hypertension?  | why
        | 2006-02-28 | yes            | 18 yesterday
        | 2006-03-01 | not applicable | 18 tomorrow
        | 2008-02-29 | not applicable | 16 today
        | 2004-02-29 | yes            | 20 today
        """,
        on="2024-02-29",
        everyone={"hypertension_dx_latest": "2020-01-01"},
    ),
    Page(
        "Age in years",
        "Each person's age comes from the date of birth, else from the age given. A negative age is unknown.",
        """
        | birth_date | age_years | hypertension?  | why
        |            | 18        | yes            | age as given
        |            | 17        | not applicable | age as given
        | 1970-01-01 | 17        | yes            | the date of birth goes first
        | 2010-01-01 | 40        | not applicable | the date of birth goes first
        |            | -1        | unknown        | no such age
        |            |           | unknown        | neither
        """,
        everyone={"hypertension_dx_latest": "2020-01-01"},
        quality="""
        | column    | reason  | rows
        | age_years | invalid | 1
        """,
    ),
    Page(
        "Age in years alone",
        "One of the two columns is enough. An age of 120 or more is left out as well.",
        """
        | age_years | excluded?       | hypertension? | why
        | 18        |                 | yes           |
        | 119       |                 | yes           |
        | 120       | implausible_age |               |
        |           |                 | unknown       |
        """,
        everyone={"hypertension_dx_latest": "2020-01-01"},
    ),
)
