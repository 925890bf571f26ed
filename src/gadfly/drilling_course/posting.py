"""Letters of one drill on their way: posted when they are due, taken back where nobody takes them in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from gadfly import hours
from gadfly.alert import outbox
from gadfly.alert.escalate import Step as Contact
from gadfly.alert.escalate import address
from gadfly.alert.notify.destination import of
from gadfly.alert.outbox import Letter as Sealed
from gadfly.ask.drill.mark import marked
from gadfly.ask.drill.record import Drill, Letter
from gadfly.drilling_course import course
from gadfly.drilling_course.course import LOOK, Setting
from gadfly.drilling_course.letters import Way, gone, take_back, ways
from gadfly.errors import GadflyError

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle


class Posting:
    """One for a drill that tells."""

    def __init__(self, node: Node, setting: Setting) -> None:
        self._node = node
        self._setting = setting
        self._ends: dict[str, float] = {}
        """By key: until when it may be taken, by the steady clock."""
        self._letters: dict[str, Letter] = {}
        self._ways: dict[str, Way] = {}

    async def post(self, drill: Drill, sealed: Sealed, contact: Contact | None, due: float) -> Drill:
        """It is due `due` seconds after the failure. Written down before it can leave."""
        node, now, told = self._node, self._node.clock.wall(), sealed.notification
        letter = Letter(
            owner=contact.owner if contact else "", to=sealed.label, what=told.kind, due=round(due, 3)
        )
        times = contact.hours if contact else ""
        if times and not drill.ring and not hours.parse(times).covers(now):
            words = f"{letter.owner} would have been told outside its hours ({times}); say --ring to do so."
            return drill.but("hours", words).wrote(msgspec.structs.replace(letter, state="kept back"))
        if not self._setting.room(address(sealed.contact)):
            words = f"{letter.to} has heard of other drills within the last minute; it is told of no more."
            return drill.but("often", words).wrote(msgspec.structs.replace(letter, state="kept back"))
        because = f"This is fire drill {drill.name} of {drill.kind} {drill.target}, by {drill.who}."
        fresh = msgspec.structs.replace(sealed, notification=marked(told, drill.name, because))
        key = fresh.notification.key
        letter = msgspec.structs.replace(letter, key=key, mailbox=self._mailbox(sealed.contact))
        self._letters[key] = letter
        drill = drill.wrote(letter)
        await self._setting.keep(drill, lambda connection: outbox.put(connection, [fresh], now))
        self._ends[key] = node.clock.monotonic() + course.PATIENCE
        node.db.bell("outbox").set()
        return drill

    def _mailbox(self, contact: str) -> bool:
        try:
            return of(self._node.config, contact).kind == "email"
        except GadflyError:
            return False  # it will not be taken either

    @property
    def next(self) -> float | None:
        """When, by the steady clock, the next one's time is over; None: none waits."""
        return min(self._ends.values(), default=None)

    async def expire(self) -> None:
        """Take back those whose time is over, also while others are still to be written."""
        steady = self._node.clock.monotonic()
        over = [key for key, end in self._ends.items() if end <= steady]
        if not over:
            return
        self._ways |= await self._node.db.read(lambda connection: ways(connection, over))
        await self._take_back(over)
        for key in over:
            # One that is on its way may still arrive, or come back to be taken back at the end.
            del self._ends[key]

    async def _take_back(self, keys: Sequence[str]) -> None:
        letters, now = [self._letters[key] for key in keys], self._node.clock.wall()
        await self._node.db.write(lambda connection: take_back(connection, letters, now))

    async def delivered(self, drill: Drill) -> Drill:
        """Wait until every letter was taken, or refused for good; take back what nobody took."""
        clock, db = self._node.clock, self._node.db
        keys = [one.key for one in drill.letters if one.key]
        end = clock.monotonic() + course.PATIENCE
        while True:
            over = clock.monotonic() >= end
            await self.expire()
            if over:
                await self._take_back(keys)
            fresh = await db.read(lambda connection: ways(connection, keys))
            self._ways |= fresh
            # One that is on its way at the end may still arrive, or come back to be taken back.
            if not any(one.open for one in fresh.values()) or clock.monotonic() >= end + course.PATIENCE:
                break
            await clock.sleep(LOOK)
        await self._take_back(keys)
        db.bell("outbox").set()
        letters = [gone(one, self._ways.get(one.key)) if one.key else one for one in drill.letters]
        drill = msgspec.structs.replace(drill, letters=tuple(letters))
        for one in letters:
            if one.state in ("refused", "unanswered"):
                refused = one.state == "refused"
                said = "refused it" if refused else f"did not take it within {course.PATIENCE:.0f} s"
                words = f"{one.to} {said}{f': {one.error[:200]}' if one.error else '.'}"
                drill = drill.but(one.state, words)
        return drill
