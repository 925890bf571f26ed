"""What acts, read from the book at the moment of asking; only the counts on every page are held."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import msgspec

from gadfly.act.approvals import approval, consenting
from gadfly.act.approvals.approval import Request
from gadfly.act.engine import Acts
from gadfly.act.executing import board as lease
from gadfly.act.executing.executor import Executor
from gadfly.act.gate import Decision
from gadfly.act.grants import grant
from gadfly.act.guard import GUARDS
from gadfly.act.halt import breakglass, stop, stop_book
from gadfly.act.halt.stop import Stop
from gadfly.act.plan import Plan
from gadfly.act.plans.planning import NOTHING, Supplied
from gadfly.act.situation import Fleet
from gadfly.act.view import View
from gadfly.act_view import accounts, automations, duties, grants, plans
from gadfly.alert.escalate import lineage
from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.errors import Refused, StoreError
from gadfly.ledger.log import Log
from gadfly.store.sqlite import Database
from gadfly.web.redact import veiled

log = logging.getLogger("gadfly.act")

LOOK = 1.0
"""Seconds between looks at whether the counts may have changed."""
ANEW = 10.0
"""Seconds after which they are read in any case: approvals end without anybody doing anything."""
FRESH = 1.0
"""Seconds for which a board that was read is given to others, where nothing is known to have changed."""
MOST = 100
"""Plans that the board shows, the next to end; of more it says how many."""
UNWRITTEN = 0
"""The id of a stop that holds, and is not on disk yet."""
STATES = ("waiting", "approved", "denied", "lapsed", "done")


class Showing:
    """The half that only reads."""

    def __init__(
        self,
        db: Database,
        ledger: Log,
        acts: Acts,
        stops: lease.Board,
        executor: Executor,
        view: View,
        clock: Clock,
        config: Callable[[], Config],
        *,
        speaks_for: Callable[[str], Collection[str]],
        url: str,
        node: str,
    ) -> None:
        self._db = db
        self._ledger = ledger
        self._acts = acts
        self._stops = stops
        self._executor = executor
        self._view = view
        self._clock = clock
        self._config = config
        self._speaks_for = speaks_for
        self._url = url
        self._node = node
        self._counts = {"approvals": 0, "stops": 0, "frozen": 0}
        self._seen: object = None
        self._board: tuple[int, float, asyncio.Task[dict[str, Any]]] | None = None
        self.version = 1
        """Grows when the board changed."""

    # --- counts --------------------------------------------------------------------------------------------

    def counts(self) -> Mapping[str, int]:
        """How many plans wait, stops hold, and brakes are on; as of the last look."""
        return self._counts

    async def keep(self) -> None:
        """Keep the counts true until cancelled."""
        asked, at = -1, float("-inf")
        while True:
            now = self._clock.monotonic()
            if self._acts.version != asked or now - at >= ANEW:
                asked, at = self._acts.version, now
                await self._look()
            await self._clock.sleep(LOOK)

    async def _look(self) -> None:
        now = self._clock.wall()

        def work(connection: sqlite3.Connection) -> dict[str, int]:
            frozen, brakes = connection.execute(
                "SELECT (SELECT COUNT(*) FROM standing WHERE frozen <> ''),"
                " (SELECT COUNT(*) FROM brake WHERE since IS NOT NULL)"
            ).fetchone()
            return {
                "approvals": _count(connection, now),
                "stops": len(self._in_force(connection)),
                "frozen": frozen + brakes,
            }

        try:
            self._counts = await self._db.read(work)
        except StoreError as error:
            log.error("what waits is not known: %s", error)
            return
        if (seen := (self._acts.version, self._counts)) != self._seen:
            self._seen = seen
            self.version += 1

    # --- what is shown -------------------------------------------------------------------------------------

    async def board(self) -> dict[str, Any]:
        """:class:`.act_board.Board`: read once for all who ask within :data:`FRESH`."""
        now = self._clock.monotonic()
        kept = self._board
        if kept is None or kept[0] != self.version or not now - kept[1] < FRESH or _failed(kept[2]):
            kept = self._board = (self.version, now, asyncio.ensure_future(self._read()))
        return await asyncio.shield(kept[2])

    async def _read(self) -> dict[str, Any]:
        version, now, config, fleet = self.version, self._clock.wall(), self._config(), self._view.fleet()

        def work(connection: sqlite3.Connection) -> dict[str, Any]:
            stops = self._in_force(connection)
            glasses = breakglass.owed(connection)
            rows = [
                automations.shown(connection, name, one, stops, fleet, now)
                for name, one in sorted(config.automation.items())
            ]
            return {
                "version": version,
                "at": now,
                "stops": [stopped(one) for one in stops],
                "breakglass": duties.open_glasses(glasses, breakglass.vouched(connection, now)),
                "approvals": self._waiting(_next(connection, now), fleet),
                "waiting": _count(connection, now),
                "automations": rows,
                "consents": [
                    {**msgspec.structs.asdict(one), "id": str(one.id)}
                    for one in consenting.in_force(connection, now)[:MOST]
                ],
                "freezes": duties.freezes(connection, config, now),
                "reviews": duties.reviews(glasses, rows, config),
                "proofs": duties.proofs(connection, GUARDS),
                "unexplained": duties.unexplained(connection, now),
            }

        return await self._db.read(work)

    async def automation(self, name: str) -> dict[str, Any] | None:
        """:class:`.automations.AutomationStory`."""
        one = self._config().automation.get(name)
        if one is None:
            return None
        now, fleet = self._clock.wall(), self._view.fleet()

        def work(connection: sqlite3.Connection) -> dict[str, Any]:
            stops = self._in_force(connection)
            asked = [found for found in approval.requests(connection, now) if found.plan.automation == name]
            return {
                "automation": automations.shown(connection, name, one, stops, fleet, now),
                "runs": automations.runs(connection, name),
                "approvals": self._waiting(asked, fleet),
            }

        return {
            **await self._db.read(work),
            "limits": automations.limits(one),
            "expect": one.expect,
            "undo": veiled(one.undo),
            "answers": lineage(self._config().owner, one.owner),
        }

    async def plan(
        self, name: str, targets: Sequence[str], who: str, supplied: Supplied = NOTHING
    ) -> dict[str, Any]:
        """:class:`.act_plans.Plan`: nothing is written, nothing happens."""
        dry = await self._acts.plan(name, targets, supplied, who if grant.PRINCIPAL.fullmatch(who) else "")
        return self._plan(dry.plan, dry.decision)

    async def approvals(self, state: str) -> list[dict[str, Any]]:
        """:class:`.act_plans.Approval`."""
        now, fleet = self._clock.wall(), self._view.fleet()

        def work(connection: sqlite3.Connection) -> list[Request]:
            states = STATES if state == "all" else STATES[:1]
            return [one for word in states for one in approval.requests(connection, now, state=word)]

        return self._waiting(await self._db.read(work), fleet)

    async def grants(self) -> list[dict[str, Any]]:
        """:class:`.act_board.Grant`."""
        config, now = self._config(), self._clock.wall()
        return grants.shown(config) + await self._db.read(lambda connection: grants.consents(connection, now))

    async def load(self) -> list[dict[str, Any]]:
        """:class:`.act_load.Load`."""
        config, now = self._config(), self._clock.wall()
        return await self._db.read(lambda connection: accounts.loads(connection, config, now))

    async def report(self, owner: str, since: float, until: float) -> list[dict[str, Any]]:
        """:class:`.act_load.Report`. Refused where no such owner is declared."""
        config = self._config()
        if owner and owner not in config.owner:
            raise Refused(f"No owner {owner[:200]!r} is declared.", 404)
        return await self._db.read(
            lambda connection: accounts.reports(connection, config, owner, since, until)
        )

    def _in_force(self, connection: sqlite3.Connection) -> tuple[Stop, ...]:
        """Those that are written down, and those that hold although the disk did not take them yet."""
        unwritten = tuple(one for one in self._stops.stops if one.id == UNWRITTEN)
        return (*stop_book.in_force(connection), *unwritten)

    def _plan(self, plan: Plan, decision: Decision) -> dict[str, Any]:
        describe = self._executor.describe
        return plans.shown(plan, describe, self._view.fleet(), self._cells(plan), decision)

    def _waiting(self, found: Sequence[Request], fleet: Fleet) -> list[dict[str, Any]]:
        owners = self._config().owner
        return [
            plans.waiting(one, self._executor.describe, fleet, self._cells(one.plan), owners, self._view.see)
            for one in found
        ]

    async def _answered(self, id: str) -> dict[str, Any]:
        await self._look()
        request = await self._db.read(lambda connection: approval.find(connection, number(id)))
        return self._waiting([request], self._view.fleet())[0]

    def _cells(self, plan: Plan) -> str:
        automation = self._config().automation.get(plan.automation)
        return automation.cells if automation else ""


_WAITING = "FROM request WHERE state = 'waiting' AND ends > MAX(?, (SELECT at FROM latest))"


def _count(connection: sqlite3.Connection, now: float) -> int:
    (waiting,) = connection.execute(f"SELECT COUNT(*) {_WAITING}", (now,)).fetchone()
    return int(waiting)


def _next(connection: sqlite3.Connection, now: float) -> list[Request]:
    """The next to end, as many as anybody reads."""
    ids = connection.execute(f"SELECT id {_WAITING} ORDER BY ends, id LIMIT ?", (now, MOST)).fetchall()
    return [approval.find(connection, id) for (id,) in ids]


def _failed(task: asyncio.Task[dict[str, Any]]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


def stopped(one: Stop) -> dict[str, Any]:
    return {
        "id": f"s{one.id}",
        "scope": one.scope,
        "name": one.name,
        "owner": one.owner,
        "who": one.who,
        "because": one.because,
        "at": one.at,
        "lifters": stop.lifters(one),
    }


def number(id: str) -> int:
    """Refused where it is none that the store could hold."""
    if not (id.isascii() and id.isdigit() and len(id) < 19):
        raise Refused(f"There is nothing under {id[:40]!r}.", 404)
    return int(id)
