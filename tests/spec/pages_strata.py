"""What counts can be broken down by."""

from tests.spec.page import Page

TITLE = "Strata"
ABOUT = "The people of a row are doubled from row to row, so that every count shows exactly who is in it."


def asked(*strata: str, **more: object) -> dict[str, object]:
    return {"strata": list(strata), "cohorts": ["everyone"], "indicators": ["everyone"], "disclosure": "none", **more}


PAGES = (
    Page(
        "Deprivation decile and quintile",
        "Quintile 1, the most deprived, is deciles 1 and 2. A decile that is missing or invalid is unknown.",
        """
        | how many | imd_decile
        | 1        | 1
        | 2        | 2
        | 4        | 3
        | 8        | 9
        | 16       | 10
        | 32       |
        | 64       | 11
        """,
        asked=asked("imd_quintile", "imd_decile"),
        counts="""
        | imd_quintile | imd_decile | cohort   | cohort_answer | indicator | yes | no | unknown
        | 1            | 1          | everyone | yes           | everyone  | 1   | 0  | 0
        | 1            | 2          | everyone | yes           | everyone  | 2   | 0  | 0
        | 2            | 3          | everyone | yes           | everyone  | 4   | 0  | 0
        | 5            | 9          | everyone | yes           | everyone  | 8   | 0  | 0
        | 5            | 10         | everyone | yes           | everyone  | 16  | 0  | 0
        | unknown      | unknown    | everyone | yes           | everyone  | 96  | 0  | 0
        """,
    ),
    Page(
        "Decile by rank",
        "The stratum is the decile of the request's source, whatever that is.",
        """
        | how many | imd_rank
        | 1        | 3375
        | 2        | 3376
        | 4        | 33755
        """,
        asked=asked("imd_decile"),
        counts="""
        | imd_decile | cohort   | cohort_answer | indicator | yes | no | unknown
        | 1          | everyone | yes           | everyone  | 1   | 0  | 0
        | 2          | everyone | yes           | everyone  | 2   | 0  | 0
        | 10         | everyone | yes           | everyone  | 4   | 0  | 0
        """,
    ),
    Page(
        "Ethnic category",
        "The normalised letter, Z or 99; missing and invalid codes are unknown.",
        """
        | how many | ethnic_category
        | 1        | A
        | 2        | a1
        | 4        | Z
        | 8        | 99
        | 16       |
        | 32       | Q
        """,
        asked=asked("ethnic_category"),
        counts="""
        | ethnic_category | cohort   | cohort_answer | indicator | yes | no | unknown
        | A               | everyone | yes           | everyone  | 3   | 0  | 0
        | Z               | everyone | yes           | everyone  | 4   | 0  | 0
        | 99              | everyone | yes           | everyone  | 8   | 0  | 0
        | unknown         | everyone | yes           | everyone  | 48  | 0  | 0
        """,
    ),
    Page(
        "Ethnic group",
        "White A to C, mixed D to G, Asian H to L, Black M to P, other R and S. Not stated, not known and missing stay apart.",
        """
        | how many | ethnic_category
        | 1        | A
        | 2        | C
        | 4        | D
        | 8        | G
        | 16       | H
        | 32       | L
        | 64       | M
        | 128      | P
        | 256      | R
        | 512      | S
        | 1024     | Z
        | 2048     | 99
        | 4096     |
        | 8192     | Q
        """,
        asked=asked("ethnic_group"),
        counts="""
        | ethnic_group | cohort   | cohort_answer | indicator | yes   | no | unknown
        | White        | everyone | yes           | everyone  | 3     | 0  | 0
        | Mixed        | everyone | yes           | everyone  | 12    | 0  | 0
        | Asian        | everyone | yes           | everyone  | 48    | 0  | 0
        | Black        | everyone | yes           | everyone  | 192   | 0  | 0
        | Other        | everyone | yes           | everyone  | 768   | 0  | 0
        | Not stated   | everyone | yes           | everyone  | 1024  | 0  | 0
        | Not known    | everyone | yes           | everyone  | 2048  | 0  | 0
        | Missing      | everyone | yes           | everyone  | 12288 | 0  | 0
        """,
    ),
    Page(
        "Age bands",
        "Five years, ten years, and children, working age and older. The last band is open.",
        """
        | how many | age_years
        | 1        | 0
        | 2        | 4
        | 4        | 5
        | 8        | 9
        | 16       | 17
        | 32       | 18
        | 64       | 64
        | 128      | 65
        | 256      | 89
        | 512      | 90
        | 1024     | 119
        | 2048     |
        """,
        asked=asked("age_band_5y", "age_band_10y", "age_band_broad"),
        counts="""
        | age_band_5y | age_band_10y | age_band_broad | cohort   | cohort_answer | indicator | yes  | no | unknown
        | 0-4         | 0-9          | 0-17           | everyone | yes           | everyone  | 3    | 0  | 0
        | 5-9         | 0-9          | 0-17           | everyone | yes           | everyone  | 12   | 0  | 0
        | 15-19       | 10-19        | 0-17           | everyone | yes           | everyone  | 16   | 0  | 0
        | 15-19       | 10-19        | 18-64          | everyone | yes           | everyone  | 32   | 0  | 0
        | 60-64       | 60-69        | 18-64          | everyone | yes           | everyone  | 64   | 0  | 0
        | 65-69       | 60-69        | 65+            | everyone | yes           | everyone  | 128  | 0  | 0
        | 85-89       | 80-89        | 65+            | everyone | yes           | everyone  | 256  | 0  | 0
        | 90+         | 90+          | 65+            | everyone | yes           | everyone  | 1536 | 0  | 0
        | unknown     | unknown      | unknown        | everyone | yes           | everyone  | 2048 | 0  | 0
        """,
    ),
    Page(
        "Core20PLUS segment",
        "Core20 only, PLUS only, both, neither; unknown where either of the two is.",
        """
        | how many | imd_decile | homeless
        | 1        | 1          | yes
        | 2        | 1          | no
        | 4        | 1          |
        | 8        | 5          | yes
        | 16       | 5          | no
        | 32       | 5          |
        | 64       |            | yes
        | 128      |            | no
        | 256      |            |
        """,
        asked=asked("core20plus_segment", plus_groups=["homeless"]),
        counts="""
        | core20plus_segment | cohort   | cohort_answer | indicator | yes | no | unknown
        | both               | everyone | yes           | everyone  | 1   | 0  | 0
        | core20 only        | everyone | yes           | everyone  | 2   | 0  | 0
        | plus only          | everyone | yes           | everyone  | 8   | 0  | 0
        | neither            | everyone | yes           | everyone  | 16  | 0  | 0
        | unknown            | everyone | yes           | everyone  | 484 | 0  | 0
        """,
    ),
    Page(
        "Organisations",
        "Codes are trimmed and upper-cased. V81997, V81998, V81999 and a bare U stand for none: unknown, and tallied.",
        """
        | how many | practice_code | pcn_code
        | 1        | G85001        | U12345
        | 2        | " g85001 "    | u12345
        | 4        | V81997        | U
        | 8        | v81998        | u
        | 16       | V81999        |
        | 32       |               | ""
        """,
        asked=asked("practice_code", "pcn_code"),
        counts="""
        | practice_code | pcn_code | cohort   | cohort_answer | indicator | yes | no | unknown
        | G85001        | U12345   | everyone | yes           | everyone  | 3   | 0  | 0
        | unknown       | unknown  | everyone | yes           | everyone  | 60  | 0  | 0
        """,
        quality="""
        | column        | reason      | rows
        | practice_code | pseudo_code | 28
        | pcn_code      | pseudo_code | 12
        """,
    ),
    Page(
        "Places, sub-ICB locations and boards",
        "In the order asked.",
        """
        | how many | place_code | sub_icb_code | icb_code
        | 1        | P1         | 93C          | QMJ
        | 2        | P1         | 93C          |
        | 4        | p2         | 93c          | qmj
        """,
        asked=asked("icb_code", "sub_icb_code", "place_code"),
        counts="""
        | icb_code | sub_icb_code | place_code | cohort   | cohort_answer | indicator | yes | no | unknown
        | QMJ      | 93C          | P1         | everyone | yes           | everyone  | 1   | 0  | 0
        | unknown  | 93C          | P1         | everyone | yes           | everyone  | 2   | 0  | 0
        | QMJ      | 93C          | P2         | everyone | yes           | everyone  | 4   | 0  | 0
        """,
    ),
    Page(
        "Any other text column",
        "Its values, trimmed; capitals stay as they are.",
        """
        | how many | ward
        | 1        | North
        | 2        | " North "
        | 4        | north
        | 8        | ""
        | 16       |
        """,
        asked=asked("ward"),
        counts="""
        | ward    | cohort   | cohort_answer | indicator | yes | no | unknown
        | North   | everyone | yes           | everyone  | 3   | 0  | 0
        | north   | everyone | yes           | everyone  | 4   | 0  | 0
        | unknown | everyone | yes           | everyone  | 24  | 0  | 0
        """,
    ),
    Page(
        "Any other whole number, or yes and no",
        "Numbers become text, yes and no become true and false.",
        """
        | how many | cluster | housebound
        | 1        | 7       | yes
        | 2        | -1      | no
        | 4        |         |
        """,
        sent_as={"cluster": "integer", "housebound": "bool"},
        asked=asked("cluster", "housebound"),
        counts="""
        | cluster | housebound | cohort   | cohort_answer | indicator | yes | no | unknown
        | 7       | true       | everyone | yes           | everyone  | 1   | 0  | 0
        | -1      | false      | everyone | yes           | everyone  | 2   | 0  | 0
        | unknown | unknown    | everyone | yes           | everyone  | 4   | 0  | 0
        """,
    ),
    *[
        Page(
            f"No stratum: {what}",
            f"{why}: the request is refused.",
            f"""
            | {column}
            | {value}
            """,
            sent_as={"score": "number"},
            asked=asked(column),
            refused="invalid_request",
        )
        for what, column, value, why in (
            ("person_id", "person_id", "a1", "A row for each person is no count"),
            ("a date", "bp_date", "2026-01-01", "Dates are not strata"),
            ("a measurement", "score", "0.5", "Numbers that are not whole are not strata"),
        )
    ],
)
