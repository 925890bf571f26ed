"""The days of the simulation: day 0 is a Monday, 180 days, times in seconds since the epoch."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

MINUTE, HOUR, DAY, WEEK = 60.0, 3600.0, 86_400.0, 604_800.0
START = 1_767_571_200.0
"""2026-01-05 00:00 UTC."""
DAYS = 180
END = START + DAYS * DAY
WATCHED = 138
"""From this day on questions are asked. Before it everything is only recorded, as in a house that takes such a
system into use: the longest windows of the catalogue need what went before."""


def at(day: float, hour: float = 0.0) -> float:
    """Seconds since the epoch of an hour of a day; days before the first are negative."""
    return START + day * DAY + hour * HOUR


def day_number(day: int) -> int:
    """Days since 1970-01-01 of a day of the simulation."""
    return int(START // DAY) + day


def local_hour(t: float, zone: str) -> float:
    """Hour of the day, 0 … 24, where the zone's clocks hang."""
    moment = dt.datetime.fromtimestamp(t, ZoneInfo(zone))
    return moment.hour + moment.minute / 60 + moment.second / 3600
