"""Calendar arithmetic on the reference date; done once per request, so plain Python says it best."""

from calendar import monthrange
from datetime import date

from core20plus5.rulesets import month_day

_EPOCH = date(1970, 1, 1).toordinal()


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH


def months_before(day: date, months: int) -> int:
    """Day number of the same day so many calendar months earlier, or of that month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if year < 1:
        return day_number(date.min)
    return day_number(date(year, month + 1, min(day.day, monthrange(year, month + 1)[1])))


def season(day: date, start: str, end: str) -> tuple[int, int]:
    """First and last day number of the latest season that began on or before a day; start, end: as "09-01"."""
    first = date(day.year, *month_day(start))
    if first > day:
        first = date(day.year - 1, *month_day(start))
    last = date(first.year, *month_day(end))
    if last < first:
        last = date(first.year + 1, *month_day(end))
    return day_number(first), day_number(last)


def season_is_open(day: date, start: str, end: str) -> bool:
    """Whether the latest season is not over yet, so that more people may still be vaccinated."""
    return season(day, start, end)[1] > day_number(day)
