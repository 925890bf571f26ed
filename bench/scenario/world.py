"""The world in which a scenario is played: a simulated fleet, and the real gate, book, ledger and capability.

The way of an act is that of the node. The actor's plan is proposed in a real store with a real ledger; what is
allowed gets a signed permission for each stage; the executor verifies it; the effect is on simulated units; the
outcome is measured here, never told by the actor. Time moves only when the world waits.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly.act import approval, book, capability, conduct, proving, standing_book, stop_book
from gadfly.act import automation as terms_of
from gadfly.act.capability import Capability
from gadfly.act.gate import Decision
from gadfly.act.grant import Rules, rules
from gadfly.act.guard import Guard
from gadfly.act.lease import Renewal
from gadfly.act.plan import Input, Plan, Target
from gadfly.act.situation import Fleet as Counts
from gadfly.act.situation import Freeze, Part, Sight, Situation
from gadfly.config import Owner
from gadfly.config_act import Automation, Gate, Grant, Limits
from gadfly.errors import GadflyError, Refused

from scenario.attack import database, transaction
from scenario.effect import Executor
from scenario.fleet import REGIONS, Fleet, Unit, anything
from scenario.ledger import Ledger
from scenario.trouble import NONE, Trouble

START = 1_800_000_000.0
DAY = 86_400.0
STRUCTURE = ("capability", "canary", "observer", "transaction")
"""What holds without being a guard: the executor verifies; one target first; another measures; the ledger's line
and the fact are one transaction."""
TOP = "operations"
PASSING = conduct.PASSING | {"ledger"}

Effect = Callable[[Unit], None]


@dataclass(frozen=True)
class Attempt:
    """What became of one try."""

    held: frozenset[str] = frozenset()
    """By what it was held: names of guards, of :data:`STRUCTURE`, or `ledger`."""
    touched: int = 0
    """Units on which something was done."""
    words: str = ""

    @property
    def allowed(self) -> bool:
        """Whether the gate allowed it."""
        return not self.held or self.touched > 0


class Enough(Exception):
    """The harm has come back: nothing more is learnt by playing on."""


@dataclass
class Track:
    """The harm over time."""

    first: float | None = None
    last: float | None = None
    worst: float = 0.0


@dataclass
class Declared:
    """The catalogue, as far as the gate reads it."""

    automations: dict[str, Automation] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    gate: Gate = field(default_factory=Gate)


class World:
    """`guards` are those in force; `off` those of :data:`STRUCTURE` that are not. `harm` is measured after each
    act."""

    regions = REGIONS

    def __init__(
        self,
        folder: Path,
        guards: Mapping[str, Guard],
        *,
        off: frozenset[str] = frozenset(),
        trouble: Trouble = NONE,
        seed: int = 1,
    ) -> None:
        self.now = START
        self.dice = random.Random(seed)
        self.fleet = Fleet(self.now)
        self.guards = dict(guards)
        self.off = off
        self.trouble = trouble
        self.sight = Sight()
        self.lost = 0
        self.versions: dict[str, str] = {}
        self.witness = 0.0
        """The time of the newest cosignature of a witness."""
        self.count: Counter[str] = Counter()
        self.attempts: list[Attempt] = []
        self.track = Track()
        self.enough = math.inf
        self.harm: Callable[[World], float] = lambda world: 0.0
        self.decisive: list[int] = []
        """Ledger places of what was decided and done."""
        self.latency: list[float] = []
        self._declared = Declared()
        self._policy: Rules | None = None
        self._freezes: list[Freeze] = []
        self._broken: dict[str, Guard] = {}
        self._key = _key()
        self.connection = database(folder / "gadfly.db")
        self._other = sqlite3.connect(folder / "gadfly.db", isolation_level=None)
        self._dead = False
        self._turn = 0
        self.ledger = Ledger("gadfly/simulated/1", self._key)
        self.ledger.silent = "transaction" in off
        if trouble.ledger:
            self.ledger.slow = self._slow
        self.executor = Executor("edge-1", self._key.public_key(), trouble.skew)
        self._healed = False
        self._proven = -DAY
        self._prove()
        self._renew()

    # What was so before.

    def declare(
        self,
        name: str,
        run: str,
        *,
        owner: str,
        on: str,
        undo: str,
        at_once: int = 1000,
        group: str = "100%",
        fleet: str = "100%",
        per_hour: int = 100_000,
        tries_per_target: int = 100_000,
        limit: float = 0.0,
        level: str = "act",
        **more: Any,
    ) -> None:
        """An automation that has earned everything, and whose own limits are as wide as its scenario leaves
        them."""
        limits = Limits(
            at_once=at_once,
            group=group,
            fleet=fleet,
            per_hour=per_hour,
            tries_per_target=tries_per_target,
            cost=limit,
        )
        self._declared.automations[name] = Automation(
            owner=owner,
            purpose="What it did then, as those who made it meant it.",
            targets=on,
            run=run,
            limits=limits,
            expect="component healthy within 1m",
            undo=undo,
            level=level,  # type: ignore[arg-type]
            expires=dt.date(2040, 1, 1),
            review=dt.date(2039, 1, 1),
            **more,
        )
        self._policy = None
        with transaction(self.connection):
            self.connection.execute(
                "INSERT OR REPLACE INTO standing (automation, level, since, failures, frozen, proposed)"
                " VALUES (?, 'act', 0, 0, '', '')",
                (name,),
            )

    def permit(
        self, to: str, may: str, *, on: str, owner: str, since: float | None = None, until: float | None = None
    ) -> None:
        """A grant; for a shift of six hours where nothing else is said."""
        start = self.now - 600 if since is None else since
        end = start + (6 * 3600 if not to.startswith("automation:") else 400 * DAY) if until is None else until
        self._declared.grants[f"g{len(self._declared.grants)}"] = Grant(
            to=(to,),
            may=(may,),
            on=on,
            owner=owner,
            since=dt.datetime.fromtimestamp(start, dt.UTC),
            until=dt.datetime.fromtimestamp(end, dt.UTC),
            because="how it was then",
        )
        self._policy = None

    def rule(self, **limits: Any) -> None:
        """Limits of the gate itself."""
        self._declared.gate = msgspec.structs.replace(self._declared.gate, **limits)

    def breaks(self, guard: str) -> None:
        """From now on this guard says yes to everything; the guards prove themselves, as every week."""
        if guard in self.guards:
            self._broken = {guard: self.guards[guard]}
            self.guards[guard] = _says_yes
        self._proven = -DAY
        self._prove()

    # What people do.

    def stop(self, scope: str, name: str, *, who: str, because: str) -> None:
        """One act of a person that stops everything it covers."""
        answers = self._declared.automations[name].owner if scope == "automation" else name
        self._insist(
            lambda connection: stop_book.put(
                connection,
                self.ledger,
                scope=scope,  # type: ignore[arg-type]
                name=name,
                owner=answers,
                who=who,
                because=because,
                now=self.now,
            )
        )
        self._renew()

    def resume(self, *, who: str) -> bool:
        """Somebody tries to lift every stop; whether one was lifted."""
        lifted = False
        for one in stop_book.in_force(self.connection):
            try:
                with transaction(self.connection):
                    stop_book.lift(
                        self.connection,
                        self.ledger,
                        one.id,
                        who=who,
                        speaks_for=(),
                        owners=OWNERS,
                        because="the configuration says that it runs",
                        now=self.now,
                    )
                lifted = True
            except (Refused, sqlite3.OperationalError):
                continue
        self._renew()
        return lifted

    def freeze(self, name: str, *, on: str, who: str, because: str) -> None:
        """Nothing that `on` matches is changed until it is lifted."""
        self._freezes.append(Freeze(name=name, on=on, starts=self.now, who=who, because=because))

    def approve(self, decision: Decision, who: str) -> bool:
        """A person says yes to a waiting plan; whether that was written down."""
        number = decision.request
        if number is None:
            return False
        try:
            with transaction(self.connection):
                approval.approve(
                    self.connection,
                    self.ledger,
                    number,
                    who=who,
                    speaks_for=(TOP,),
                    owners=OWNERS,
                    note="looks as usual",
                    now=self.now,
                )
        except (sqlite3.Error, GadflyError):
            return False
        return True

    def consent(self, owner: str, principal: str, action: str, unit: Unit | None = None) -> None:
        """An owner's yes to acts of somebody else on what is its own: on one unit, or on all."""
        self._insist(
            lambda connection: approval.consent(
                connection,
                self.ledger,
                owner=owner,
                principal=principal,
                action=action,
                target=unit.name if unit else "",
                who=f"person:{owner}-lead",
                speaks_for=(owner,),
                owners=OWNERS,
                now=self.now,
                lasts=300 * DAY,
            )
        )

    def release(self, unit: Unit, symptom: str, *, who: str) -> bool:
        """Somebody tries to take the brake off; whether it is off."""
        try:
            with transaction(self.connection):
                standing_book.release_brake(
                    self.connection, self.ledger, unit.name, symptom, who=who, because="again", now=self.now
                )
        except (sqlite3.Error, GadflyError):
            return False
        return True

    def unwritten_approvals(self) -> int:
        """Approvals that are in force and have no line in the ledger."""
        (rows,) = self.connection.execute("SELECT count(*) FROM approval").fetchone()
        written = sum(
            entry.kind == "approval" for _, entry, _ in self.ledger.read(self.connection, 0, 1 << 40)
        )
        return max(0, int(rows) - written)

    # What actors try.

    def attempt(
        self,
        by: str,
        units: Sequence[Unit],
        effect: Effect,
        *,
        reach: Sequence[Unit] | None = None,
        expect: Callable[[Unit], bool] = anything,
        says: bool = True,
        approver: str = "",
        answers: bool = True,
        **facts: Any,
    ) -> Attempt:
        """Propose it, and do what was allowed.

        `by` is an automation's name or a principal; `reach` what its tool would really touch (the targets,
        where nothing else is said); `says` what it reports of itself; `approver` who would say yes; `answers`
        False for an act whose end nobody ever sees. `facts` are fields of the plan.
        """
        plan = self.plan(by, units, **facts)
        found = self._attempt(plan, list(units if reach is None else reach), effect, expect, says, approver, answers)
        self.attempts.append(found)
        if found.touched:
            self.measure()
        return found

    def plan(self, by: str, units: Sequence[Unit], **facts: Any) -> Plan:
        """What the actor asks for, built by its own tool: nothing of ours has looked at it yet."""
        automation = self._declared.automations.get(by)
        person = ":" in by
        if automation is not None:
            action, argument = terms_of.split_run(automation.run)
            given: dict[str, Any] = {
                "owner": automation.owner,
                "action": action,
                "argument": argument,
                "expect": automation.expect,
                "undo": "" if automation.undo == terms_of.IRREVERSIBLE else automation.undo,
                "destructive": automation.destructive,
                "disturbs": automation.disturbs,
                "crosses": automation.crosses,
                "cost": automation.cost * len(units),
                "environment": automation.environment,
            }
        else:
            given = {"owner": units[0].owner if units and person else ""}
        given |= {
            "principal": by if person else f"automation:{by}",
            "automation": "" if person else by,
            "targets": tuple(map(_target, units)),
            "inputs": (Input(name="picture", at=self.now),),
            "made": self.now,
            "trigger": "simulated",
        }
        return Plan(**(given | facts))

    def misuse(
        self, by: str, few: Sequence[Unit], many: Sequence[Unit], effect: Effect, *, approver: str
    ) -> None:
        """Get a permission for a few, and hand it to the executor with a plan for many."""
        meant, wanted = self.plan(by, few), self.plan(by, many)
        decision = self._decide(meant, approver)
        if decision is None or decision.intent is None:
            self.attempts.append(Attempt(_names(decision)))
            return
        permission = self._permission(decision, few[0].region)
        words = self.executor.perform(
            permission,
            wanted,
            few[0].region,
            list(many),
            effect,
            now=self.now,
            verified="capability" not in self.off,
        )
        self.attempts.append(Attempt(frozenset({"capability"} if words else ()), 0 if words else len(many), words))
        state = "cancelled" if words else "verified"
        self._finish(decision, book.Outcome(state=state, by="node", reason=words, at=self.now))
        self.measure()

    def permission(self, plan: Plan) -> str:
        """The signed permission for the first cell of a plan that the gate allows, not used yet."""
        decision = self._propose(plan)
        assert decision is not None
        return self._permission(decision, plan.targets[0].cell)

    # What follows by itself.

    def wait(self, seconds: float) -> None:
        """Time passes; what the node does of itself in that time is done."""
        self.now += seconds
        self._prove()
        self._renew()
        try:
            with transaction(self.connection):
                book.lapse(self.connection, self.ledger, self.now)
                self.ledger.checkpoint(self.connection)
        except (sqlite3.Error, GadflyError):
            return  # the next second tries again

    def heal(self) -> None:
        """All trouble is over: the ledger is quick, people are back, what was left open is measured."""
        self._healed = True
        self.ledger.slow = None
        self.ledger.refuses = frozenset()
        self.sight, self.lost = Sight(), 0
        self.versions = {}
        self._dead = False
        self.wait(2 * self._declared.gate.authority)
        for (number,) in self.connection.execute(
            "SELECT id FROM intent WHERE state IN ('open', 'unknown')"
        ).fetchall():
            outcome = book.Outcome(state="failed", by="node", reason="measured after all", at=self.now)
            self._insist(lambda connection, number=number, outcome=outcome: book.finish(connection, self.ledger, number, outcome))

    def people_return(self) -> None:
        """Whoever ordered stops and freezes lifts them; whoever runs the node repairs a broken guard."""
        if self._broken:
            self.guards |= self._broken
            self._broken = {}
            self._proven = -DAY
            self._prove()
        for one in stop_book.in_force(self.connection):
            self.resume(who=one.who)
        self._freezes.clear()

    def close(self) -> None:
        """Let go of the store."""
        self._other.close()
        self.connection.close()

    def measure(self) -> None:
        """Note the harm as it is now."""
        harm = self.harm(self)
        if harm > self.track.worst:
            self.track.first = self.now if self.track.first is None else self.track.first
            self.track.last = self.now
            self.track.worst = harm
        if harm >= self.enough:
            raise Enough

    def gone(self, group: str) -> int:
        """How many of a group are lost for good."""
        return sum(unit.state == "gone" for unit in self.fleet.group(group))

    # The way of an act.

    def _attempt(
        self,
        plan: Plan,
        reach: list[Unit],
        effect: Effect,
        expect: Callable[[Unit], bool],
        says: bool,
        approver: str,
        answers: bool,
    ) -> Attempt:
        decision = self._decide(plan, approver)
        if decision is None or decision.intent is None:
            return Attempt(_names(decision), words="" if decision is None else decision.words)
        if self.trouble.replica and not self._dead and not self._healed:
            self._dead = True  # it dies between the intent and the effect
            return Attempt(frozenset({"replica"}))
        return self._carry_out(plan, decision, reach, effect, expect, says, answers)

    def _carry_out(
        self,
        plan: Plan,
        decision: Decision,
        reach: list[Unit],
        effect: Effect,
        expect: Callable[[Unit], bool],
        says: bool,
        answers: bool,
    ) -> Attempt:
        touched: list[Unit] = []
        held = words = ""
        for stage in self._stages(plan, reach):
            cell = stage[0].region
            if touched and touched[-1].region != cell:
                self._verified(decision, touched[-1].region)
            if touched and (words := self._patiently(decision, plan, touched)):
                held = "again"
                break
            permission = self._permission(decision, cell)
            verified = "capability" not in self.off
            words = self.executor.perform(permission, plan, cell, stage, effect, now=self.now, verified=verified)
            if words:
                held = "capability"
                break
            touched += stage
            good = all(map(expect, stage)) if "observer" not in self.off else says
            if not good and "canary" not in self.off:
                held, words = "canary" if "observer" not in self.off else "observer", "the post-condition does not hold"
                break
        if answers:
            good = not held and (all(map(expect, touched)) if "observer" not in self.off else says)
            state: Any = "verified" if good else "failed" if touched else "cancelled"
            measured = {unit.name: unit.state for unit in touched[:10]}
            self._finish(
                decision, book.Outcome(state=state, by="node", reason=words, measured=measured, at=self.now)
            )
        return Attempt(frozenset({held} if held else ()), len(touched), words)

    def _stages(self, plan: Plan, reach: list[Unit]) -> list[list[Unit]]:
        """One target, the rest of its cell, then cell after cell; everything at once where nothing is staged."""
        if "canary" in self.off:
            return [reach] if reach else []
        cells = plan.cells or tuple(dict.fromkeys(unit.region for unit in reach))
        found: list[list[Unit]] = []
        for cell in cells:
            here = [unit for unit in reach if unit.region == cell]
            found += [here] if found else [here[:1], here[1:]]
        return [stage for stage in found if stage]

    def _verified(self, decision: Decision, cell: str) -> None:
        """A cell is done: what it held is free again."""
        assert decision.intent is not None
        number = decision.intent.id
        outcome = book.Outcome(state="verified", by="node", at=self.now)
        self._insist(lambda connection: book.verified_in(connection, self.ledger, number, cell, outcome))

    def _patiently(self, decision: Decision, plan: Plan, touched: list[Unit]) -> str:
        """Ask for the next stage; where it only must rest, ask again, as the node does. Empty, or why it ends."""
        assert decision.intent is not None
        while held := self._again(decision, plan, touched):
            passing = held <= PASSING
            if not passing or self.now + conduct.REST >= decision.intent.ends:
                return ", ".join(sorted(held))
            self.wait(conduct.REST)
        return ""

    def _again(self, decision: Decision, plan: Plan, touched: list[Unit]) -> frozenset[str]:
        """The guards are asked about what is left before each further stage; those that refuse."""
        done = {unit.name for unit in touched}
        left = tuple(target for target in plan.targets if target.name not in done)
        cells = tuple(cell for cell in plan.cells if any(target.cell == cell for target in left))
        later = self.now - plan.made
        inputs = tuple(msgspec.structs.replace(one, at=one.at + later) for one in plan.inputs)
        rest = msgspec.structs.replace(plan, targets=left, cells=cells, inputs=inputs, made=self.now)
        assert decision.intent is not None
        number = decision.intent.id
        try:
            with transaction(self.connection):
                found = book.again(
                    self.connection, self.ledger, number, rest, self._situation(rest), guards=self.guards
                )
        except (sqlite3.Error, GadflyError):
            return frozenset({"ledger"})
        return frozenset(one.guard for one in found.refusals)

    def _decide(self, plan: Plan, approver: str) -> Decision | None:
        decision = self._propose(plan)
        if decision is not None and decision.waits and approver and not (self.trouble.absent and not self._healed):
            if not self.approve(decision, approver):
                return None
            decision = self._propose(plan)
        return decision

    def _propose(self, plan: Plan) -> Decision | None:
        """The gate's decision; None where the ledger did not take it, and so nothing was decided."""
        self._turn += 1
        second = not self._dead and self.trouble.replica and self._turn % 2 == 0
        connection = self._other if second else self.connection
        try:
            with transaction(connection):
                decision = book.propose(
                    connection, self.ledger, plan, self._situation(plan), guards=self.guards
                )
        except (sqlite3.Error, GadflyError):
            return None
        if decision.entry is not None and len(self.decisive) < 1000:
            self.decisive.append(decision.entry)
        return decision

    def _permission(self, decision: Decision, cell: str) -> str:
        assert decision.intent is not None
        return capability.issue(
            self._key,
            Capability(
                plan=decision.plan,
                intent=decision.intent.entry,
                fence=decision.intent.id,
                cell=cell,
                executor=self.executor.name,
                issued=self.now,
                ends=self.now + capability.LASTS,
            ),
        )

    def _finish(self, decision: Decision, outcome: book.Outcome) -> None:
        assert decision.intent is not None
        number = decision.intent.id
        self._insist(lambda connection: book.finish(connection, self.ledger, number, outcome))

    def _insist(self, work: Callable[[sqlite3.Connection], object]) -> None:
        """A person, or the node, tries until the ledger takes it; each try costs a second."""
        for _ in range(1000):
            try:
                with transaction(self.connection):
                    work(self.connection)
            except sqlite3.OperationalError:
                self.now += 1.0
                continue
            return

    # What the node sees.

    def _situation(self, plan: Plan) -> Situation:
        automation = self._declared.automations.get(plan.automation)
        if self._policy is None:
            self._policy = rules(self._declared.grants, self._declared.automations)
        behind = self.trouble.skew if self._turn % 2 == 0 and not self._healed else 0.0
        return Situation(
            now=self.now - behind,
            witness=self.witness,
            rules=self._declared.gate,
            terms=terms_of.terms(plan.automation, automation) if automation is not None else None,
            policy=self._policy,
            fleet=self._counts(),
            sight=self.sight,
            lost=self.lost,
            versions=self.versions,
            freezes=tuple(self._freezes),
        )

    def _counts(self) -> Counts:
        total: Counter[str] = Counter()
        well: Counter[str] = Counter()
        for unit in self.fleet:
            total[unit.group] += 1
            total[f"cell {unit.region}"] += 1
            if unit.state == "up":
                well[unit.group] += 1
                well[f"cell {unit.region}"] += 1
        parts = {name: Part(count, well[name]) for name, count in total.items()}
        return Counts(
            whole=Part(len(self.fleet.units), sum(parts[f"cell {region}"].well for region in REGIONS)),
            groups={name: part for name, part in parts.items() if not name.startswith("cell ")},
            cells={region: parts[f"cell {region}"] for region in REGIONS},
        )

    def _prove(self) -> None:
        """The guards prove themselves when a week is over."""
        if self.now - self._proven < proving.WEEK:
            return
        found = _proofs(tuple(self.guards.items()))
        self._insist(lambda connection: proving.record(connection, self.ledger, found, self.now))
        self._proven = self.now

    def _renew(self) -> None:
        """The executor's lease: it hears of every stop, and has authority for the next half minute."""
        stops = stop_book.shown(self.connection, self.now - 60)
        self.executor.authority.renew(self.now, Renewal(mark=str(self.now), lasts=30.0, stops=stops))

    def _slow(self) -> None:
        if self._healed:
            return
        self.now += 2.0
        if self.now - START < 120 or self.dice.random() < 0.2:
            raise sqlite3.OperationalError("disk I/O error")


OWNERS = {
    TOP: Owner(contact=("exec:/bin/true",)),
    **{
        name: Owner(contact=("exec:/bin/true",), owner=TOP)
        for name in sorted({unit.owner for unit in Fleet(0.0)})
    },
}


@functools.cache
def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@functools.cache
def _proofs(guards: tuple[tuple[str, Guard], ...]) -> tuple[proving.Proven, ...]:
    return proving.prove(START, dict(guards))


def _says_yes(plan: Plan, situation: Situation) -> str | None:
    return None


def _names(decision: Decision | None) -> frozenset[str]:
    if decision is None:
        return frozenset({"ledger"})
    return frozenset(one.guard for one in decision.refusals)


def _target(unit: Unit) -> Target:
    return Target(
        name=unit.name,
        kind=unit.kind,
        owner=unit.owner,
        group=unit.group,
        cell=unit.region,
        region=unit.region,
        environment=unit.environment,
        labels={"region": unit.region, "tier": str(unit.tier)},
        well=unit.well,
        used=unit.used,
    )
