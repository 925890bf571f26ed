"""The alerts of one rule, from pending over firing to over. Pure: a state, what holds now, and the time.

As Prometheus does it (rules/alerting.go of 2.42)::

    it holds      pending until it has held for `hold`, then firing
    it does not   pending: forgotten; firing: over, after `keep` seconds; told as over for 15 minutes
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

RETAINED = 900.0
"""Seconds for which an alert that is over is still said to be."""
SPOKEN = 4.0
"""An alert is said to hold for so many intervals, so that it ends when nobody says it any more."""

Key = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Active:
    """One alert. Times are seconds since the epoch."""

    labels: dict[str, str]
    annotations: dict[str, str]
    value: float
    since: float
    """When the condition began to hold."""
    firing: float | None = None
    """When it began to fire; None: pending."""
    over: float | None = None
    keeping: float | None = None
    """The condition is over since then, but it fires on."""
    said: float | None = None
    """When it was reported last."""

    @property
    def state(self) -> str:
        if self.over is not None:
            return "inactive"
        return "pending" if self.firing is None else "firing"


@dataclass(slots=True)
class Alerts:
    """Those of one rule."""

    hold: float
    keep: float
    active: dict[Key, Active] = field(default_factory=dict)

    def turn(self, holding: Mapping[Key, Active], now: float) -> None:
        """These hold now (each a fresh one, pending since now); the others do not."""
        active = self.active
        for key, fresh in holding.items():
            known = active.get(key)
            if known is None or known.over is not None:
                active[key] = fresh
            else:
                known.value, known.annotations, known.keeping = fresh.value, fresh.annotations, None
        for key, one in tuple(active.items()):
            if key not in holding:
                self._ends(key, one, now)
            elif one.firing is None and now - one.since >= self.hold:
                one.firing = now

    def _ends(self, key: Key, one: Active, now: float) -> None:
        if one.state == "firing" and self.keep > 0:
            one.keeping = now if one.keeping is None else one.keeping
            if now - one.keeping < self.keep:
                return
        if one.firing is None or (one.over is not None and now - one.over > RETAINED):
            del self.active[key]
        elif one.over is None:
            one.over = now

    def standing(self) -> list[Active]:
        """Those that are pending or fire. May be asked while a thread has its turn."""
        return [one for one in list(self.active.values()) if one.over is None]  # one step, as the GIL has it

    def to_say(self, now: float, resend: float) -> list[Active]:
        """Those that must be reported now: new ones, ended ones, and the others every `resend` seconds."""
        found = []
        for one in self.active.values():
            if one.firing is None:
                continue
            news = one.said is None or (one.over is not None and one.over > one.said)
            if news or (one.over is None and one.said is not None and one.said + resend <= now):
                one.said = now
                found.append(one)
        return found


def restored(began: float, seen: float, now: float, hold: float) -> float:
    """Since when an alert holds that held from `began` and was seen last before a restart.

    The time in between counts for nothing: nobody looked. One that fired already fires at once.
    """
    return began if seen - began >= hold else began + (now - seen)
