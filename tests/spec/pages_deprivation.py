"""Where deprivation comes from, the boundary of Core20, and why it is unknown."""

from tests.spec.page import Page

TITLE = "Deprivation"
ABOUT = (
    "National deciles of the Index of Multiple Deprivation, 1 the most deprived. Core20 is deciles 1 and 2. "
    "Each request has one source: LSOA codes with a table, ranks, or deciles. "
    "In the imaginary table of these pages the number in an LSOA code is its rank."
)

LSOA = {"imd_table": "imaginary"}

PAGES = (
    Page(
        "Core20 by decile",
        "Deciles 1 and 2 are Core20. A number that is no decile is invalid, never deprived.",
        """
        | imd_decile | core20? | core20_unknown_reason? | why
        | 1          | yes     |                        |
        | 2          | yes     |                        | the second decile is in
        | 3          | no      |                        | the third is not
        | 10         | no      |                        |
        | 0          | unknown | invalid                | never deprived
        | -1         | unknown | invalid                |
        | 11         | unknown | invalid                |
        |            | unknown | missing                | no decile is unknown, not 'not deprived'
        """,
        quality="""
        | column     | reason  | rows
        | imd_decile | invalid | 3
        | imd_decile | missing | 1
        """,
    ),
    Page(
        "Core20 by rank, 2025",
        "There are 33,755 LSOAs: the most deprived 20 % end at rank 6,751.",
        """
        | imd_rank | core20? | core20_unknown_reason? | why
        | 1        | yes     |                        | the most deprived
        | 6751     | yes     |                        | the last of decile 2
        | 6752     | no      |                        | the first of decile 3
        | 33755    | no      |                        | the least deprived
        | 33756    | unknown | invalid                | no such rank
        | 0        | unknown | invalid                | never the most deprived
        | -1       | unknown | invalid                |
        |          | unknown | missing                |
        """,
    ),
    Page(
        "Core20 by rank, 2019",
        "There were 32,844 LSOAs: the most deprived 20 % end at rank 6,568. Rank 6,569 is in decile 3, as published.",
        """
        | imd_rank | core20? | core20_unknown_reason? | why
        | 6568     | yes     |                        | the last of decile 2
        | 6569     | no      |                        | 20.0006 % of the way
        | 32844    | no      |                        |
        | 32845    | unknown | invalid                | no such rank in 2019
        """,
        asked={"imd_version": "2019"},
    ),
    Page(
        "Core20 by LSOA",
        "The rank of the LSOA decides. Codes are trimmed and have no case.",
        """
        | lsoa_code     | core20? | core20_unknown_reason? | why
        | E01000001     | yes     |                        | rank 1
        | E01006751     | yes     |                        | the last of decile 2
        | E01006752     | no      |                        | the first of decile 3
        | " e01006751 " | yes     |                        | trimmed, any case
        | E01033756     | unknown | not_in_table           | no such LSOA in the table
        | E01999999     | unknown | not_in_table           |
        | W01000001     | unknown | outside_england        | Wales
        | S01006506     | unknown | outside_england        | Scotland
        |               | unknown | missing                |
        | ""            | unknown | missing                | empty text is null
        """,
        asked=LSOA,
    ),
    Page(
        "Core20 by LSOA, 2019",
        "The IMD of 2019 ranks the LSOAs of 2011.",
        """
        | lsoa_code | core20? | core20_unknown_reason? | why
        | E01006568 | yes     |                        | the last of decile 2
        | E01006569 | no      |                        | the first of decile 3
        | E01032845 | unknown | not_in_table           | not an LSOA of that table
        """,
        asked={**LSOA, "imd_version": "2019"},
    ),
    Page(
        "A reason that was given",
        "People without a fixed abode, or who live outside England, have no decile. The reason given explains a null, "
        "and only a null.",
        """
        | imd_decile | no_imd_reason      | core20? | core20_unknown_reason? | why
        |            | no_fixed_abode     | unknown | no_fixed_abode         |
        |            | outside_england    | unknown | outside_england        |
        |            | " No_Fixed_Abode " | unknown | no_fixed_abode         | trimmed, any case
        |            | moved              | unknown | missing                | no such reason
        |            |                    | unknown | missing                | no reason given
        | 1          | no_fixed_abode     | yes     |                        | a decile that is there counts
        | 0          | no_fixed_abode     | unknown | invalid                | an invalid decile is not a null
        """,
    ),
    Page(
        "A reason beside LSOA codes",
        "It explains an empty code. A code that is not in the table keeps its own reason.",
        """
        | lsoa_code | no_imd_reason  | core20? | core20_unknown_reason?
        |           | no_fixed_abode | unknown | no_fixed_abode
        | E01999999 | no_fixed_abode | unknown | not_in_table
        | W01000001 | no_fixed_abode | unknown | outside_england
        | E01000001 | no_fixed_abode | yes     |
        """,
        asked=LSOA,
    ),
    Page(
        "One source for everyone",
        "With several columns, the LSOA code goes first, then the rank, then the decile; "
        "an empty value is never filled from another column.",
        """
        | lsoa_code | imd_rank | imd_decile | core20? | core20_unknown_reason?
        | E01000001 | 33755    | 10         | yes     |
        | E01033755 | 1        | 1          | no      |
        |           | 1        | 1          | unknown | missing
        """,
        asked=LSOA,
    ),
    Page(
        "The rank before the decile",
        "Without LSOA codes the rank is the source.",
        """
        | imd_rank | imd_decile | core20? | core20_unknown_reason?
        | 1        | 10         | yes     |
        | 33755    | 1          | no      |
        |          | 1          | unknown | missing
        """,
    ),
    Page(
        "The source that was asked for",
        "A request may name the source; then no table is needed for LSOA codes that are there as well.",
        """
        | lsoa_code | imd_rank | imd_decile | core20? | core20_unknown_reason?
        | E01000001 | 1        | 10         | no      |
        | E01033755 | 33755    | 2          | yes     |
        | E01000001 | 1        |            | unknown | missing
        """,
        asked={"imd_from": "imd_decile"},
    ),
    Page(
        "LSOA codes without a table",
        "They cannot be looked up: the request is refused, and says so.",
        """
        | lsoa_code | imd_decile
        | E01000001 | 1
        """,
        refused="invalid_request",
    ),
    Page(
        "The column of the version asked for",
        "A decile of 2025 goes before one that does not say its version; one of 2019 is not looked at.",
        """
        | imd_decile | imd_decile_2019 | imd_decile_2025 | core20? | core20_unknown_reason?
        | 10         | 10              | 1               | yes     |
        | 1          | 1               | 10              | no      |
        | 1          | 1               |                 | unknown | missing
        """,
    ),
    Page(
        "The column of the other version",
        "Asked about 2019, the same records give other answers.",
        """
        | imd_rank | imd_rank_2019 | imd_rank_2025 | core20?
        | 33755    | 6568          | 33755         | yes
        | 1        | 6569          | 1             | no
        """,
        asked={"imd_version": "2019"},
    ),
    Page(
        "No deprivation column",
        "Only a column of the other version: Core20 is not answered at all, for anybody.",
        """
        | how many | imd_decile_2019
        | 3        | 1
        """,
        asked={
            "cohorts": ["everyone"],
            "indicators": ["everyone", "core20"],
            "disclosure": "none",
        },
        counts="""
        | cohort   | cohort_answer | indicator | yes | no | unknown | suppressed | status
        | everyone | yes           | everyone  | 3   | 0  | 0       | no         | ok
        | everyone | yes           | core20    |     |    |         | no         | column_absent
        """,
    ),
    Page(
        "No deprivation column, person by person",
        "There is no answer, and the reason is that no column gives deprivation; a reason given does not stand in for one.",
        """
        | no_imd_reason  | core20? | core20_unknown_reason?
        |                |         | column_absent
        | no_fixed_abode |         | column_absent
        """,
    ),
)
