"""Working hours as people write them: ``Mon-Fri 08:00-18:00 Europe/Berlin``.

Several spans are separated by commas: ``Mon-Fri 08:00-18:00, Sat 10:00-14:00 Europe/Berlin``. A span that
ends at or before its start goes on past midnight. Without a zone UTC is meant.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
FORM = "Mon-Fri 08:00-18:00 Europe/Berlin"

_SPAN = re.compile(r"(\w{3})(?:-(\w{3}))? (\d\d):(\d\d)-(\d\d):(\d\d)", re.ASCII)
_DAY = 24 * 60


class Span(NamedTuple):
    """Minutes since midnight on some weekdays (0 is Monday); `end` may be beyond 1440."""

    days: frozenset[int]
    start: int
    end: int


class Hours(NamedTuple):
    """When somebody works."""

    spans: tuple[Span, ...]
    zone: ZoneInfo

    def covers(self, wall: float) -> bool:
        """Whether the moment `wall` (seconds since the epoch) is within working hours, by the local clock."""
        local = dt.datetime.fromtimestamp(wall, self.zone)
        today, minute = local.weekday(), local.hour * 60 + local.minute
        return any(
            (today in span.days and span.start <= minute < span.end)
            or ((today - 1) % 7 in span.days and minute < span.end - _DAY)
            for span in self.spans
        )

    def next_start(self, wall: float) -> float:
        """`wall` itself within the hours, else the moment (seconds since the epoch) when they begin next."""
        if self.covers(wall):
            return wall
        local = dt.datetime.fromtimestamp(wall, self.zone)
        starts = []
        for ahead in range(8):
            day = local.date() + dt.timedelta(days=ahead)
            for span in self.spans:
                if day.weekday() in span.days:
                    clock = dt.time(span.start // 60, span.start % 60)
                    start = dt.datetime.combine(day, clock, self.zone).timestamp()
                    starts += [start] if start > wall else []
        return min(starts)


@functools.lru_cache(maxsize=1024)
def parse(text: str) -> Hours:
    """The hours in `text`. ValueError, with a message for whoever wrote it, where it is not hours."""
    body, zone = text.strip(), ZoneInfo("UTC")
    head, _, last = body.rpartition(" ")
    if head and not last[0].isdigit():
        body = head
        try:
            zone = ZoneInfo(last)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f'"{last[:40]}" is not a time zone; write one like Europe/Berlin') from None
    return Hours(tuple(_span(part.strip()) for part in body.split(",")), zone)


def _span(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(f'"{text[:80]}" are not working hours; write {FORM}')
    first, last, *clock = found.groups()
    for day in (first, last or first):
        if day not in DAYS:
            raise ValueError(f'"{day}" is not a weekday; write one of {", ".join(DAYS)}')
    start, end = (int(hour) * 60 + int(minute) for hour, minute in (clock[:2], clock[2:]))
    if start >= _DAY or end > _DAY or int(clock[1]) > 59 or int(clock[3]) > 59:
        raise ValueError(f'"{text[:80]}": a time is between 00:00 and 24:00')
    a, b = DAYS.index(first), DAYS.index(last or first)
    days = frozenset((a + step) % 7 for step in range((b - a) % 7 + 1))
    return Span(days, start, end if end > start else end + _DAY)
