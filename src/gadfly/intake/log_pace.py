"""How many lines a sender may push: a bucket for each, that fills at the rate and holds the burst."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from gadfly.store.logs import Line

SENDERS = 10_000
"""Buckets at once; senders beyond share one, until others were quiet for long enough."""

SWEEP = 1.0
"""Seconds between two looks for buckets that are full again: each goes through all of them."""

Sender = tuple[str, str]
"""Source and host."""
OTHERS: Sender = ("", "")


class Pace:
    """The buckets of all senders."""

    def __init__(self, rate: float, burst: float) -> None:
        self.set(rate, burst)
        self._buckets: dict[Sender, tuple[float, float]] = {}
        """What was in it, and when; seconds of a monotonic clock."""
        self._swept = float("-inf")

    def set(self, rate: float, burst: float) -> None:
        """Lines a second, and at once, from now on."""
        self._rate = rate
        self._burst = burst

    def admit(self, lines: Sequence[Line], now: float) -> Sequence[Line]:
        """Those that are within the rate of their sender, in their order."""
        senders = Counter([(line.source, line.host) for line in lines])
        left: dict[Sender, int] = {}
        short = False
        for sender, count in senders.items():
            bucket = sender if sender in self._buckets or self._has_room(now) else OTHERS
            held, at = self._buckets.get(bucket, (self._burst, now))
            held = min(self._burst, held + (now - at) * self._rate)
            allowed = min(count, int(held))
            self._buckets[bucket] = (held - allowed, now)
            left[sender] = allowed
            short = short or allowed < count
        if not short:
            return lines
        admitted = []
        for line in lines:
            sender = (line.source, line.host)
            if left[sender]:
                left[sender] -= 1
                admitted.append(line)
        return admitted

    def pause(self, sender: str, count: int, now: float) -> float:
        """Seconds to wait until so many lines may be handed over; 0: they may be now, and are counted."""
        key = ("", sender)
        bucket = key if key in self._buckets or self._has_room(now) else OTHERS
        held, at = self._buckets.get(bucket, (self._burst, now))
        held = min(self._burst, held + (now - at) * self._rate)
        if held <= 0:
            return min(1.0, -held / self._rate + 0.01)
        # More than is there may be taken once: a piece larger than the burst would else never be.
        self._buckets[bucket] = (held - count, now)
        return 0.0

    def _has_room(self, now: float) -> bool:
        if len(self._buckets) < SENDERS:
            return True
        if now - self._swept < SWEEP:
            return False
        self._swept = now
        full = [
            sender
            for sender, (held, at) in self._buckets.items()
            if held + (now - at) * self._rate >= self._burst
        ]
        for sender in full:
            del self._buckets[sender]
        return len(self._buckets) < SENDERS
