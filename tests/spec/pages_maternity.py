"""Maternity: who is pregnant and booked, and continuity of carer."""

from tests.spec.page import Page

TITLE = "Maternity"
ABOUT = "The latest pregnancy of each person. There is no age floor: mothers under 18 count."

# Booked at 10 weeks; 203 days of gestation on 14 March 2026, 220 on 31 March.
BOOKED = {"preg_booking_date": "2025-11-01", "preg_gestation_at_booking_days": "70"}

PAGES = (
    Page(
        "Pregnant and booked",
        "Booked on or before the reference date, not ended, and not past 294 days (42 weeks) of gestation.",
        """
        | preg_booking_date | preg_gestation_at_booking_days | maternity? | why
        | 2026-03-31        | 70                             | yes        | booked today
        |                   |                                | no         | no pregnancy recorded
        |                   | 70                             | no         | not booked
        | 2025-08-19        | 70                             | yes        | 294 days today
        | 2025-08-18        | 70                             | no         | 295 days today
        | 2026-03-31        | 294                            | yes        | 294 days today
        | 2026-03-30        | 294                            | no         | 295 days today
        | 2026-03-31        | 1                              | yes        | the earliest gestation accepted
        """,
    ),
    Page(
        "Gestation not known",
        "Without a gestation at booking nobody can say, but for a booking more than 294 days ago: that pregnancy is over.",
        """
        | preg_booking_date | preg_gestation_at_booking_days | maternity? | why
        | 2026-03-31        |                                | unknown    | booked today
        | 2025-06-10        |                                | unknown    | 294 days since booking
        | 2025-06-09        |                                | no         | 295 days since booking
        | 2026-03-31        | 0                              | unknown    | invalid: read as not known
        | 2026-03-31        | 295                            | unknown    | invalid
        | 2026-03-31        | -1                             | unknown    | invalid
        | 2025-06-09        | 295                            | no         | invalid, and 295 days since booking
        """,
        quality="""
        | column                         | reason  | rows
        | preg_gestation_at_booking_days | invalid | 4
        """,
    ),
    Page(
        "The end of a pregnancy",
        "A delivery, loss or discharge on or after the booking ends it. An earlier one belongs to another pregnancy.",
        """
        | preg_end_date | maternity? | why
        |               | yes        |
        | 2025-10-31    | yes        | the day before booking: another pregnancy's
        | 2025-11-01    | no         | on the day of booking
        | 2026-03-31    | no         | ended today
        """,
        everyone=BOOKED,
    ),
    Page(
        "The end of a pregnancy of unknown gestation",
        "An end is an end.",
        """
        | preg_end_date | maternity? | why
        |               | unknown    |
        | 2025-10-31    | unknown    | another pregnancy's
        | 2026-02-01    | no         | ended
        """,
        everyone={"preg_booking_date": "2025-11-01", "preg_gestation_at_booking_days": ""},
    ),
    Page(
        "A booking or an end still to come",
        "Dates after the reference date are read as null, and so is the gestation at that booking.",
        """
        | preg_booking_date | preg_end_date | maternity? | why
        | 2026-04-01        |               | no         | not yet booked
        | 2025-11-01        | 2026-04-01    | yes        | not yet ended
        """,
        everyone={"preg_gestation_at_booking_days": "70"},
        asked={"allow_later_facts": True},
    ),
    Page(
        "No age floor",
        "Mothers under 18, and of unknown age, count.",
        """
        | age_years | maternity?
        | 15        | yes
        | 35        | yes
        |           | yes
        """,
        everyone=BOOKED,
    ),
    Page(
        "Continuity of carer: who is asked about",
        "Pregnancies that have reached 29 weeks, 203 days of gestation, at the reference date.",
        """
        | preg_booking_date | preg_gestation_at_booking_days | preg_end_date | maternity_continuity? | why
        | 2025-11-18        | 70                             |               | yes                   | 203 days today
        | 2025-11-19        | 70                             |               | not applicable        | 202 days today
        | 2025-08-19        | 70                             |               | yes                   | 294 days today
        | 2025-08-18        | 70                             |               | not applicable        | 295 days: over
        | 2025-11-18        | 70                             | 2026-02-01    | not applicable        | ended
        | 2025-11-18        |                                |               | not applicable        | pregnancy unknown
        |                   |                                |               | not applicable        | not pregnant
        """,
        everyone={
            "coc_plan_date": "2025-12-01",
            "coc_pathway": "yes",
            "coc_named_midwife": "yes",
            "coc_named_team": "yes",
        },
    ),
    Page(
        "Continuity of carer: the plan in time",
        "The plan must be dated from day 0 to day 203 of the pregnancy. Day 0 was 23 August 2025 here, day 203 is 14 March 2026.",
        """
        | coc_plan_date | maternity_continuity? | why
        |               | no                    | no plan
        | 2025-08-22    | no                    | the day before day 0
        | 2025-08-23    | yes                   | day 0
        | 2026-03-14    | yes                   | day 203
        | 2026-03-15    | no                    | day 204: too late
        """,
        everyone={**BOOKED, "coc_pathway": "yes", "coc_named_midwife": "yes", "coc_named_team": "yes"},
    ),
    Page(
        "Continuity of carer: what the plan must say",
        "On a pathway, with a named midwife and a named team. A pathway not recorded is unknown; "
        "a midwife or team not recorded is no. A plan that is not in time is no, whatever it says.",
        """
        | coc_plan_date | coc_pathway | coc_named_midwife | coc_named_team | maternity_continuity? | why
        | 2025-12-01    | yes         | yes               | yes            | yes                   |
        | 2025-12-01    | no          | yes               | yes            | no                    |
        | 2025-12-01    | yes         | no                | yes            | no                    |
        | 2025-12-01    | yes         | yes               | no             | no                    |
        | 2025-12-01    | yes         |                   | yes            | no                    | no named midwife
        | 2025-12-01    | yes         | yes               |                | no                    | no named team
        | 2025-12-01    |             | yes               | yes            | unknown               | pathway not recorded
        | 2025-12-01    |             |                   |                | unknown               | pathway not recorded
        |               |             | yes               | yes            | no                    | no plan
        | 2026-03-15    |             | yes               | yes            | no                    | too late
        |               | yes         | yes               | yes            | no                    | no plan
        """,
        everyone=BOOKED,
    ),
    Page(
        "A plan still to come",
        "A plan dated after the reference date is no plan.",
        """
        | coc_plan_date | maternity_continuity? | why
        | 2026-03-14    | yes                   | today is day 203
        | 2026-03-15    | no                    | after the reference date
        """,
        on="2026-03-14",
        everyone={**BOOKED, "coc_pathway": "yes", "coc_named_midwife": "yes", "coc_named_team": "yes"},
        asked={"allow_later_facts": True},
    ),
)
