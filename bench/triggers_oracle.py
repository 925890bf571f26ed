"""When a schedule comes, worked out a second way: by the C library's zones, and by tables of wall times.

Nothing of it shares code with what it judges: offsets are asked of `localtime`, fields are read here, and the rules
for changes of the clock are applied to whole arrays.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

STEP = 10_800
"""Seconds between two looks at the offset. No zone changes twice within three hours."""
DAY = 86_400
_LIMITS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


class Span(NamedTuple):
    """From `start` on, until the next one, clocks are ahead of UTC by `offset` seconds."""

    start: int
    offset: int


@contextlib.contextmanager
def _in(zone: str) -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = f":{zone}"
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


def spans(zone: str, begin: int, end: int) -> list[Span]:
    """The offsets of a zone between the two, as the C library has them, with two days on either side."""
    with _in(zone):
        low, stop = begin - 2 * DAY, end + 2 * DAY
        found = [Span(low, time.localtime(low).tm_gmtoff)]
        while low < stop:
            high = low + STEP
            if (offset := time.localtime(high).tm_gmtoff) != found[-1].offset:
                while high - low > 1:
                    middle = (low + high) // 2
                    if time.localtime(middle).tm_gmtoff == found[-1].offset:
                        low = middle
                    else:
                        high = middle
                found.append(Span(high, offset))
            low = high
        return found


def walls(fields: str, begin: int, end: int) -> NDArray[np.int64]:
    """All wall times that match, as if clocks showed UTC, with two days on either side."""
    minutes, hours, days, months, weekdays = (
        _values(text, *limits) for text, limits in zip(fields.split(), _LIMITS, strict=True)
    )
    weekdays = {one % 7 for one in weekdays}
    both = fields.split()[2].startswith("*") or fields.split()[4].startswith("*")
    in_day = np.array([hour * 3600 + minute * 60 for hour in sorted(hours) for minute in sorted(minutes)])
    starts = []
    for number in range(begin // DAY - 2, end // DAY + 3):
        day = dt.date(1970, 1, 1) + dt.timedelta(days=number)
        by_month, by_week = day.day in days, (day.weekday() + 1) % 7 in weekdays
        if day.month in months and ((by_month and by_week) if both else (by_month or by_week)):
            starts.append(number * DAY)
    return (np.array(starts, dtype=np.int64)[:, None] + in_day[None, :]).ravel()


def _values(text: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, dash, last = span.partition("-")
        if span == "*":
            start, stop = low, high
        else:
            start, stop = int(first), int(last if dash else (high if step else first))
        found.update(range(start, stop + 1, int(step or 1)))
    return found


def fixed(fields: str) -> bool:
    """Whether each of its times comes once, whatever the clock does."""
    minute, hour = fields.split()[:2]
    return minute[0] != "*" and hour[0] != "*"


def instants(
    fields: str, table: list[Span], shown: NDArray[np.int64], begin: int, end: int
) -> NDArray[np.int64]:
    """When it comes in (begin, end]: `table` of :func:`spans`, `shown` of :func:`walls`."""
    ends = [one.start for one in table[1:]] + [end + 2 * DAY]
    if not fixed(fields):
        parts = [
            shown[np.searchsorted(shown, start + offset) : np.searchsorted(shown, stop + offset)] - offset
            for (start, offset), stop in zip(table, ends, strict=True)
        ]
        found = np.concatenate(parts)
    else:
        found = np.full(shown.shape, -1, dtype=np.int64)
        for place in range(len(table) - 1, -1, -1):  # the earliest is written last
            (start, offset), stop = table[place], ends[place]
            inside = (shown >= start + offset) & (shown < stop + offset)
            found[inside] = shown[inside] - offset
        for before, after in pairwise(table):
            left_out = (shown >= after.start + before.offset) & (shown < after.start + after.offset)
            found[left_out] = after.start
    found = np.unique(found)
    return found[(found > begin) & (found <= end)]
