"""Wall time that never goes back: what a permission's end is judged by."""

from __future__ import annotations

from gadfly.clock import Clock


class Steady:
    """A wall clock that was set back goes on from where it was, by the boot clock; set ahead it jumps."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wall = clock.wall()
        self._moment = clock.boottime()

    def now(self) -> float:
        """Wall seconds; never less than at the call before, plus what has passed since."""
        moment = self._clock.boottime()
        self._wall = max(self._clock.wall(), self._wall + (moment - self._moment))
        self._moment = moment
        return self._wall
