"""How fast a function may ask: a bucket that fills with time. Pure: `now` is handed in."""

from __future__ import annotations

RATE = 20.0
"""Asks a second of one function, in the long run: what a server of a small team does not feel."""
BURST = 100.0
"""Asks at once after a rest."""


class Pace:
    """One function's, over all of its calls."""

    def __init__(self, rate: float = RATE, burst: float = BURST) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._at = float("-inf")

    def wait(self, now: float) -> float:
        """Take one; the seconds to wait before it is there. They who wait stand in a row."""
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        self._left -= 1.0
        return max(0.0, -self._left / self._rate)
