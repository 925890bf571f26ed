"""What is scheduled long ahead: its end is announced to the owners of its targets, and then it is proposed.

An automation with `due` acts once. Where it destroys, the owner of each target is told about 30, 7 and 1 days
before, by letter and with a line in the ledger; the guard `announced` wants all three and a fresh consent.
When it is due it is proposed to the gate like every act, and again for a day while the gate refuses it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import sqlite3
from collections.abc import Callable, Sequence

from gadfly.act.books.transaction import Appends
from gadfly.act.calling import announcing
from gadfly.act.engine import Acts
from gadfly.act.mail import notice
from gadfly.act.plan import Plan, Target
from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.errors import LedgerError, LimitError, Refused, StoreError
from gadfly.store.sqlite import Database

log = logging.getLogger("gadfly.act")

DAY = 86_400.0
LOOK = 60.0
"""Seconds between looks."""
PAUSE = 600.0
"""Seconds before what is announced, or was proposed when it was due, is looked at again."""
TOLD = {30: 37, 7: 10, 1: 3}
"""A notice is written so many days before (at least; at most): early enough that a node that is off for a day
misses none."""
LATE = 1.0
"""Days for which it is proposed after it was due; what was not allowed by then needs another day."""
TOGETHER = 500
"""Targets in one letter and one transaction."""
LISTED = 20
"""Targets that a letter names."""


class Countdown:
    """One for a node called `node`, whose page is at `url`."""

    def __init__(
        self,
        db: Database,
        ledger: Appends,
        acts: Acts,
        clock: Clock,
        config: Callable[[], Config],
        *,
        url: str,
        node: str,
    ) -> None:
        self._db = db
        self._ledger = ledger
        self._acts = acts
        self._clock = clock
        self._config = config
        self._url = url
        self._node = node
        self._next: dict[tuple[str, float, int], float] = {}

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await self._clock.sleep(LOOK)

    async def look(self) -> None:
        """Announce what is to be announced by now, and propose what is due."""
        moment = self._clock.monotonic()
        self._next = {key: until for key, until in self._next.items() if until > moment}
        for name, automation in self._config().automation.items():
            if automation.due is None:
                continue
            due = automation.due.timestamp()
            days = notice_of(due - self._clock.wall()) if automation.destructive else None
            if self._clock.wall() >= due:
                days = 0
            if days is None or (name, due, days) in self._next:
                continue
            self._next[name, due, days] = moment + PAUSE
            try:
                await (self._announce(name, days) if days else self._propose(name, due))
            except (Refused, LimitError) as error:
                log.warning("%s is due: %s", name, error)
            except (StoreError, LedgerError) as error:
                log.error("%s is due, and nothing is done: %s", name, error)

    async def _announce(self, name: str, days: int) -> None:
        plan = (await self._acts.plan(name)).plan
        told = await self._db.read(lambda connection: _told(connection, plan, days))
        owners: dict[str, list[Target]] = {}
        for target in plan.targets:
            if target.name not in told:
                owners.setdefault(target.owner, []).append(target)
        for owner, targets in owners.items():
            for first in range(0, len(targets), TOGETHER):
                await self._tell(plan, owner, targets[first : first + TOGETHER])
                await asyncio.sleep(0)
        if owners:
            self._db.bell("outbox").set()

    async def _tell(self, plan: Plan, owner: str, targets: Sequence[Target]) -> None:
        due, now = plan.due or 0.0, self._clock.wall()

        def work(connection: sqlite3.Connection) -> tuple[str, ...]:
            found = notice.put(connection, self._config().owner, [owner], self._letter(plan, owner, targets))
            for target in targets if found else ():
                announcing.told(
                    connection,
                    self._ledger,
                    target=target.name,
                    owner=owner,
                    action=plan.action,
                    due=due,
                    by=plan.principal,
                    now=now,
                )
            return found

        if not await self._db.write(work):
            log.error(
                "nobody could be told of the end of %d components of %s", len(targets), owner or "nobody"
            )

    def _letter(self, plan: Plan, owner: str, targets: Sequence[Target]) -> notice.Notice:
        end = dt.datetime.fromtimestamp(plan.due or 0.0, dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
        names = ", ".join(target.name for target in targets[:LISTED])
        if len(targets) > LISTED:
            names += f" and {len(targets) - LISTED} more"
        lines = [
            f"{plan.automation} ends this on {end}, and it cannot be taken back: {names}.",
            f"What is done: {plan.action} {plan.argument}".rstrip(),
            f"{plan.owner} answers for it.",
            "",
            "Nothing happens unless you say yes to each of them within the last week before, as",
            f"gadfly act consent {owner} {plan.principal} {plan.action} --target {targets[0].name} --for 8d",
            "If it must not happen, say so to its owner, or stop it: "
            f"gadfly stop --automation {plan.automation} --reason 'why'",
        ]
        text = "\n".join(lines) + f"\n\nSee: {self._url}\n"
        subject = f"{plan.automation} ends {len(targets)} of yours on {end}"
        return notice.Notice(
            subject=subject, text=text, at=self._clock.wall(), url=self._url, node=self._node
        )

    async def _propose(self, name: str, due: float) -> None:
        if self._clock.wall() >= due + LATE * DAY:
            return
        if await self._db.read(lambda connection: _acted(connection, name, due)):
            return
        end = dt.datetime.fromtimestamp(due, dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
        _, decision = await self._acts.trigger(name, "node", reason=f"it is due since {end}")
        if not decision.allowed:
            log.warning("%s is due and not done: %s", name, decision.words)


def notice_of(ahead: float) -> int | None:
    """Which notice is to be written now, in days; `ahead` is how many seconds there are left."""
    for days, first in TOLD.items():
        if days * DAY <= ahead < first * DAY:
            return days
    return None


def _told(connection: sqlite3.Connection, plan: Plan, days: int) -> frozenset[str]:
    """Those of whose end this notice was written."""
    due = plan.due or 0.0
    rows = connection.execute(
        "SELECT target FROM announcement WHERE action = ? AND due = ? AND told <= ? AND told > ?",
        (plan.action, due, due - days * DAY, due - TOLD[days] * DAY),
    )
    return frozenset(name for (name,) in rows)


def _acted(connection: sqlite3.Connection, name: str, due: float) -> bool:
    row = connection.execute(
        "SELECT 1 FROM intent WHERE automation = ? AND at >= ? LIMIT 1", (name, due)
    ).fetchone()
    return row is not None
