"""Whether the wall clock goes steadily, or has just jumped ahead.

A clock that ran a year ahead for one decision must not leave a time behind that no true clock reaches. What
goes on from there for a while, second for second with the monotonic clock, is believed.
"""

from __future__ import annotations

from gadfly.clock import Clock

AHEAD = 60.0
"""Seconds by which the wall clock may get ahead of the monotonic one between two looks: a clock is set by
seconds in the ordinary course."""
BELIEVED = 600.0
"""Seconds after which a jump is no mistake of the moment: whoever sets clocks has looked by then."""


class Jumps:
    """One for a process. It begins as if the clock had just jumped: at a start it may be wrong, too."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._moment = clock.monotonic()
        self._between = clock.wall() - self._moment

    def steady(self) -> bool:
        """Whether the wall clock has gone on as the monotonic one for :data:`BELIEVED` seconds."""
        moment = self._clock.monotonic()
        between = self._clock.wall() - moment
        if between - self._between > AHEAD:
            self._moment = moment
        self._between = between
        return moment - self._moment >= BELIEVED
