"""The node of a scenario: the real store, ledger, book, proofs, permissions and lease, with its troubles.

What it does is what the node does, without its loops: a plan is decided in one transaction with its entry; a stage
gets a signed permission; between stages the guards are asked again; the outcome is written by another than the
actor. What the ledger does not take is tried again, or not done.
"""

from __future__ import annotations

import functools
import random
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly.act import conduct
from gadfly.act.approvals import approval
from gadfly.act.books import book
from gadfly.act.executing import capability
from gadfly.act.executing.capability import Capability
from gadfly.act.executing.lease import Renewal
from gadfly.act.gate import Decision
from gadfly.act.guard import Guard
from gadfly.act.halt import stop_book
from gadfly.act.plan import Plan, Target
from gadfly.act.proof import proving
from gadfly.act.situation import Situation
from gadfly.errors import GadflyError
from scenario.attack import START, database, transaction
from scenario.catalogue import OWNERS, TOP
from scenario.effect import Executor
from scenario.ledger import Ledger
from scenario.trouble import Trouble

PASSING = conduct.PASSING | {"ledger"}
"""What passes by itself while an act waits between two stages."""
DAY = 86_400.0


class Node:
    """`look` says what is seen at the moment of a decision; `off` names what of the structure is left out."""

    def __init__(
        self,
        folder: Path,
        guards: Mapping[str, Guard],
        look: Callable[[Plan], Situation],
        off: frozenset[str],
        trouble: Trouble,
        seed: int,
    ) -> None:
        self.now = START
        self.guards = dict(guards)
        self.trouble = trouble
        self.dead = False
        """One of the two gates has died."""
        self.decisive: list[int] = []
        """Ledger places of what was decided."""
        self._look = look
        self._dice = random.Random(seed)
        self._turn = 0
        self._broken: dict[str, Guard] = {}
        self._proven = -DAY
        self._healed = False
        self._key = _key()
        self.connection = database(folder / "gadfly.db")
        self._second = sqlite3.connect(folder / "gadfly.db", isolation_level=None)
        self.ledger = Ledger("gadfly/simulated/1", self._key)
        self.ledger.silent = "transaction" in off
        self.ledger.slow = self._slow if trouble.ledger else None
        self.executor = Executor("edge-1", self._key.public_key(), trouble.skew)
        self.prove()
        self.renew()

    # One act.

    def decide(self, plan: Plan, approver: str = "") -> Decision | None:
        """The decision, after a person's word where that is all it lacks and can be had. None: the ledger takes
        nothing, so nothing is decided."""
        decision = self.propose(plan)
        if (
            decision is None
            or not decision.waits
            or not approver
            or (self.trouble.absent and not self._healed)
        ):
            return decision
        return self.propose(plan) if self._approve(decision, approver) else decision

    def propose(self, plan: Plan) -> Decision | None:
        """The gate's decision; None where the ledger did not take it."""
        self._turn += 1
        second = self.trouble.replica and not self.dead and self._turn % 2 == 0
        connection = self._second if second else self.connection
        try:
            with transaction(connection):
                decision = book.propose(connection, self.ledger, plan, self._look(plan), guards=self.guards)
        except (sqlite3.Error, GadflyError):
            return None
        if decision.entry is not None:
            self.decisive.append(decision.entry)
        return decision

    def dies(self) -> bool:
        """Whether a gate dies now, between an intent and its effect."""
        if not self.trouble.replica or self.dead or self._healed:
            return False
        self.dead = True
        return True

    def permission(self, decision: Decision, cell: str) -> str:
        """The signed permission for one stage."""
        assert decision.intent is not None
        found = Capability(
            plan=decision.plan,
            intent=decision.intent.entry,
            fence=decision.intent.id,
            cell=cell,
            executor=self.executor.name,
            issued=self.now,
            ends=self.now + capability.LASTS,
        )
        return capability.issue(self._key, found)

    def verified(self, decision: Decision, cell: str) -> None:
        """A cell is done: what it held is free again."""
        outcome = book.Outcome(state="verified", by="node", at=self.now)
        number = _number(decision)
        self.insist(lambda connection: book.verified_in(connection, self.ledger, number, cell, outcome))

    def permits_more(self, decision: Decision, plan: Plan, left: tuple[Target, ...]) -> str:
        """Ask for what is left before each further stage; where it only must rest, ask again. Empty, or by what it
        ends."""
        assert decision.intent is not None
        while held := self._again(decision, plan, left):
            if not held <= PASSING or self.now + conduct.REST >= decision.intent.ends:
                return ", ".join(sorted(held))
            self.wait(conduct.REST)
        return ""

    def finish(self, decision: Decision, outcome: book.Outcome) -> None:
        """Write down what became of it."""
        number = _number(decision)
        self.insist(lambda connection: book.finish(connection, self.ledger, number, outcome))

    def _again(self, decision: Decision, plan: Plan, left: tuple[Target, ...]) -> frozenset[str]:
        cells = tuple(cell for cell in plan.cells if any(target.cell == cell for target in left))
        later = self.now - plan.made
        inputs = tuple(msgspec.structs.replace(one, at=one.at + later) for one in plan.inputs)
        rest = msgspec.structs.replace(plan, targets=left, cells=cells, inputs=inputs, made=self.now)
        number = _number(decision)
        try:
            with transaction(self.connection):
                found = book.again(
                    self.connection, self.ledger, number, rest, self._look(rest), guards=self.guards
                )
        except (sqlite3.Error, GadflyError):
            return frozenset({"ledger"})
        return frozenset(one.guard for one in found.refusals)

    def _approve(self, decision: Decision, who: str) -> bool:
        """A person says yes to a waiting plan; whether that was written down."""
        if decision.request is None:
            return False
        try:
            with transaction(self.connection):
                approval.approve(
                    self.connection,
                    self.ledger,
                    decision.request,
                    who=who,
                    speaks_for=(TOP,),
                    owners=OWNERS,
                    note="looks as usual",
                    now=self.now,
                )
        except (sqlite3.Error, GadflyError):
            return False
        return True

    # What goes on by itself.

    @property
    def behind(self) -> float:
        """Seconds by which the clock of the gate whose turn it is lags."""
        return self.trouble.skew if self._turn % 2 == 0 and not self._healed else 0.0

    def wait(self, seconds: float) -> None:
        """Time passes; what the node does of itself in that time is done."""
        self.now += seconds
        self.prove()
        self.renew()
        try:
            with transaction(self.connection):
                book.lapse(self.connection, self.ledger, self.now)
                self.ledger.checkpoint(self.connection)
        except (sqlite3.Error, GadflyError):
            return  # the next time it tries again

    def insist(self, work: Callable[[sqlite3.Connection], object]) -> None:
        """A person, or the node, tries until the ledger takes it; each try costs a second."""
        for _ in range(1000):
            try:
                with transaction(self.connection):
                    work(self.connection)
            except sqlite3.OperationalError:
                self.now += 1.0
                continue
            return

    def renew(self) -> None:
        """The executor's lease: it hears of every stop, and has authority for the next half minute."""
        stops = stop_book.shown(self.connection, self.now - 60)
        self.executor.authority.renew(self.now, Renewal(mark=str(self.now), lasts=30.0, stops=stops))

    def prove(self) -> None:
        """The guards prove themselves when a week is over."""
        if self.now - self._proven < proving.WEEK:
            return
        found = _proofs(tuple(self.guards.items()))
        self.insist(lambda connection: proving.record(connection, self.ledger, found, self.now))
        self._proven = self.now

    def breaks(self, guard: str) -> None:
        """From now on this guard says yes to everything; the guards prove themselves, as every week."""
        if guard in self.guards:
            self._broken = {guard: self.guards[guard]}
            self.guards[guard] = _says_yes
        self._proven = -DAY
        self.prove()

    def repair(self) -> None:
        """Whoever runs the node puts a broken guard right."""
        if self._broken:
            self.guards |= self._broken
            self._broken = {}
            self._proven = -DAY
            self.prove()

    def heal(self) -> None:
        """All trouble is over; what was left open is measured, and did not work."""
        self._healed = True
        self.ledger.slow = None
        self.ledger.refuses = frozenset()
        self.wait(7200.0)
        rows = self.connection.execute("SELECT id FROM intent WHERE state IN ('open', 'unknown')").fetchall()
        outcome = book.Outcome(state="failed", by="node", reason="measured after all", at=self.now)
        for (number,) in rows:
            self.insist(functools.partial(self._measured, number, outcome))

    def close(self) -> None:
        """Let go of the store."""
        self._second.close()
        self.connection.close()

    def _measured(self, number: int, outcome: book.Outcome, connection: sqlite3.Connection) -> None:
        book.finish(connection, self.ledger, number, outcome)

    def _slow(self) -> None:
        self.now += 2.0
        if self.now - START < 120 or self._dice.random() < 0.2:
            raise sqlite3.OperationalError("disk I/O error")


@functools.cache
def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@functools.cache
def _proofs(guards: tuple[tuple[str, Guard], ...]) -> tuple[proving.Proven, ...]:
    return proving.prove(START, dict(guards))


def _says_yes(plan: Plan, situation: Situation) -> str | None:
    return None


def _number(decision: Decision) -> int:
    assert decision.intent is not None
    return decision.intent.id
