"""Cohorts: everyone, Core20, the PLUS groups, and what is made of them."""

from tests.spec.page import Page

TITLE = "Cohorts"
ABOUT = (
    "What counts are broken down by. Which groups are PLUS is the choice of each integrated care system; "
    "groups overlap, and nothing recorded is unknown."
)

PAGES = (
    Page(
        "Everyone",
        "Everyone who is not left out, whatever else is known about them.",
        """
        | age_years | death_date | everyone? | excluded?
        | 0         |            | yes       |
        | 50        |            | yes       |
        |           |            | yes       |
        | 50        | 2020-01-01 |           | died
        """,
    ),
    Page(
        "Core20",
        "Lives in the most deprived 20 % of England. Age does not matter.",
        """
        | age_years | imd_decile | core20?
        | 5         | 2          | yes
        | 50        | 2          | yes
        | 50        | 3          | no
        |           |            | unknown
        """,
    ),
    Page(
        "Ethnic minority, and ethnic minority without White minorities",
        "Irish and other White people are an ethnic minority; the second cohort leaves them out.",
        """
        | ethnic_category | ethnic_minority? | ethnic_minority_excluding_white?
        | A               | no               | no
        | C               | yes              | no
        | D               | yes              | yes
        | 99              | unknown          | unknown
        """,
    ),
    Page(
        "Learning disability, autism, homelessness",
        "As recorded: yes, no, or nothing. Age does not matter.",
        """
        | age_years | learning_disability | autism | homeless | learning_disability? | autism? | homeless?
        | 9         | yes                 | no     |          | yes                  | no      | unknown
        | 30        |                     | yes    | no       | unknown              | yes     | no
        | 60        | no                  |        | yes      | no                   | unknown | yes
        """,
    ),
    Page(
        "Drug and alcohol dependence, vulnerable migrants, Gypsy, Roma and Traveller communities",
        "As recorded: yes, no, or nothing.",
        """
        | drug_alcohol_dependence | vulnerable_migrant | gypsy_roma_traveller | drug_alcohol_dependence? | vulnerable_migrant? | gypsy_roma_traveller?
        | yes                     | no                 |                      | yes                      | no                  | unknown
        |                         | yes                | no                   | unknown                  | yes                 | no
        | no                      |                    | yes                  | no                       | unknown             | yes
        """,  # noqa: E501  (a drawn table is not folded)
    ),
    Page(
        "Sex workers, contact with the justice system, modern slavery, coastal communities",
        "As recorded: yes, no, or nothing.",
        """
        | sex_worker | justice_contact | modern_slavery | coastal | sex_worker? | justice_contact? | modern_slavery? | coastal?
        | yes        | no              |                | yes     | yes         | no               | unknown         | yes
        |            | yes             | no             |         | unknown     | yes              | no              | unknown
        | no         |                 | yes            | no      | no          | unknown          | yes             | no
        """,
    ),
    Page(
        "Multimorbidity",
        "Two or more long-term conditions, by the caller's own list.",
        """
        | ltc_count | multimorbidity? | why
        | 0         | no              |
        | 1         | no              |
        | 2         | yes             | two is enough
        | 37        | yes             |
        |           | unknown         | not recorded
        """,
    ),
    Page(
        "A local PLUS group",
        "Every column whose name begins with `plus_` is a group of its own, and the indicator has the column's name.",
        """
        | plus_boaters | plus_boaters? | plus_any? | why
        | yes          | yes           | yes       |
        | no           | no            | no        |
        |              | unknown       | unknown   | nothing recorded
        """,
        asked={"plus_groups": ["plus_boaters"]},
    ),
    Page(
        "A local PLUS group where null means no",
        "The request may say so for local groups too.",
        """
        | plus_boaters | plus_fishers | plus_boaters? | plus_fishers? | plus_any?
        | yes          |              | yes           | unknown       | yes
        |              | no           | no            | no            | no
        |              |              | no            | unknown       | unknown
        """,
        asked={"plus_groups": ["plus_boaters", "plus_fishers"], "null_means_no": ["plus_boaters"]},
    ),
    Page(
        "Any PLUS group",
        "At least one of the groups that the request chose; other groups do not count.",
        """
        | homeless | autism | coastal | plus_any? | why
        | yes      | no     | no      | yes       |
        | no       | no     | yes     | no        | coastal was not chosen
        | no       |        | yes     | unknown   | autism not recorded
        """,
        asked={"plus_groups": ["homeless", "autism"]},
    ),
    Page(
        "All PLUS groups",
        "`all` means every PLUS group whose column is there: here ethnic minority, multimorbidity and a local group, "
        "but not ethnic minority without White minorities, which is no PLUS group.",
        """
        | ethnic_category | ltc_count | plus_boaters | plus_any? | why
        | A               | 1         | no           | no        |
        | B               | 1         | no           | yes       | White Irish is a minority
        | A               | 2         | no           | yes       |
        | A               | 1         | yes          | yes       |
        | Z               | 1         | no           | unknown   | not stated
        """,
        asked={"plus_groups": "all"},
    ),
    Page(
        "Core20PLUS",
        "Core20, or any PLUS group: one yes is enough, and two noes are needed for a no.",
        """
        | imd_decile | homeless | core20? | plus_any? | core20plus? | why
        | 1          | yes      | yes     | yes       | yes         |
        | 1          | no       | yes     | no        | yes         |
        | 1          |          | yes     | unknown   | yes         | Core20 is enough
        | 5          | yes      | no      | yes       | yes         |
        | 5          | no       | no      | no        | no          |
        | 5          |          | no      | unknown   | unknown     |
        |            | yes      | unknown | yes       | yes         | homeless people often have no decile
        |            | no       | unknown | no        | unknown     | not deprived is not known
        |            |          | unknown | unknown   | unknown     |
        """,
        asked={"plus_groups": ["homeless"]},
    ),
)
