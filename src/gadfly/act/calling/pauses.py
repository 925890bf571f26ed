"""How long an automation passes over targets that it was refused, or has just acted on."""

from __future__ import annotations

from collections.abc import Iterable

from gadfly.act.plan import Plan
from gadfly.clock import Clock
from gadfly.monitor.subject import Subject

PAUSE = 60.0
"""Seconds before an automation looks again at a target that it was refused, or has just acted on."""
LONGEST = 3600.0
"""The longest pause, where nothing could be begun again and again."""


class Pauses:
    """In memory: begun anew after a start."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[tuple[str, str], float] = {}
        self._vain: dict[str, int] = {}
        """Acts in a row of which nothing could be begun, by automation."""

    def forget_past(self) -> None:
        """Those that are over."""
        now = self._clock.monotonic()
        self._until = {key: until for key, until in self._until.items() if until > now}

    def rest(self, plan: Plan, seconds: float = PAUSE) -> None:
        """What calls for the same on these targets is passed over for so long."""
        until = self._clock.monotonic() + seconds
        self._until.update({(plan.automation, target.name): until for target in plan.targets})

    def free(self, automation: str, subjects: Iterable[Subject]) -> list[Subject]:
        """Those that do not rest."""
        return [one for one in subjects if (automation, one.name) not in self._until]

    def acted(self, plan: Plan, *, begun: bool) -> int:
        """An act is over: its targets rest, ever longer where nothing of it could be begun. How many such
        acts there were in a row before."""
        vain = self._vain.pop(plan.automation, 0)
        if not begun:
            self._vain[plan.automation] = vain + 1
        self.rest(plan, min(PAUSE * 2.0**vain, LONGEST))
        return vain
