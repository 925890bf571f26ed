"""Whether a large failure may be on its way, so that a first letter waits for the rest of it. Pure."""

from __future__ import annotations

from collections import deque

BREWING = 10
"""So many components under suspicion are the sign of a large failure. Chance makes one or two."""
SIGNS, AT_ONCE = 4, 0.25
"""So many incidents that seem to have nothing to do with each other, opened within so many seconds, are the
same sign: where all are refused at once, nobody is under suspicion for long."""


class Brewing:
    """What began of late. Times are on the engine's steady clock."""

    def __init__(self) -> None:
        self._began: deque[float] = deque(maxlen=SIGNS)

    def began(self, now: float, incidents: int) -> None:
        """So many incidents opened."""
        self._began.extend([now] * min(incidents, SIGNS))

    def forget(self) -> None:
        """Nothing began."""
        self._began.clear()

    def share(self, now: float, suspected: int, total: int) -> float:
        """The share of the components that may be lost; 0: there is no sign of a large failure."""
        many = len(self._began) == SIGNS and now - self._began[0] <= AT_ONCE
        return max(suspected, 1) / max(total, 1) if suspected >= BREWING or many else 0.0
