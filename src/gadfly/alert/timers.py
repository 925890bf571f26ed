"""When time alone brings something about: an alert settles or expires, a desk is to be told. Pure."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

FOREVER = float("inf")


class Timers:
    """Moments are on the engine's steady clock. A timer is never taken back: whoever it wakes looks again."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, str]] = []
        self._expiring: dict[str, float] = {}

    def clear(self) -> None:
        """None is set."""
        self._waiting.clear()
        self._expiring.clear()

    def of_alert(self, due: float, component: str) -> None:
        """Look at the component's alert then."""
        heapq.heappush(self._waiting, (due, 0, component))

    def of_desk(self, due: float, incident: int, target: str) -> None:
        """Look at what this target is told of the incident then."""
        heapq.heappush(self._waiting, (due, incident, target))

    def expiry(self, due: float, component: str) -> None:
        """The component's alert ends then if it is not reported again."""
        # One timer for each alert: those that are said again every minute are not to fill the memory.
        if due < self._expiring.get(component, FOREVER):
            self._expiring[component] = due
            self.of_alert(due, component)

    def past(self, now: float) -> Iterator[tuple[int, str]]:
        """Incident and target of each desk that is due; 0 and the component for an alert. Each once."""
        while self._waiting and self._waiting[0][0] <= now:
            _, incident, name = heapq.heappop(self._waiting)
            if not incident and self._expiring.get(name, FOREVER) <= now:
                del self._expiring[name]
            yield incident, name

    def next(self) -> float | None:
        """The first that is set; None: none is."""
        return self._waiting[0][0] if self._waiting else None
