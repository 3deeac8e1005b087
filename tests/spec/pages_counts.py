"""Counts: which rows there are, and what is hidden before they leave."""

from tests.spec.page import Page

TITLE = "Counts"
ABOUT = (
    "A row for each stratum, cohort, answer of the cohort, and indicator that applies to someone there. "
    "A rate is yes / (yes + no). An empty cell is a hidden count."
)

PAGES = (
    Page(
        "Yes, no and unknown, within yes, no and unknown",
        "Each cohort gives its people who answer yes, no and unknown: it can be held against those known not to be in it.",
        """
        | how many | homeless | cvd_dx_latest | age_years
        | 1        | yes      | 2019-01-01    | 60
        | 2        | yes      |               | 60
        | 4        | no       | 2019-01-01    | 60
        | 8        | no       |               | 60
        | 16       | no       | 2019-01-01    |
        | 32       |          | 2019-01-01    | 60
        """,
        asked={"cohorts": ["everyone", "homeless"], "indicators": ["cvd"], "disclosure": "none"},
        counts="""
        | cohort   | cohort_answer | indicator | yes | no | unknown | suppressed | status
        | everyone | yes           | cvd       | 37  | 10 | 16      | no         | ok
        | homeless | yes           | cvd       | 1   | 2  | 0       | no         | ok
        | homeless | no            | cvd       | 4   | 8  | 16      | no         | ok
        | homeless | unknown       | cvd       | 32  | 0  | 0       | no         | ok
        """,
    ),
    Page(
        "Cohorts within cohorts",
        "A cohort is an indicator too, itself included: cohort everyone, indicator core20 is the Core20 population.",
        """
        | how many | imd_decile | homeless
        | 1        | 1          | yes
        | 2        | 1          | no
        | 4        | 5          | yes
        | 8        |            | no
        """,
        asked={
            "cohorts": ["everyone", "core20", "homeless"],
            "indicators": ["everyone", "core20", "homeless"],
            "disclosure": "none",
        },
        counts="""
        | cohort   | cohort_answer | indicator | yes | no | unknown
        | everyone | yes           | everyone  | 15  | 0  | 0
        | everyone | yes           | core20    | 3   | 4  | 8
        | everyone | yes           | homeless  | 5   | 10 | 0
        | core20   | yes           | everyone  | 3   | 0  | 0
        | core20   | yes           | core20    | 3   | 0  | 0
        | core20   | yes           | homeless  | 1   | 2  | 0
        | core20   | no            | everyone  | 4   | 0  | 0
        | core20   | no            | core20    | 0   | 4  | 0
        | core20   | no            | homeless  | 4   | 0  | 0
        | core20   | unknown       | everyone  | 8   | 0  | 0
        | core20   | unknown       | core20    | 0   | 0  | 8
        | core20   | unknown       | homeless  | 0   | 8  | 0
        | homeless | yes           | everyone  | 5   | 0  | 0
        | homeless | yes           | core20    | 1   | 4  | 0
        | homeless | yes           | homeless  | 5   | 0  | 0
        | homeless | no            | everyone  | 10  | 0  | 0
        | homeless | no            | core20    | 2   | 0  | 8
        | homeless | no            | homeless  | 0   | 10 | 0
        """,
    ),
    Page(
        "Rows that are not there",
        "Where an indicator applies to nobody there is no row; it stands for 0, 0, 0. Here no homeless person has COPD, "
        "and nobody in the south is an adult.",
        """
        | how many | homeless | age_years | copd_dx_latest | flu_vaccine_latest | ward
        | 3        | yes      | 60        |                | 2025-10-01         | north
        | 2        | no       | 60        | 2019-01-01     | 2025-10-01         | north
        | 1        | no       | 60        | 2019-01-01     |                    | north
        | 5        | no       | 10        |                |                    | south
        """,
        asked={
            "strata": ["ward"],
            "cohorts": ["everyone", "homeless"],
            "indicators": ["respiratory", "copd_flu_vaccine"],
            "disclosure": "none",
        },
        counts="""
        | ward  | cohort   | cohort_answer | indicator        | yes | no | unknown
        | north | everyone | yes           | respiratory      | 3   | 3  | 0
        | north | everyone | yes           | copd_flu_vaccine | 2   | 1  | 0
        | north | homeless | yes           | respiratory      | 0   | 3  | 0
        | north | homeless | no            | respiratory      | 3   | 0  | 0
        | north | homeless | no            | copd_flu_vaccine | 2   | 1  | 0
        """,
    ),
    Page(
        "People who are left out",
        "They are in no row.",
        """
        | how many | imd_decile | death_date | registration_end
        | 3        | 1          |            |
        | 4        | 1          | 2026-01-01 |
        | 5        | 1          |            | 2026-01-01
        """,
        asked={"cohorts": ["everyone"], "indicators": ["everyone", "core20"], "disclosure": "none"},
        counts="""
        | cohort   | cohort_answer | indicator | yes | no | unknown
        | everyone | yes           | everyone  | 3   | 0  | 0
        | everyone | yes           | core20    | 3   | 0  | 0
        """,
    ),
    Page(
        "An absent column, by stratum and cohort",
        "An indicator that is not answered has one row for each stratum, cohort and answer that has people.",
        """
        | how many | ward  | imd_decile
        | 2        | north | 1
        | 3        | north | 5
        | 4        | south | 1
        """,
        asked={
            "strata": ["ward"],
            "cohorts": ["everyone", "core20"],
            "indicators": ["autism"],
            "disclosure": "none",
        },
        counts="""
        | ward  | cohort   | cohort_answer | indicator | yes | no | unknown | suppressed | status
        | north | everyone | yes           | autism    |     |    |         | no         | column_absent
        | north | core20   | yes           | autism    |     |    |         | no         | column_absent
        | north | core20   | no            | autism    |     |    |         | no         | column_absent
        | south | everyone | yes           | autism    |     |    |         | no         | column_absent
        | south | core20   | yes           | autism    |     |    |         | no         | column_absent
        """,
    ),
    Page(
        "The policy for publication: rounding",
        "0 stays 0; other counts from 8 on are rounded to the nearest 5.",
        """
        | how many | homeless | ward
        | 8        | yes      | a
        | 12       | yes      | b
        | 13       | yes      | c
        | 17       | yes      | d
        | 1003     | yes      | e
        """,
        asked={"strata": ["ward"], "cohorts": ["everyone"], "indicators": ["homeless"]},
        counts="""
        | ward | cohort   | cohort_answer | indicator | yes  | no | unknown | suppressed | status
        | a    | everyone | yes           | homeless  | 10   | 0  | 0       | no         | ok
        | b    | everyone | yes           | homeless  | 10   | 0  | 0       | no         | ok
        | c    | everyone | yes           | homeless  | 15   | 0  | 0       | no         | ok
        | d    | everyone | yes           | homeless  | 15   | 0  | 0       | no         | ok
        | e    | everyone | yes           | homeless  | 1005 | 0  | 0       | no         | ok
        """,
    ),
    Page(
        "The policy for publication: hiding",
        "Counts from 1 to 7 are hidden, and the row says that something is. Other counts, zeros included, may be hidden as well "
        "to protect them.",
        """
        | how many | homeless | ward
        | 1        | yes      | a
        | 40       | no       | a
        | 7        | yes      | b
        | 40       | no       | b
        | 8        | yes      | c
        | 7        |          | c
        """,
        asked={"strata": ["ward"], "cohorts": ["everyone"], "indicators": ["homeless"]},
        counts="""
        | ward | cohort   | cohort_answer | indicator | yes          | no           | unknown     | suppressed | status
        | a    | everyone | yes           | homeless  |              | 40 or hidden | 0 or hidden | yes        | ok
        | b    | everyone | yes           | homeless  |              | 40 or hidden | 0 or hidden | yes        | ok
        | c    | everyone | yes           | homeless  | 10 or hidden | 0 or hidden  |             | yes        | ok
        """,
    ),
    Page(
        "Exact counts",
        "The policy `none` hides nothing.",
        """
        | how many | homeless
        | 1        | yes
        | 7        | no
        | 13       |
        """,
        asked={"cohorts": ["everyone"], "indicators": ["homeless"], "disclosure": "none"},
        counts="""
        | cohort   | cohort_answer | indicator | yes | no | unknown | suppressed | status
        | everyone | yes           | homeless  | 1   | 7  | 13      | no         | ok
        """,
    ),
)
