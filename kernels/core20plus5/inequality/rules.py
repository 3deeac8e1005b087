"""What the measures of inequality depend on besides the counts: named, with a reason and a source."""

from collections.abc import Mapping
from dataclasses import dataclass

#: The quantile of the normal distribution that belongs to 95 %.
Z95 = 1.959963984540054

#: European Standard Population 2013 by five-year band (Eurostat, Revision of the European Standard Population, 2013), in people
#: of 100,000: https://ec.europa.eu/eurostat/documents/3859598/5926869/KS-RA-13-028-EN.PDF
ESP2013: Mapping[str, int] = dict(
    zip(
        (*(f"{age}-{age + 4}" for age in range(0, 90, 5)), "90+"),
        (5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000, 7000, 6500, 6000, 5500, 5000, 4000, 2500, 1500, 1000),
        strict=True,
    )
)


@dataclass(frozen=True)
class Rules:
    """When a share is too uncertain to be compared or judged.

    min_base: people with a known answer that a comparison needs on either side, and a verdict needs at all. NCHS, Data
    Presentation Standards for Proportions (Vital and Health Statistics 2:175, 2017), does not present a proportion of fewer
    than 30 people; counts rounded to the nearest 5 move a share of 30 by as much as 8 points.

    max_unknown_share: the largest share of people whose group is not known that a comparison bears. The project's own choice:
    with more people unplaced than placed, whoever recorded the group decides the gap, not the care.

    min_events: people with the answer yes that an age-standardised rate needs. Public Health England, Technical Guide:
    Confidence intervals (2018): no directly standardised rate from fewer than 10 events.

    min_standard_share: how much of the standard population an age-standardised rate must cover, where the counts of some age
    bands are hidden (of the young, as a rule). The project's own choice: with less than half, it would tell of other people than
    were asked.
    """

    min_base: int = 30
    max_unknown_share: float = 0.5
    min_events: int = 10

    min_standard_share: float = 0.5


RULES = Rules()
