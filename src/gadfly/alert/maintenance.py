"""Maintenance windows: once, or again and again by cron with a zone."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from cronsim import CronSim

from gadfly.config.alerting import Maintenance


def until(window: Maintenance, wall: float) -> float | None:
    """When the window that is open at `wall` (seconds since the epoch) ends; None where none is open.

    `inf`: it has a start and no end.
    """
    if window.schedule:
        last = _start(window.schedule, wall + 1, reverse=True)
        return last + window.lasts if last is not None and last <= wall < last + window.lasts else None
    starts = window.starts.timestamp() if window.starts else float("-inf")
    ends = window.ends.timestamp() if window.ends else float("inf")
    return ends if starts <= wall < ends else None


def next_edge(window: Maintenance, wall: float) -> float | None:
    """When it opens or closes next after `wall`; None: never again."""
    if window.schedule:
        closes = until(window, wall)
        opens = _start(window.schedule, wall)
        return min((edge for edge in (closes, opens) if edge is not None), default=None)
    edges = [moment.timestamp() for moment in (window.starts, window.ends) if moment is not None]
    return min((edge for edge in edges if edge > wall), default=None)


def words(window: Maintenance) -> str:
    """Why nobody is told, for people."""
    by = f" by {window.owner}" if window.owner else ""
    return f"maintenance{by}: {window.because}"


def _start(schedule: str, wall: float, *, reverse: bool = False) -> float | None:
    """The next (or the last) start after (before) `wall`, in whole seconds."""
    fields = schedule.split()
    zone = ZoneInfo(fields[5]) if len(fields) > 5 else ZoneInfo("UTC")
    moment = dt.datetime.fromtimestamp(int(wall), zone)
    found = next(CronSim(" ".join(fields[:5]), moment, reverse=reverse), None)
    return found.timestamp() if found is not None else None
