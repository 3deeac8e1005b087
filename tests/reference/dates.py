"""Rules about dates, in the words of the calendar."""

import calendar
from datetime import date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def as_date(value: date) -> date:
    """A timestamp counts as its date in London; one without a zone as it stands."""
    if isinstance(value, datetime):
        return (value.astimezone(LONDON) if value.tzinfo else value).date()
    return value


def age_on(birth: date, day: date) -> int:
    """Completed calendar years. 28 February is before 29 February: a leap-day birthday is on 1 March in other years."""
    had_birthday = (day.month, day.day) >= (birth.month, birth.day)
    return day.year - birth.year - (0 if had_birthday else 1)


def months_before(day: date, months: int) -> date:
    """So many calendar months earlier, or the last day of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if year < 1:
        return date.min
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def is_within_months(day: date | None, months: int, reference: date) -> bool:
    return day is not None and months_before(reference, months) < day <= reference


def month_day(text: str, year: int) -> date:
    return date(year, int(text[:2]), int(text[3:]))


def is_in_season(day: date | None, start: str, end: str, reference: date) -> bool:
    """In the latest season that began on or before the reference date; a season may run into the next year."""
    year = reference.year if month_day(start, reference.year) <= reference else reference.year - 1
    first = month_day(start, year)
    last = month_day(end, year)
    if last < first:
        last = month_day(end, year + 1)
    return day is not None and first <= day <= last and day <= reference


def is_on_register(diagnosed: date | None, resolved: date | None) -> bool:
    """A same-day tie keeps the diagnosis."""
    return diagnosed is not None and (resolved is None or diagnosed >= resolved)


def days_between(start: date | None, end: date | None) -> int | None:
    """Negative where the end comes first."""
    return None if start is None or end is None else (end - start).days
