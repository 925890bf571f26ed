"""From something that fails to the receivers: what the alerts make of it, on a copy, and who is told when."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gadfly import hours
from gadfly.alert.escalate import Step as Contact
from gadfly.alert.escalate import address
from gadfly.alert.reported import Reported
from gadfly.ask.drill.record import Drill, Kind
from gadfly.ask.drill.shadow import Shadow
from gadfly.config import Config
from gadfly.drilling_course.course import LONGEST, Setting, until
from gadfly.drilling_course.failing import Failing, Failure
from gadfly.drilling_course.posting import Posting
from gadfly.duration import format as words
from gadfly.errors import Refused

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle

HORIZON = 600.0
"""Seconds after which a first letter that has not left is told of as late."""
Chains = Mapping[str, tuple[Contact, ...]]
"""By target: who is drawn in, in which order."""


class Telling:
    """The course of a rule, a component or a route."""

    def __init__(self, node: Node, failing: Failing) -> None:
        self._node = node
        self._failing = failing

    @property
    def kind(self) -> Kind:
        return self._failing.kind

    @property
    def target(self) -> str:
        return self._failing.target

    @property
    def owner(self) -> str:
        return self._failing.owner

    def told(self, drill: Drill) -> bool:
        return any(one.state == "taken" for one in drill.letters)

    async def run(self, drill: Drill, setting: Setting) -> Drill:
        failure = await self._failing.fail(drill)
        shadow, posting = await self._shadow(failure.config), Posting(self._node, setting)
        try:
            drill = await self._tell(shadow, failure, setting.answered, posting)
        finally:
            shadow.close()
        await setting.keep(drill)
        drill = await posting.delivered(drill)
        await setting.keep(drill)
        if drill.wait and self.told(drill) and not setting.answered.is_set():
            await until(self._node.clock, setting.answered, drill.wait)
            if not setting.answered.is_set():
                drill = drill.but("unanswered", f"Nobody took it on within {words(drill.wait)}.")
        return drill

    async def _shadow(self, config: Config) -> Shadow:
        node, now = self._node, self._node.clock.wall()
        return await node.db.read(
            lambda connection: Shadow(connection, config, node.name(), node.subject, now)
        )

    async def _tell(
        self, shadow: Shadow, failure: Failure, answered: asyncio.Event, posting: Posting
    ) -> Drill:
        """Post every letter when it is due."""
        drill, seen_as = failure.drill, failure.seen
        if isinstance(seen_as, Reported):
            await asyncio.to_thread(shadow.report, seen_as)
        else:
            await asyncio.to_thread(shadow.change, seen_as)
        outlook = shadow.outlook()
        if outlook is None:
            return drill.but("untold", "Nobody is to be told of such a verdict (alerting.told).")
        if outlook.muted:
            why = "inhibited" if outlook.muted.startswith("inhibited") else "maintenance"
            name = f"silence {outlook.silence}" if outlook.silence else ""
            said = (
                f"It would have been hushed by {name} ({outlook.muted})."
                if name
                else f"Hushed: {outlook.muted}."
            )
            return drill.but("silence" if name else why, said)
        if not outlook.targets:
            return drill.but("no route", "No route leads to anybody, and no owner on top has a contact.")
        steps = shadow.steps(outlook.targets)
        contacts = {one.contact: one for own in steps.values() for one in own}
        patience = max((sum(one.after for one in own[:-1]) for own in steps.values()), default=0.0)
        if drill.escalate and not drill.shortened and patience > LONGEST:
            raise Refused(f"The chain takes {words(patience)} to its end; drill it with --now.", 409)
        wanted = {address(one) for one in contacts} if drill.escalate else set()
        horizon = HORIZON + (
            sum(one.after for own in steps.values() for one in own) if drill.escalate else 0.0
        )
        drill = self._noticed(drill, steps, failure.straight)
        before = sum(one.seconds for one in drill.steps)
        passed, seen, asked = 0.0, set[str](), set[str]()
        while True:
            for sealed in shadow.letters():
                told = sealed.notification
                if told.kind not in ("firing", "escalation"):
                    continue
                seen.add(told.target)
                asked.add(address(sealed.contact))
                drill = await posting.post(drill, sealed, contacts.get(sealed.contact), before + passed)
            if seen >= set(outlook.targets) and asked >= wanted:
                break
            step = shadow.wait()
            if step is None or passed + step > horizon:
                drill = self._late(drill, outlook.targets, seen, steps)
                break
            step = max(step, 0.001)
            if not drill.shortened:
                if passed + step > LONGEST:
                    raise Refused(f"The way takes longer than {words(LONGEST)}; drill it with --now.", 409)
                await self._wait(answered, step, posting)
            if answered.is_set():
                drill = drill.but("acknowledged", "It was taken on, so nobody further was drawn in.")
                break
            passed += step
            await asyncio.to_thread(shadow.tick, step)
        if passed >= 0.05:
            drill = drill.went("its route and its owners' patience wait", passed)
        return drill

    async def _wait(self, answered: asyncio.Event, seconds: float, posting: Posting) -> None:
        """So long, or until somebody takes it on. What no receiver takes meanwhile is taken back in time."""
        clock = self._node.clock
        end = clock.monotonic() + seconds
        while (left := end - clock.monotonic()) > 0 and not answered.is_set():
            ends = posting.next
            await until(
                clock, answered, left if ends is None else max(0.001, min(left, ends - clock.monotonic()))
            )
            await posting.expire()

    def _noticed(self, drill: Drill, steps: Chains, straight: str) -> Drill:
        """Something that is found out before a letter leaves."""
        first = next((one for own in steps.values() for one in own), None)
        if straight and first is not None and not self._node.config.owner[straight].contact:
            return drill.but("no route", f"{straight} has no contact; {first.owner} is told in its place.")
        empty = [target for target, own in steps.items() if not own]
        return drill.but("no route", f"{', '.join(empty)} has no contact.") if empty else drill

    def _late(self, drill: Drill, targets: Sequence[str], seen: set[str], steps: Chains) -> Drill:
        for target in targets:
            if target in seen or not steps[target]:
                continue
            times = steps[target][0].hours
            if times and not hours.parse(times).covers(self._node.clock.wall()):
                said = f"It can wait for the hours of {target} ({times}), and these are not now."
                drill = drill.but("hours", said)
            else:
                drill = drill.but("late", f"After {words(HORIZON)} {target} would still not have been told.")
        return drill
