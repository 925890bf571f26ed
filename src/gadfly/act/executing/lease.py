"""The lease under which executors act: authority that lapses unless it is renewed. Pure.

An executor asks, the node answers with a :class:`Renewal`: how long it may act from the moment at which it
*asked*, and every stop. The answer comes at once when there is news, else after :data:`HOLD` seconds; then
the executor asks again. Authority is counted from the asking, by the executor's own clock, so that an answer
that lay in a buffer while the executor slept gives it nothing. An executor that hears no answer, or whose
connection ends, has no authority; one that comes back has none until it was answered.

The two messages travel over the node's local socket, one JSON line each. Nothing in them depends on that: one
question and one late answer is also what HTTP can carry, for executors on other machines.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from gadfly.act.halt.stop import Act, Stop, refusal

LASTS = 30.0
"""Seconds that authority lasts at most: as long as a capability, so that both are void together."""
HOLD = 10.0
"""Seconds for which an executor waits for news at most. A third of the lease: two answers may be lost."""
MEMORY = 60.0
"""Seconds for which a stop that was lifted is still told: twice the life of a capability, so that none from
before the stop can be used after it."""
LONGEST_NAME = 200


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """From the executor: who it is, which version runs, and what it knows already."""

    executor: str
    version: str = ""
    seen: str = ""
    """The mark of the last renewal; an answer waits until there is another. Empty: answer at once."""


class Renewal(msgspec.Struct, frozen=True, kw_only=True):
    """From the node."""

    mark: str
    """Differs from every other state of the stops, also of another process of the node."""
    lasts: float
    """Seconds of authority from the asking on; 0 where the node itself cannot be sure of the stops."""
    stops: tuple[Stop, ...] = ()
    """Those in force, and those lifted within :data:`MEMORY`."""


class Authority:
    """What an executor may do, in its memory. `now` is seconds on a clock of the executor's own that goes on
    while the machine sleeps."""

    def __init__(self) -> None:
        self.mark = ""
        self.until: float | None = None
        """When it lapses; None: there is none."""
        self._stops: tuple[Stop, ...] = ()
        self.heard: set[Callable[[], None]] = set()
        """Called at once when an answer came: it may hold a stop of what is on its way."""

    def renew(self, asked: float, renewal: Renewal) -> None:
        """The answer to what was asked at `asked`."""
        self.mark = renewal.mark
        self._stops = renewal.stops
        self.until = asked + min(max(0.0, renewal.lasts), LASTS)
        for call in tuple(self.heard):
            call()

    def drop(self) -> None:
        """The connection to the node ended."""
        self.until = None
        self.mark = ""

    def refusal(self, act: Act, now: float) -> str | None:
        """None: the act may be done at this moment. To be asked directly before each effect."""
        if self.until is None:
            return "This executor has no authority: it is not connected to its node."
        if now >= self.until:
            return (
                f"This executor's authority lapsed {now - self.until:.0f} s ago: its node has not renewed it."
            )
        return refusal(self._stops, act)
