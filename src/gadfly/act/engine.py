"""The acts of a node: what calls is planned, judged, written down, done, measured.

What was decided and begun is in the store: a process that ends leaves its intents open, and the next one
resolves them by measuring. Kept in memory, and begun anew after a start, are only pauses: since when a state
stands, which targets rest after a refusal or an act, and how often in a row nothing could be begun.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from types import MappingProxyType

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly.act.approvals.approval import Request
from gadfly.act.approvals.waiting import Waiting
from gadfly.act.books import intents
from gadfly.act.books.transaction import Appends
from gadfly.act.calling.calls import (
    Call,
    Calls,
    Predicted,
    nothing_predicted,
)
from gadfly.act.calling.pauses import Pauses
from gadfly.act.conduct import Conduct
from gadfly.act.executing.executor import Executor, Line
from gadfly.act.gate import Decision, Intent
from gadfly.act.guard import GUARDS, Guard
from gadfly.act.mail.letters import Letters
from gadfly.act.plan import Plan
from gadfly.act.plans.planning import NOTHING, Supplied
from gadfly.act.plans.selecting import subjects
from gadfly.act.run import Run
from gadfly.act.scene import Scene
from gadfly.act.situation import Consent
from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.errors import LedgerError, LimitError, Refused, StoreError
from gadfly.store.sqlite import Database

log = logging.getLogger("gadfly.act")

TICK = 1.0
"""Seconds between looks at what calls."""
LAPSE = 30.0
"""Seconds between looks for acts, and for questions to owners, whose time is over."""


class DryRun(msgspec.Struct, frozen=True, kw_only=True):
    """What would happen: the plan, what every guard says of it, and the act target by target."""

    plan: Plan
    decision: Decision
    lines: tuple[Line, ...]


class Acts:
    """One for a node. `speaks_for` tells in which owners' names a principal may decide."""

    def __init__(
        self,
        db: Database,
        ledger: Appends,
        scene: Scene,
        executor: Executor,
        letters: Letters,
        key: Ed25519PrivateKey,
        clock: Clock,
        *,
        speaks_for: Callable[[str], Collection[str]],
        alerting: Callable[[], Mapping[str, float]] = dict,
        predicted: Predicted = nothing_predicted,
        guards: Mapping[str, Guard] = GUARDS,
        doubt: Callable[[sqlite3.Connection], str] = lambda connection: "",
    ) -> None:
        self._db = db
        self._ledger = ledger
        self._scene = scene
        self._executor = executor
        self._letters = letters
        self._clock = clock
        run = Run(executor, scene.view, clock)
        self._conduct = Conduct(db, ledger, scene, executor, run, letters, key, clock, guards, doubt)
        self._calls = Calls(scene.view, clock, alerting, predicted)
        self._calls.configure(scene.config.automation)
        self._waiting = Waiting(db, ledger, scene, self._calls, clock, speaks_for)
        self._pauses = Pauses(clock)
        self._running: dict[int, asyncio.Task[None]] = {}
        self._lapsed = float("-inf")
        self.version = 0
        """Grows with every decision, approval and outcome."""

    async def start(self, ended: Mapping[int, int] = MappingProxyType({})) -> None:
        """Take over what an earlier process left open: it is measured, and not done again. `ended`: of which
        of these acts how many processes were left, and are ended."""
        for number, plan in await self._db.read(intents.left_open):
            self._spawn(number, self._conduct.resolve(plan, number, ended.get(number, 0)))

    async def run(self) -> None:
        """Look at what calls until cancelled; then everything that is on its way is ended."""
        try:
            while True:
                await self.look()
                await self._clock.sleep(TICK)
        finally:
            await self.close()

    async def close(self) -> None:
        """End all that is on its way; the next start measures what became of it."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def prepare(self, config: Config) -> Callable[[], None]:
        """Read these rules; raises where they cannot be. What is returned puts them in force. What is on its
        way then goes on: it was allowed by those before."""
        scene = self._scene.prepare(config)

        def take() -> None:
            scene()
            self._letters.configure(config)
            self._calls.configure(config.automation)
            self.version += 1

        return take

    async def look(self) -> None:
        """Everything that calls now is proposed, once each minute and target."""
        now = self._clock.monotonic()
        self._pauses.forget_past()
        for call in self._calls.look():
            try:
                await self._answer(call)
            except (Refused, LimitError) as error:
                log.info("%s: %s", call.automation, error)
            except (StoreError, LedgerError) as error:
                log.error("nothing is done: %s", error)
            except Exception:  # a defect in what one calls for must not end all others
                log.exception("nothing is done for %s: a defect", call.automation)
        if now - self._lapsed >= LAPSE:
            self._lapsed = now
            await self._lapse()

    async def plan(
        self, name: str, targets: Sequence[str] = (), supplied: Supplied = NOTHING, who: str = ""
    ) -> DryRun:
        """What the automation would do now, to these components or to all it selects. No entry, no effect.

        `who`: what would be said if this principal asked for it; empty: if its own trigger called.
        Refused where there is no such automation, nothing to act on, or a target that is not its own.
        """
        plan = self._scene.plan(
            name, await subjects(self._scene, name, targets), "dry run", supplied=supplied
        )
        if who:
            plan = self._scene.by_hand(plan, who)
        decision = await self._conduct.judge(plan)
        return DryRun(plan=plan, decision=decision, lines=tuple(self._executor.describe(plan)))

    async def trigger(
        self,
        name: str,
        who: str,
        targets: Sequence[str] = (),
        reason: str = "",
        supplied: Supplied = NOTHING,
    ) -> tuple[Plan, Decision]:
        """A person or a program wants it now: in its own name where it has a grant for this, else it asks.
        Where the gate allows it, it is on its way when this returns. `who` is empty: its own trigger called.
        """
        words = f"{who} asked for it{f': {reason}' if reason else ''}" if who else reason
        plan = self._scene.plan(name, await subjects(self._scene, name, targets), words, supplied=supplied)
        if who:
            plan = self._scene.by_hand(plan, who)
        return plan, await self._propose(plan)

    async def approve(self, number: int, who: str, note: str = "", hash: str = "") -> tuple[Plan, Decision]:
        """Say yes to a waiting plan, which is then judged anew by what is seen now.

        Refused where `who` may not, where `hash` is given and is not that plan's, or where what called for it
        is over: then it waits no longer.
        """
        await self._called_for(await self._waiting.find(number))
        request = await self._waiting.approve(number, who, note, hash)
        self.version += 1
        plan = self._scene.afresh(request.plan)
        return plan, await self._propose(plan)

    async def consented(self, given: Consent) -> None:
        """An owner said yes: what waited for this word is judged anew by what is seen now."""
        for request in await self._waiting.concerned(given):
            try:
                await self._called_for(request)
                await self._propose(self._scene.afresh(request.plan))
            except (Refused, LimitError) as error:
                log.info("plan %d goes on waiting: %s", request.id, error)

    async def _called_for(self, request: Request) -> None:
        """Refused where an automation asked for it by what was seen, and that is seen no more."""
        if why := await self._waiting.call_off(request):
            self.version += 1
            raise Refused(f"Plan {request.id} lapsed, nothing needs to be done: {why}.", 409)

    async def deny(self, number: int, who: str, reason: str = "") -> Request:
        """Say no to a waiting plan."""
        denied = await self._waiting.deny(number, who, reason)
        self._pauses.rest(denied.plan, self._scene.config.gate.approval)
        self.version += 1
        return denied

    @property
    def running(self) -> tuple[int, ...]:
        """The intents that are on their way in this process."""
        return tuple(self._running)

    async def _answer(self, call: Call) -> None:
        """Propose what is called for, on as many targets as the automation may have at once."""
        automation = self._scene.config.automation.get(call.automation)
        if automation is None:  # a reload took it away after it was called
            return
        found = (
            call.subjects if call.subjects is not None else await subjects(self._scene, call.automation, ())
        )
        free = self._pauses.free(call.automation, found)
        chosen = free[: automation.limits.at_once] if call.subjects is not None else free
        if not chosen:
            return
        plan = self._scene.plan(call.automation, chosen, call.words, call.state)
        self._pauses.rest(plan)
        await self._propose(plan)

    async def _propose(self, plan: Plan) -> Decision:
        decision = await self._conduct.propose(plan)
        self.version += 1
        if decision.intent is not None:
            self._spawn(decision.intent.id, self._act(plan, decision.intent))
        return decision

    async def _act(self, plan: Plan, intent: Intent) -> None:
        course, undo = await self._conduct.carry_out(plan, intent)
        begun = course.state != "cancelled"
        if not self._pauses.acted(plan, begun=begun) and not begun:
            await self._conduct.write(lambda connection: self._letters.unable(connection, plan, course.why))
        self.version += 1
        if undo is not None:
            await self._take_back(undo)
        elif plan.undoes and course.state != "verified":
            await self._tell_left(plan, f"It was tried: {course.words}.")

    async def _take_back(self, undo: Plan) -> None:
        """Through the gate like any act; where that does not let it, its owner is told."""
        try:
            decision = await self._propose(undo)
        except (Refused, LimitError, StoreError, LedgerError) as error:
            log.error("intent %d is not taken back: %s", undo.undoes, error)
            await self._tell_left(undo, f"It could not be decided: {error}.")
        else:
            if not decision.allowed and not decision.waits:
                await self._tell_left(undo, f"The gate refused it: {decision.words}.")

    async def _tell_left(self, undo: Plan, why: str) -> None:
        await self._conduct.write(lambda connection: self._letters.left(connection, undo, why))
        self._db.bell("outbox").set()

    def _spawn(self, number: int, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._running[number] = task
        task.add_done_callback(lambda done: self._ended(number, done))

    def _ended(self, number: int, task: asyncio.Future[None]) -> None:
        self._running.pop(number, None)
        self.version += 1
        if not task.cancelled() and (error := task.exception()) is not None:
            # Its intent stays open: when its time is over it is unknown, and then it is measured.
            log.error("intent %d ended on the way", number, exc_info=error)

    async def _lapse(self) -> None:
        """Acts whose time is over without an outcome are unknown; those nobody carries are measured. Of plans
        that nobody answers in time, the next is asked."""
        try:
            for number, plan in await self._conduct.lapse():
                if number not in self._running:
                    self._spawn(number, self._conduct.resolve(plan, number))
            await self._conduct.remind()
        except (StoreError, LedgerError, LimitError) as error:
            log.error("what is over is not written down: %s", error)
