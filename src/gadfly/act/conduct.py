"""An act from its intent to its outcome: permissions stage by stage, the measure, the book, and who is told.

Everything that is written here is one transaction with its entry. What could not be written is tried again:
an act is not over before its outcome is on disk, and until then all that it used stays used.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Mapping
from functools import partial

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly.act.approvals import approval, unanswered
from gadfly.act.books import book, intents, reading
from gadfly.act.books.outcome import UNMEASURED
from gadfly.act.books.transaction import Appends
from gadfly.act.clock.steady import Steady
from gadfly.act.executing import capability
from gadfly.act.executing.capability import Capability
from gadfly.act.executing.executor import Executor
from gadfly.act.gate import Decision, Intent, decide
from gadfly.act.guard import GUARDS, Guard
from gadfly.act.halt import breakglass
from gadfly.act.mail.letters import Letters
from gadfly.act.plan import Plan, Target
from gadfly.act.plans.rollback import rollback
from gadfly.act.run import Course, Run, measured
from gadfly.act.scene import Scene
from gadfly.act.situation import Situation
from gadfly.clock import Clock
from gadfly.errors import LedgerError, LimitError, Refused, StoreError
from gadfly.store.sqlite import Database

log = logging.getLogger("gadfly.act")

NODE = "node"
"""The principal that measures: never one that acts."""
AGAIN = 1.0
"""Seconds before what the disk refused is written again."""
REST = 30.0
"""Seconds between questions whether the next cell may be done, while only its rest is waited for."""
PASSING = frozenset({"domain", "rate"})
"""Guards whose refusal passes by itself while an act waits between two cells."""


class Conduct:
    """Proposes plans to the gate and carries out what it allows. `key` signs permissions. `doubt` says,
    within the transaction of a decision, why the ledger is not believed; empty: it is."""

    def __init__(
        self,
        db: Database,
        ledger: Appends,
        scene: Scene,
        executor: Executor,
        run: Run,
        letters: Letters,
        key: Ed25519PrivateKey,
        clock: Clock,
        guards: Mapping[str, Guard] = GUARDS,
        doubt: Callable[[sqlite3.Connection], str] = lambda connection: "",
    ) -> None:
        self._doubt = doubt
        self._db = db
        self._ledger = ledger
        self._scene = scene
        self._executor = executor
        self._run = run
        self._letters = letters
        self._key = key
        self._clock = clock
        self._guards = guards
        self._steady = Steady(clock)
        self._asked = 0

    async def judge(self, plan: Plan) -> Decision:
        """What every guard says, without an entry and without an effect."""
        seen = self._scene.situation(plan)

        def work(connection: sqlite3.Connection) -> Decision:
            guards, _ = self._left(connection, plan)
            return decide(plan, reading.read(connection, plan, seen, guards), guards)

        return await self._db.read(work)

    async def propose(self, plan: Plan) -> Decision:
        """Decided and written down. An owner whose word is wanted is told, once for each request."""
        plan = self._marked(plan)
        seen = self._scene.situation(plan)

        def work(connection: sqlite3.Connection) -> Decision:
            guards, glass = self._left(connection, plan)
            decision = book.propose(
                connection, self._ledger, plan, self._doubted(connection, seen), guards=guards
            )
            if glass is not None:
                intent = decision.intent.id if decision.intent else None
                breakglass.note(connection, self._ledger, glass, plan, intent, seen.now)
            if decision.request is not None and decision.request > self._asked:
                self._letters.ask(connection, plan, decision)
            return decision

        decision = await self._db.write(work)
        if decision.request is not None:
            self._asked = max(self._asked, decision.request)
            self._db.bell("outbox").set()
        return decision

    async def carry_out(self, plan: Plan, intent: Intent) -> tuple[Course, Plan | None]:
        """The whole act; and the plan that would take it back, where it failed and can be. No rollback is
        rolled back itself."""
        worked = await self._worked(plan)
        course = await self._run.carry_out(plan, _Stages(self, plan, intent), worked)
        await self._finish(plan, intent.id, course)
        if course.state == "failed" and plan.undo and not plan.undoes:
            return course, rollback(self._scene, plan, intent.id, course.touched)
        return course, None

    async def resolve(self, plan: Plan, intent: int, ended: int = 0) -> None:
        """An act whose end nobody saw: it is unknown, which counts as used, until it was measured. `ended`:
        so many processes of it were left, and are ended."""
        left = f"; {ended} processes of it ran on and were ended" if ended else ""
        outcome = book.Outcome(
            state="unknown", by=NODE, reason=f"the node ended on the way{left}", at=self._clock.wall()
        )
        await self.write(lambda connection: self._unknown(connection, plan, intent, outcome))
        worked = await self._worked(plan)
        await self._finish(plan, intent, await self._run.measure_again(plan, worked))

    async def lapse(self) -> list[tuple[int, Plan]]:
        """Plans that nobody answered in time wait no longer; acts whose time is over without an outcome are
        unknown. Returns all that are, to be measured.
        StoreError, LedgerError or LimitError where it cannot be written."""
        found = await self._db.write(self._lapse)
        if found:
            self._db.bell("outbox").set()
        return await self._db.read(intents.left_unknown)

    async def remind(self) -> None:
        """Of each plan that nobody answered in time the next in its owner's chain is asked. StoreError where
        it cannot be written."""
        owners, now = self._scene.config.owner, self._clock.wall()
        found = await self._db.read(lambda connection: unanswered.due(connection, owners, now))

        def work(connection: sqlite3.Connection) -> None:
            for one in found:
                if unanswered.take(connection, one):
                    self._letters.ask_next(connection, one)

        if found:
            await self._db.write(work)
            self._db.bell("outbox").set()

    async def write(self, work: Callable[[sqlite3.Connection], object]) -> None:
        """In one transaction, again and again until the disk takes it."""
        said = ""
        while True:
            try:
                await self._db.write(work)
            except (StoreError, LedgerError, LimitError) as error:
                if str(error) != said:
                    log.error("an outcome waits to be written: %s", error)
                said = str(error)
                await self._clock.sleep(AGAIN)
            else:
                return

    def _unknown(
        self, connection: sqlite3.Connection, plan: Plan, intent: int, outcome: book.Outcome
    ) -> None:
        row = connection.execute("SELECT state FROM intent WHERE id = ?", (intent,)).fetchone()
        if row is not None and row[0] == "open":
            self._finished(connection, plan, intent, outcome)

    def _finished(
        self, connection: sqlite3.Connection, plan: Plan, intent: int, outcome: book.Outcome
    ) -> None:
        """The outcome in the book; whose automation it froze is told."""
        before = reading.standing(connection, plan.automation)
        after = book.finish(connection, self._ledger, intent, outcome)
        if after.frozen and not before.frozen:
            self._letters.frozen(connection, plan, intent, after.frozen, outcome.reason)

    def _lapse(self, connection: sqlite3.Connection) -> int:
        approval.lapse(connection, self._ledger, self._clock.wall())
        lapsed = book.lapse(connection, self._ledger, self._clock.wall())
        for one in lapsed:
            if one.froze:
                self._letters.frozen(connection, one.plan, one.intent, one.froze, UNMEASURED)
        return len(lapsed)

    async def _finish(self, plan: Plan, intent: int, course: Course) -> None:
        outcome = book.Outcome(
            state=course.state,
            by=NODE,
            reason=course.words,
            measured=measured(course.results),
            untouched=course.untouched,
            output=course.output,
            at=self._clock.wall(),
        )
        await self.write(lambda connection: self._finished(connection, plan, intent, outcome))
        self._db.bell("outbox").set()
        log.info("intent %d of %s: %s, %s", intent, plan.principal, course.state, course.words)

    async def _worked(self, plan: Plan) -> dict[str, bool]:
        """By target: whether it worked before the act that this one takes back; empty where it takes none
        back, or that one is gone."""
        if not plan.undoes:
            return {}
        return await self._db.read(lambda connection: intents.worked(connection, plan.undoes))

    def _marked(self, plan: Plan) -> Plan:
        """With the runs that are heard now, so that a restart can be told from none also after a crash."""
        targets = []
        for target in plan.targets:
            seen = self._scene.view.see(target.name)
            targets.append(
                msgspec.structs.replace(target, incarnation=seen.incarnation if seen is not None else 0)
            )
        return msgspec.structs.replace(plan, targets=tuple(targets))

    def _left(
        self, connection: sqlite3.Connection, plan: Plan
    ) -> tuple[dict[str, Guard], breakglass.Glass | None]:
        """All guards; or, with the glass that whoever asks broke, those of sense alone."""
        who, now = plan.asker, self._steady.now()
        glass = breakglass.standing(connection, now)
        mine = glass if glass is not None and glass.who == who else None
        return breakglass.left(self._guards, mine, who, plan, now), mine

    # Between the stages of an act; see `gadfly.act.run.Steps`.

    async def permit(
        self, plan: Plan, intent: Intent, cell: str, left: tuple[Target, ...], first: bool
    ) -> str:
        """A permission for a cell. Before each stage but the first the guards are asked anew."""
        while not first:
            rest = self._scene.afresh(plan, [target.name for target in left])
            seen = self._scene.situation(rest)
            try:
                decision = await self._db.write(partial(self._again, intent.id, rest, seen))
            except (StoreError, LedgerError, LimitError) as error:
                raise Refused(f"the gate could not be asked: {error}", 503) from None
            if decision.allowed:
                break
            passing = all(one.guard in PASSING for one in decision.refusals)
            if not passing or self._clock.wall() + REST >= intent.ends:
                raise Refused(decision.words, 409)
            await self._clock.sleep(REST)
        now = self._steady.now()
        found = Capability(
            plan=plan.hash,
            intent=intent.entry,
            fence=intent.id,
            cell=cell,
            executor=self._executor.name,
            issued=now,
            ends=now + capability.LASTS,
        )
        return capability.issue(self._key, found)

    def _again(self, intent: int, rest: Plan, seen: Situation, connection: sqlite3.Connection) -> Decision:
        guards, _ = self._left(connection, rest)
        return book.again(
            connection, self._ledger, intent, rest, self._doubted(connection, seen), guards=guards
        )

    def _doubted(self, connection: sqlite3.Connection, seen: Situation) -> Situation:
        if doubt := self._doubt(connection):
            return msgspec.structs.replace(seen, doubt=doubt)
        return seen

    async def verified(self, intent: Intent, cell: str, found: dict[str, str]) -> None:
        """A cell was measured and others follow."""
        outcome = book.Outcome(state="verified", by=NODE, measured=found, at=self._clock.wall())
        await self.write(
            lambda connection: book.verified_in(connection, self._ledger, intent.id, cell, outcome)
        )


class _Stages:
    """The steps of one act."""

    def __init__(self, conduct: Conduct, plan: Plan, intent: Intent) -> None:
        self._conduct = conduct
        self._plan = plan
        self._intent = intent

    async def permit(self, cell: str, left: tuple[Target, ...], first: bool) -> str:
        return await self._conduct.permit(self._plan, self._intent, cell, left, first)

    async def verified(self, cell: str, measured: dict[str, str]) -> None:
        await self._conduct.verified(self._intent, cell, measured)
