"""Times by cron in a zone, across changes of the clock. Pure.

cronsim says which wall times match, without any zone; here they are laid onto the line of time, as Debian's
cron does:

- A schedule at *fixed times* (neither its minute nor its hour begins with `*`) comes once for each of its
  times. One that the clock leaves out comes at the moment at which the clock jumps; one that the clock shows
  twice comes the first time. Two that fall on the same moment are one.
- Any other schedule goes by *what the clock shows*: nothing comes in an hour that is left out, and what the
  clock shows twice comes twice.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator

import msgspec
from cronsim import CronSim, CronSimError

_STEP = 43_200
"""Seconds between two looks for a change of the clock. No zone goes there and back within half a day."""
_SECOND = dt.timedelta(seconds=1)
FORM = "write minute, hour, day, month, weekday and a zone: 0 2 * * * Europe/Berlin"


class Cron(msgspec.Struct, frozen=True):
    """Five fields, and the name of a zone."""

    fields: str
    zone: str = "UTC"

    @property
    def fixed(self) -> bool:
        """Whether it is at fixed times."""
        minute, hour = self.fields.split()[:2]
        return not minute.startswith("*") and not hour.startswith("*")


def parse(text: str) -> Cron:
    """ValueError, with a message for whoever wrote it, where it is no schedule, or never comes."""
    words = text.split()
    if len(words) not in (5, 6):
        raise ValueError(f'"{text[:80]}" is not a schedule; {FORM}')
    found = Cron(" ".join(words[:5]), words[5] if len(words) == 6 else "UTC")
    try:
        zoneinfo.ZoneInfo(found.zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'"{found.zone[:40]}" is not a time zone; write one like Europe/Berlin') from None
    try:
        next(CronSim(found.fields, dt.datetime(2026, 1, 1)))  # noqa: DTZ001 - wall times, of no zone
    except CronSimError as error:
        raise ValueError(f'"{text[:80]}" is not a schedule ({error}); {FORM}') from None
    except StopIteration:
        raise ValueError(f'"{text[:80]}" never comes; {FORM}') from None
    return found


def walk(cron: Cron, after: float) -> Iterator[int]:
    """The instants after `after`, in their order, in seconds since the epoch. It ends where none comes for
    fifty years."""
    zone = _Zone(cron.zone)
    return _fixed(cron, zone, int(after // 1)) if cron.fixed else _shown(cron, zone, int(after // 1))


def following(cron: Cron, after: float) -> int | None:
    """The first instant after `after`; None: it never comes again."""
    return next(walk(cron, after), None)


class _Zone:
    """Offsets from UTC in seconds, by instant, and when they change."""

    def __init__(self, name: str) -> None:
        self._zone = zoneinfo.ZoneInfo(name)

    def offset(self, at: int) -> int:
        offset = dt.datetime.fromtimestamp(at, self._zone).utcoffset()
        return int(offset.total_seconds()) if offset is not None else 0

    def change(self, since: int, until: int) -> int | None:
        """The first instant in (since, until] with another offset than `since` has."""
        old = self.offset(since)
        low = since
        while low < until:
            high = min(low + _STEP, until)
            if self.offset(high) != old:
                while high - low > 1:
                    middle = (low + high) // 2
                    low, high = (middle, high) if self.offset(middle) == old else (low, middle)
                return high
            low = high
        return None

    def first(self, wall: dt.datetime) -> int:
        """The instant at which the clock first shows this, or at which it leaves it out."""
        at = int(wall.replace(tzinfo=self._zone, fold=0).timestamp())
        if _shows(at + self.offset(at)) == wall:
            return at
        # In a gap: read with the offset before it, the time lies behind the jump; with the one after, before.
        before = int(wall.replace(tzinfo=self._zone, fold=1).timestamp())
        return self.change(before, at) or at


def _shows(seconds: int) -> dt.datetime:
    """Seconds on a clock, as that clock shows them."""
    return dt.datetime(1970, 1, 1) + dt.timedelta(seconds=seconds)  # noqa: DTZ001 - wall times, of no zone


def _on_clock(wall: dt.datetime) -> int:
    return int((wall - dt.datetime(1970, 1, 1)).total_seconds())  # noqa: DTZ001 - wall times, of no zone


def _fixed(cron: Cron, zone: _Zone, after: int) -> Iterator[int]:
    last = after
    for wall in CronSim(cron.fields, _shows(after + zone.offset(after))):
        at = zone.first(wall)
        if at > last:
            yield at
            last = at


def _shown(cron: Cron, zone: _Zone, after: int) -> Iterator[int]:
    """From one change of the clock to the next, with one offset each."""
    begins = after + 1
    while True:
        offset = zone.offset(begins)
        looked, change = begins, None
        for wall in CronSim(cron.fields, _shows(begins + offset) - _SECOND):
            at = _on_clock(wall) - offset
            if at > looked and change is None:
                change = zone.change(looked, at + _STEP)
                looked = at + _STEP
            if change is not None and at >= change:
                break
            yield at
        else:
            return
        begins = change
