"""Plans that wait for a person's word: approved, denied, called off. Each answer is one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection

from gadfly.act.approvals import approval, consenting
from gadfly.act.approvals.approval import Request
from gadfly.act.books.transaction import Appends
from gadfly.act.calling.calls import Calls
from gadfly.act.scene import Scene
from gadfly.act.situation import Consent
from gadfly.clock import Clock
from gadfly.errors import Refused
from gadfly.store.sqlite import Database


class Waiting:
    """`speaks_for` tells in which owners' names a principal may decide."""

    def __init__(
        self,
        db: Database,
        ledger: Appends,
        scene: Scene,
        calls: Calls,
        clock: Clock,
        speaks_for: Callable[[str], Collection[str]],
    ) -> None:
        self._db = db
        self._ledger = ledger
        self._scene = scene
        self._calls = calls
        self._clock = clock
        self.speaks_for = speaks_for

    async def find(self, number: int) -> Request:
        """Refused where there is none."""
        return await self._db.read(lambda connection: approval.find(connection, number))

    async def concerned(self, given: Consent) -> list[Request]:
        """Those that an owner's yes may concern."""
        now = self._clock.wall()
        found = await self._db.read(
            lambda connection: [
                request
                for state in ("waiting", "approved")
                for request in approval.requests(connection, now, state=state)
            ]
        )
        return [request for request in found if consenting.concerns(given, request.plan)]

    async def call_off(self, request: Request) -> str:
        """Why nothing needs to be done any more, where an automation asked for it by what was seen, and that
        is seen no more: then it waits no longer. Empty: it goes on."""
        if request.plan.asked_by or request.state not in approval.OPEN:
            return ""
        why = self._calls.over(request.plan)
        if why:
            now = self._clock.wall()
            await self._db.write(
                lambda connection: approval.called_off(connection, self._ledger, request.id, why, now)
            )
        return why

    async def approve(self, number: int, who: str, note: str, hash: str) -> Request:
        """Refused where `who` may not, or `hash` is given and is not that plan's."""

        def work(connection: sqlite3.Connection) -> Request:
            request = approval.find(connection, number)
            if hash and hash != request.hash:
                raise Refused(f"Plan {number} is not the one that you have read; read it again.", 409)
            approval.approve(
                connection,
                self._ledger,
                number,
                who=who,
                speaks_for=self.speaks_for(who),
                owners=self._scene.config.owner,
                note=note,
                now=self._clock.wall(),
                lasts=self._scene.config.gate.approval,
            )
            return request

        return await self._db.write(work)

    async def deny(self, number: int, who: str, reason: str) -> Request:
        """Refused where `who` may not."""

        def work(connection: sqlite3.Connection) -> Request:
            return approval.deny(
                connection,
                self._ledger,
                number,
                who=who,
                speaks_for=self.speaks_for(who),
                owners=self._scene.config.owner,
                note=reason,
                now=self._clock.wall(),
            )

        return await self._db.write(work)
