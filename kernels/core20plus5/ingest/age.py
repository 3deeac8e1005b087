"""Completed years of age at the reference date, by days since birth."""

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core20plus5.ingest.block import Block
from core20plus5.ingest.columns import Recorded
from core20plus5.kernels.dates import ages_on

if TYPE_CHECKING:
    from core20plus5.ingest.read import Reading

AgeTable = npt.NDArray[np.int16]

_MOST_YEARS = np.float64(2**15 - 1)  # ages are int16
_OLDEST = 130  # years; everyone older has the last entry of the table


@lru_cache(maxsize=64)
def age_table(reference_date: date) -> AgeTable:
    """int16: the age of someone born k days before the reference date, k from 0 to 130 years.

    A person born on 29 February turns a year older on 1 March where the year has no 29 February.
    """
    birthdays = [(reference_date - _years_before(reference_date, years)).days for years in range(1, _OLDEST + 1)]
    days = np.arange(birthdays[-1] + 1)
    return np.searchsorted(np.array(birthdays), days, side="right").astype(np.int16)


def _years_before(day: date, years: int) -> date:
    """The latest birth date of someone who is so many years old on that day."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February in a year that has none: born on the 28th counts, on 1 March does not
        return day.replace(year=day.year - years, day=28)


def read_age(block: Block, reading: "Reading") -> None:
    """Age in completed years, int16, from the birth date, else from the number of years."""
    years, births = block.recorded("numbers", "age_years"), block.recorded("dates", "birth_date")
    if years is None or not years.known.any():
        ages, known = np.zeros(block.words * 64, np.int16), np.zeros(block.words, np.uint64)
    else:
        ages = np.nan_to_num(np.clip(years.values, -_MOST_YEARS, _MOST_YEARS)).astype(np.int16)  # whatever stands under nulls
        known = years.known.copy()
    if births is not None:
        ages_on(*births, np.int32(reading.reference_day), reading.ages, ages, known)
    block.put("numbers", "age", Recorded.of(ages, known))
