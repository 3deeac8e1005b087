"""Rules about dates: windows, registers and age. Dates are int32 days since 1970-01-01, NULL_DATE where there is none."""

import numpy as np

from core20plus5.kernels._jit import kernel


@kernel
def dated_between(dates, after, until, out):
    """`after < date <= until`; no date is no. dates: (n,) int32; after, until: int32; out: (2, n/64) uint64."""
    for word in range(out.shape[1]):
        yes = np.uint64(0)
        for bit in range(64):
            date = dates[word * 64 + bit]
            yes |= np.uint64((date > after) & (date <= until)) << np.uint64(bit)
        out[0, word] = yes
        out[1, word] = yes


@kernel
def on_register(diagnosed, resolved, null, out):
    """Diagnosed, and not resolved since: a tie keeps the diagnosis. diagnosed, resolved: (n,) int32; null: NULL_DATE."""
    for word in range(out.shape[1]):
        yes = np.uint64(0)
        for bit in range(64):
            row = word * 64 + bit
            since = diagnosed[row]
            yes |= np.uint64((since != null) & (since >= resolved[row])) << np.uint64(bit)
        out[0, word] = yes
        out[1, word] = yes


@kernel
def days_as_numbers(dates, null, out):
    """Dates as float64 days, NaN where there is none, for arithmetic and comparison of two dates."""
    for row in range(dates.size):
        out[row] = np.float64(dates[row]) if dates[row] != null else np.nan


@kernel
def age_on(births, reference, ages, null, out):
    """Completed years at the reference date, into `out` where a birth date is known; other rows keep what they hold.

    births: (n,) int32; reference: int32 days; ages: (m,) int16, the age of someone born k days before the reference date,
    its last entry standing for everyone older; out: (n,) float64, NaN where born after the reference date.
    """
    oldest = np.int64(ages.size - 1)
    for row in range(births.size):
        if births[row] != null:
            days = np.int64(reference) - np.int64(births[row])
            out[row] = np.float64(ages[min(days, oldest)]) if days >= 0 else np.nan
