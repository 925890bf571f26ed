"""The point of effect: where a permission is checked once more, and then used once.

Everything that could have changed since the gate decided is asked again here: the signature, the hash of the
plan *as it lies here*, the cell, this executor's name; and then, in one step with the first of the action,
that nothing can come between: the permission's end, the fencing number, and the lease under which stops are
told. What was
once begun on a target under one number is never begun again under it, whatever became of it.

Time here never goes back, and goes on while the machine sleeps: neither a wall clock that was set back nor a
suspend gives a permission or a lease a second life.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gadfly.act import action
from gadfly.act.action.effect import Edge, Effect, State, unstarted
from gadfly.act.clock.steady import Steady
from gadfly.act.executing import capability
from gadfly.act.executing.capability import Capability
from gadfly.act.executing.lease import Authority
from gadfly.act.halt import stop
from gadfly.act.plan import Plan, Target
from gadfly.clock import Clock
from gadfly.errors import Refused

log = logging.getLogger("gadfly.act")

SEEN = 100_000
"""Targets whose last number is remembered one by one; below those forgotten nothing is taken any more."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What would be done to one target, or why nothing would be."""

    target: str
    words: str
    possible: bool = True


class Executor:
    """`key` is the gate's public key; `authority` is the lease's (:mod:`gadfly.act.executing.lease`)."""

    def __init__(
        self, name: str, key: Ed25519PublicKey, authority: Authority, clock: Clock, edge: Edge
    ) -> None:
        self.name = name
        self._key = key
        self._authority = authority
        self._clock = clock
        self._edge = edge
        self._fences: dict[str, int] = {}
        self._floor = 0
        self._steady = Steady(clock)
        self._started = self._steady.now()

    def configure(self, edge: Edge) -> None:
        """From now on actions may touch this; what is on its way keeps what it had."""
        self._edge = edge

    def describe(self, plan: Plan) -> list[Line]:
        """Exactly what would be done, target by target. Does nothing and asks nobody."""
        lines = []
        for target in plan.targets:
            try:
                kind, text = action.find(plan.action, plan.argument)
                words = kind.describe(text, fields(plan, target), self._edge)
                lines.append(Line(target=target.name, words=words))
            except ValueError as error:
                lines.append(Line(target=target.name, words=str(error), possible=False))
        return lines

    async def perform(self, permission: str, plan: Plan, target: Target) -> Effect:
        """Do it to one target, once. `unstarted`, with the reason, where anything is not as it was allowed.

        Cancelled: whatever was begun is ended as far as it can be, and is unknown.
        """
        try:
            found = self._permitted(permission, plan, target)
            kind, text = action.find(plan.action, plan.argument)
            values = fields(plan, target, found.fence)
            kind.describe(text, values, self._edge)
        except (Refused, ValueError) as error:
            return unstarted(str(error))
        act = stop.act_of(plan, found.intent, target)
        place = target.name if kind.each else f"group {target.group}"

        async def once() -> Effect:
            # From here to the first step of the action nothing else runs in this process; before it others
            # had a turn, in which the permission may have ended.
            if self._steady.now() >= found.ends:
                return unstarted(capability.ENDED)
            if (seen := self._fences.get(place, self._floor)) >= found.fence:
                return unstarted(f"Number {seen} has been here; number {found.fence} is not done (again).")
            if (reason := self._authority.refusal(act, self._clock.boottime())) is not None:
                return unstarted(reason)
            self._remember(place, found.fence)
            return await kind.do(text, values, self._edge)

        return await self._begin(asyncio.ensure_future(once()), act, place, found.fence)

    def _permitted(self, permission: str, plan: Plan, target: Target) -> Capability:
        """Refused where it is not permitted here and now."""
        found = capability.verify(
            self._key,
            permission,
            plan=plan.hash,
            executor=self.name,
            cell=target.cell,
            fence=0,
            now=self._steady.now(),
        )
        if target not in plan.targets:
            raise Refused(f"{target.name} is not among the targets of this plan.")
        if found.issued < self._started:
            raise Refused("This permission is older than this executor: it may have been used before.")
        return found

    async def _begin(self, doing: asyncio.Future[Effect], act: stop.Act, place: str, fence: int) -> Effect:
        """Wait for the end of what was begun; a stop ends it in the moment in which it is heard."""
        began = self._clock.monotonic()
        words = ""

        def heard() -> None:
            nonlocal words
            now, until = self._clock.boottime(), self._authority.until
            # A lease that lapsed begins nothing more; what began rightly is not torn in two for it.
            if until is not None and now < until and (said := self._authority.refusal(act, now)):
                words = words or said
                doing.cancel()

        self._authority.heard.add(heard)
        try:
            await asyncio.wait((doing,))
            return doing.result()
        except asyncio.CancelledError:
            if not doing.done():
                doing.cancel()
                await asyncio.wait((doing,))
                raise
            if not words:
                raise
            if self._fences.get(place) != fence:
                return unstarted(words)
            seconds = self._clock.monotonic() - began
            return Effect(state=State.unknown, words=f"ended on the way: {words}", seconds=seconds)
        except Exception as error:  # a defect of ours: it may have had its effect
            log.exception("an action failed unexpectedly")
            return Effect(state=State.unknown, words=f"a defect: {type(error).__name__}; see the node's log")
        finally:
            self._authority.heard.discard(heard)

    def _remember(self, place: str, fence: int) -> None:
        self._fences.pop(place, None)
        self._fences[place] = fence
        if len(self._fences) > SEEN:
            oldest = next(iter(self._fences))
            self._floor = max(self._floor, self._fences.pop(oldest))


def fields(plan: Plan, target: Target, fence: int = 0) -> Mapping[str, str]:
    """The values that a target gives to an action's text. A dry run has the intent 0."""
    return {
        **{f"label.{name}": value for name, value in target.labels.items()},
        **{f"parameter.{name}": value for name, value in plan.parameters.items()},
        "component": target.name,
        "group": target.group,
        "cell": target.cell,
        "region": target.region,
        "environment": target.environment,
        "owner": target.owner,
        "kind": target.kind,
        "automation": plan.automation,
        "intent": str(fence),
        "fence": str(fence),
    }
