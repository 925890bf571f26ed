"""Whether the wall clock may be believed: by it what is old is forgotten, and withdrawn what is not seen."""

from __future__ import annotations

import datetime as dt
import logging

from gadfly.clock import Clock

log = logging.getLogger("gadfly.ask")

BACK = 3600.0
"""Seconds by which it may lie before the last look: clocks are set right."""
AHEAD = 90 * 86_400.0
"""Seconds by which it may be ahead of what has passed since then: so long a node may be switched off."""
STAYS = 86_400.0
"""Seconds for which it must stay so until it is believed: it may also be the last look that was wrong."""


class WallClock:
    """One for a node."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._looked: float | None = None
        self._since: float | None = None

    def looked(self) -> None:
        """The data is looked at just now."""
        self._looked, self._since = self._clock.boottime(), None

    def doubt(self, last: float | None) -> str:
        """Why it is not believed, with the last look at the data at `last`; empty: it is."""
        now, steady = self._clock.wall(), self._clock.boottime()
        passed = steady - self._looked if self._looked is not None else 0.0
        if last is None or last - BACK <= now <= last + passed + AHEAD:
            self._since = None
            return ""
        words = (
            f"the clock says {_day(now)}, and the data was looked at last on {_day(last)}. Until the clock "
            "is right, or has said so for a day, nothing is asked, withdrawn or forgotten."
        )
        if self._since is None:
            self._since = steady
            log.error("%s", words)
        return words if steady - self._since < STAYS else ""


def _day(at: float) -> str:
    try:
        return f"{dt.datetime.fromtimestamp(at, dt.UTC):%Y-%m-%d}"
    except (ValueError, OverflowError, OSError):
        return f"{at:g} s since 1970"
