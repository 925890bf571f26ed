"""Parts of a date, in UTC, of seconds since the epoch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gadfly.promql.values import Floats

Seconds = NDArray[np.int64]
Dates = NDArray[np.datetime64]

# Beyond what 64 bits count from the year -292,277,022,399 (and for NaN) there is no date: the answer is NaN.
_FURTHEST = 9.223372028e18


def _days(seconds: Seconds) -> Dates:
    return seconds.astype("datetime64[s]").astype("datetime64[D]")


def _month_of(seconds: Seconds) -> Dates:
    return seconds.astype("datetime64[s]").astype("datetime64[M]")


def _days_in_month(seconds: Seconds) -> Seconds:
    month = _month_of(seconds)
    length: Seconds = ((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")).astype(np.int64)
    return length


def _since(seconds: Seconds, unit: str) -> Seconds:
    """Days since the first of the month or year."""
    first = seconds.astype("datetime64[s]").astype(f"datetime64[{unit}]").astype("datetime64[D]")
    days: Seconds = (_days(seconds) - first).astype(np.int64)
    return days


_PARTS: dict[str, Callable[[Seconds], Seconds]] = {
    "minute": lambda at: at // 60 % 60,
    "hour": lambda at: at // 3600 % 24,
    "day_of_week": lambda at: (at // 86_400 + 4) % 7,
    "day_of_month": lambda at: _since(at, "M") + 1,
    "day_of_year": lambda at: _since(at, "Y") + 1,
    "days_in_month": _days_in_month,
    "month": lambda at: _month_of(at).astype(np.int64) % 12 + 1,
    "year": lambda at: at.astype("datetime64[s]").astype("datetime64[Y]").astype(np.int64) + 1970,
}


def part(name: str, seconds: Floats) -> Floats:
    """The part of each date; fractions of a second do not count. NaN where there is no such date."""
    possible = np.abs(seconds) < _FURTHEST
    whole = np.trunc(np.where(possible, seconds, 0)).astype(np.int64)
    return np.where(possible, _PARTS[name](whole).astype(np.float64), np.nan)
