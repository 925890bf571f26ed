"""When the next beat is due."""

from __future__ import annotations

import math


def next_beat(start: float, every: float, now: float) -> float:
    """The first of `start + n × every` after now: no drift, and beats missed in a pause stay missed."""
    if now < start:
        return start
    due = start + (math.floor((now - start) / every) + 1) * every
    return due if due > now else due + every


class Allowance:
    """At most `rate` events a second, and as many at once: a token bucket."""

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._left = rate
        self._at = now

    def take(self, now: float) -> bool:
        """Whether one more may be; it is then counted."""
        self._left = min(self._rate, self._left + max(0.0, now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
