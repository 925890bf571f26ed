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

from gadfly.act import approval, consenting, selector
from gadfly.act.calls import Call, Calls, Predicted, nothing_predicted
from gadfly.act.conduct import Conduct
from gadfly.act.executor import Executor, Line
from gadfly.act.gate import Decision, Intent
from gadfly.act.guard import GUARDS, Guard
from gadfly.act.letters import Letters
from gadfly.act.plan import Plan
from gadfly.act.planning import NOTHING, Supplied
from gadfly.act.run import Run
from gadfly.act.scene import Scene
from gadfly.act.situation import Consent
from gadfly.act.transaction import Appends
from gadfly.act.trigger import parse as parse_trigger
from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.errors import LedgerError, LimitError, Refused, StoreError
from gadfly.monitor.subject import Subject
from gadfly.store.sqlite import Database

log = logging.getLogger("gadfly.act")

TICK = 1.0
"""Seconds between looks at what calls."""
PAUSE = 60.0
"""Seconds before an automation looks again at a target that it was refused, or has just acted on."""
LONGEST = 3600.0
"""The longest pause, where nothing could be begun again and again."""
LAPSE = 30.0
"""Seconds between looks for acts, and for questions to owners, whose time is over."""
TURN = 500
"""Components that are looked at before others have their turn."""


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
        self._speaks_for = speaks_for
        run = Run(executor, scene.view, clock)
        self._conduct = Conduct(db, ledger, scene, executor, run, letters, key, clock, guards, doubt)
        self._calls = Calls(scene.view, clock, alerting, predicted)
        self._calls.configure(scene.config.automation)
        self._resting: dict[tuple[str, str], float] = {}
        self._running: dict[int, asyncio.Task[None]] = {}
        self._vain: dict[str, int] = {}
        """Acts in a row of which nothing could be begun, by automation."""
        self._lapsed = float("-inf")
        self.version = 0
        """Grows with every decision, approval and outcome."""

    async def start(self, ended: Mapping[int, int] = MappingProxyType({})) -> None:
        """Take over what an earlier process left open: it is measured, and not done again. `ended`: of which
        of these acts how many processes were left, and are ended."""
        for number, plan in await self._db.read(_left_open):
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
        self._resting = {key: until for key, until in self._resting.items() if until > now}
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
        plan = self._scene.plan(name, await self._subjects(name, targets), "dry run", supplied=supplied)
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
        plan = self._scene.plan(name, await self._subjects(name, targets), words, supplied=supplied)
        if who:
            plan = self._scene.by_hand(plan, who)
        return plan, await self._propose(plan)

    async def approve(self, number: int, who: str, note: str = "", hash: str = "") -> tuple[Plan, Decision]:
        """Say yes to a waiting plan, which is then judged anew by what is seen now.

        Refused where `who` may not, where `hash` is given and is not that plan's, or where what called for it
        is over: then it waits no longer.
        """
        await self._called_for(await self._db.read(lambda connection: approval.find(connection, number)))

        def work(connection: sqlite3.Connection) -> approval.Request:
            request = approval.find(connection, number)
            if hash and hash != request.hash:
                raise Refused(f"Plan {number} is not the one that you have read; read it again.", 409)
            approval.approve(
                connection,
                self._ledger,
                number,
                who=who,
                speaks_for=self._speaks_for(who),
                owners=self._scene.config.owner,
                note=note,
                now=self._clock.wall(),
                lasts=self._scene.config.gate.approval,
            )
            return request

        request = await self._db.write(work)
        self.version += 1
        plan = self._scene.afresh(request.plan)
        return plan, await self._propose(plan)

    async def consented(self, given: Consent) -> None:
        """An owner said yes: what waited for this word is judged anew by what is seen now."""
        now = self._clock.wall()
        found = await self._db.read(
            lambda connection: [
                request
                for state in ("waiting", "approved")
                for request in approval.requests(connection, now, state=state)
            ]
        )
        for request in found:
            if not consenting.concerns(given, request.plan):
                continue
            try:
                await self._called_for(request)
                await self._propose(self._scene.afresh(request.plan))
            except (Refused, LimitError) as error:
                log.info("plan %d goes on waiting: %s", request.id, error)

    async def _called_for(self, request: approval.Request) -> None:
        """Refused where an automation asked for it by what was seen, and that is seen no more."""
        if request.plan.asked_by or request.state not in approval.OPEN:
            return
        if why := self._calls.over(request.plan):
            now = self._clock.wall()
            await self._db.write(
                lambda connection: approval.called_off(connection, self._ledger, request.id, why, now)
            )
            self.version += 1
            raise Refused(f"Plan {request.id} lapsed, nothing needs to be done: {why}.", 409)

    async def deny(self, number: int, who: str, reason: str = "") -> approval.Request:
        """Say no to a waiting plan."""

        def work(connection: sqlite3.Connection) -> approval.Request:
            return approval.deny(
                connection,
                self._ledger,
                number,
                who=who,
                speaks_for=self._speaks_for(who),
                owners=self._scene.config.owner,
                note=reason,
                now=self._clock.wall(),
            )

        denied = await self._db.write(work)
        self._rest(denied.plan, self._scene.config.gate.approval)
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
        subjects = call.subjects if call.subjects is not None else await self._subjects(call.automation, ())
        free = [one for one in subjects if (call.automation, one.name) not in self._resting]
        chosen = free[: automation.limits.at_once] if call.subjects is not None else free
        if not chosen:
            return
        plan = self._scene.plan(call.automation, chosen, call.words, call.state)
        self._rest(plan, PAUSE)
        await self._propose(plan)

    def _rest(self, plan: Plan, seconds: float) -> None:
        """What calls for the same on these targets is passed over for so long."""
        until = self._clock.monotonic() + seconds
        self._resting.update({(plan.automation, target.name): until for target in plan.targets})

    async def _propose(self, plan: Plan) -> Decision:
        decision = await self._conduct.propose(plan)
        self.version += 1
        if decision.intent is not None:
            self._spawn(decision.intent.id, self._act(plan, decision.intent))
        return decision

    async def _act(self, plan: Plan, intent: Intent) -> None:
        course, undo = await self._conduct.carry_out(plan, intent)
        vain = self._vain.pop(plan.automation, 0)
        if course.state == "cancelled":
            self._vain[plan.automation] = vain + 1
            if not vain:
                await self._conduct.write(
                    lambda connection: self._letters.unable(connection, plan, course.why)
                )
        self._rest(plan, min(PAUSE * 2.0**vain, LONGEST))
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

    async def _subjects(self, name: str, targets: Sequence[str]) -> list[Subject]:
        """Those named, each of which must be selected; or all that are."""
        automation = self._scene.config.automation.get(name)
        if automation is None:
            raise Refused(f"No automation {name[:200]!r} is declared.", 404)
        matches = selector.parse(automation.targets or parse_trigger(automation.on).selector)
        found: list[Subject] = []
        if targets:
            for component in dict.fromkeys(targets):
                subject = self._scene.view.subject(component)
                if subject is None or not matches(subject):
                    raise Refused(f"{component[:200]} is no target of {name}.", 422)
                found.append(subject)
            return found
        for count, subject in enumerate(self._scene.view.subjects(), 1):
            if matches(subject):
                found.append(subject)
            if count % TURN == 0:
                await asyncio.sleep(0)
        return found


def _left_open(connection: sqlite3.Connection) -> list[tuple[int, Plan]]:
    rows = connection.execute("SELECT id, body FROM intent WHERE state IN ('open', 'unknown') ORDER BY id")
    return [(number, msgspec.json.decode(body, type=Plan)) for number, body in rows]
