"""How well the program is, decided from facts and *now*; monotonic seconds are passed in."""

from __future__ import annotations

SEVERITY = ("pass", "starting", "stopping", "warn", "fail", "stalled")
"""From well to worst: the worst that anything says is what is told."""
NEVER = float("inf")


class Vitals:
    """What the program says of itself, whether its work advances, and what its own check found.

    `progress` is how many seconds may pass between two calls of :meth:`advance` (None: none are expected),
    `loop` the same for the turns of an event loop, counted only once :meth:`turn` was called.
    """

    def __init__(self, now: float, progress: float | None = None, loop: float = 5.0) -> None:
        self.said: tuple[str, str] = ("pass", "")
        """Status and reason in the program's own words; replaced as a whole, because threads read it."""
        self._progress = progress
        self._advanced = now
        self._loop = loop
        self._turned: float | None = None
        self._checked: tuple[str, str] = ("pass", "")
        self._check_until = NEVER

    def advance(self, now: float) -> None:
        """The program's own work made a step."""
        self._advanced = now

    def turn(self, now: float) -> None:
        """The event loop turned."""
        self._turned = now

    def no_loop(self) -> None:
        """There is no event loop to watch any more."""
        self._turned = None

    def check_started(self, now: float, limit: float) -> None:
        """The program's own health check was called; it has `limit` seconds."""
        self._check_until = now + limit

    def check_ended(self, status: str, reason: str) -> None:
        """What the health check found."""
        self._checked = (status, reason)
        self._check_until = NEVER

    def state(self, now: float) -> tuple[str, str]:
        """The status word to tell, and the reason for it."""
        said = [self.said, self._checked]
        if self._progress is not None and now - self._advanced >= self._progress:
            said.append(("stalled", f"no progress within {self._progress:g} s"))
        if self._turned is not None and now - self._turned >= self._loop:
            said.append(("stalled", f"the event loop did not turn within {self._loop:g} s"))
        if now >= self._check_until:
            said.append(("fail", "the health check does not return"))
        return max(said, key=lambda one: SEVERITY.index(one[0]))

    def due(self, now: float) -> float:
        """When, after now, the state may next change by the passing of time alone."""
        moments = [self._check_until]
        if self._progress is not None:
            moments.append(self._advanced + self._progress)
        if self._turned is not None:
            moments.append(self._turned + self._loop)
        return min((moment for moment in moments if moment > now), default=NEVER)
