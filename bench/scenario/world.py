"""The world in which a scenario is played: a simulated fleet before a real node.

The actor's plan is proposed in a real store with a real ledger; what is allowed gets a signed permission for each
stage; the executor verifies it; the effect is on simulated units; the outcome is measured here, never told by the
actor. Time moves only when the world waits.
"""

from __future__ import annotations

import math
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from gadfly.act import automation as terms_of
from gadfly.act.books import book
from gadfly.act.doubt.agreement import differences
from gadfly.act.doubt.told import KINDS, Told
from gadfly.act.gate import Decision
from gadfly.act.guard import Guard
from gadfly.act.plan import Input, Plan, Target
from gadfly.act.situation import Fleet as Counts
from gadfly.act.situation import Part, Sight, Situation
from gadfly.ledger.entry import Entry
from gadfly.ledger.log import Log
from scenario.attack import START, transaction
from scenario.catalogue import Catalogue
from scenario.course import Attempt, Course, Effect, perform
from scenario.fleet import REGIONS, Fleet, Unit, anything
from scenario.ledger import Ledger
from scenario.node import Node
from scenario.people import People
from scenario.trouble import NONE, Trouble

DAY = 86_400.0


class Enough(Exception):
    """The harm has come back: nothing more is learnt by playing on."""


class Ticket(NamedTuple):
    """A permission that somebody holds."""

    plan: Plan
    decision: Decision
    permission: str


@dataclass
class Track:
    """When harm was first and last seen to grow, and how far it came."""

    first: float | None = None
    last: float | None = None
    worst: float = 0.0


class World:
    """`guards` are those in force; `off` those of `course.STRUCTURE` that are not. `harm` is measured after each
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
        self.fleet = Fleet(START)
        self.off = off
        self.sight = Sight()
        self.watched = False
        self.lost = 0
        self.versions: dict[str, str] = {}
        self.witness = 0.0
        """The time of the newest cosignature of a witness."""
        self.count: Counter[str] = Counter()
        """Whatever a scenario counts."""
        self.attempts: list[Attempt] = []
        self.harm: Callable[[World], float] = lambda world: 0.0
        self.enough = math.inf
        self.track = Track()
        self.last = "batch"
        """The group that was last aimed at."""
        self.catalogue = Catalogue()
        self.people = People(self)
        self.node = Node(folder, guards, self._situation, off, trouble, seed)

    @property
    def now(self) -> float:
        """Wall seconds."""
        return self.node.now

    @now.setter
    def now(self, moment: float) -> None:
        self.node.now = moment

    @property
    def ledger(self) -> Ledger:
        """The node's."""
        return self.node.ledger

    @property
    def connection(self) -> sqlite3.Connection:
        """The node's store."""
        return self.node.connection

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
        **more: Any,
    ) -> None:
        """An automation that has earned everything, and whose own limits are as wide as its scenario leaves
        them."""
        self.catalogue.automation(
            name,
            run,
            owner=owner,
            on=on,
            undo=undo,
            at_once=at_once,
            group=group,
            fleet=fleet,
            per_hour=per_hour,
            tries_per_target=tries_per_target,
            limit=limit,
            **more,
        )
        self.earned(name)

    def earned(self, name: str) -> None:
        """Its record has earned it the highest level."""
        raised = {"what": "raised", "from": "approve", "to": "act", "because": "before the incident"}
        about = (f"automation:{name}",)
        with transaction(self.connection):
            Log.append(
                self.ledger,
                self.connection,
                [Entry(kind="autonomy", who="node", about=about, body=raised, at=self.now)],
            )
            self.connection.execute(
                "INSERT OR REPLACE INTO standing (automation, level, since, failures, frozen, proposed)"
                " VALUES (?, 'act', 0, 0, '', '')",
                (name,),
            )

    def permit(
        self,
        to: str,
        may: str,
        *,
        on: str,
        owner: str,
        since: float | None = None,
        until: float | None = None,
    ) -> None:
        """A grant; for a shift of six hours where nothing else is said."""
        start = self.now - 600 if since is None else since
        self.catalogue.grant(to, may, on=on, owner=owner, since=start, until=until)

    def rule(self, **limits: Any) -> None:
        """Limits of the gate itself."""
        self.catalogue.rule(**limits)

    def breaks(self, guard: str) -> None:
        """From now on this guard says yes to everything."""
        self.node.breaks(guard)

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

        `by` is an automation's name or a principal; `reach` what its tool would really touch (the targets, where
        nothing else is said); `says` what it reports of itself; `approver` who would say yes; `answers` False for
        an act whose end nobody ever sees. `facts` are fields of the plan.
        """
        plan = self.plan(by, units, **facts)
        self.last = units[0].group if units else self.last
        decision = self.node.decide(plan, approver)
        if decision is None or decision.intent is None:
            found = Attempt(_names(decision))
        elif self.node.dies():
            found = Attempt(frozenset({"replica"}))
        else:
            reached = list(units if reach is None else reach)
            found = Course(
                node=self.node,
                off=self.off,
                plan=plan,
                decision=decision,
                reach=reached,
                effect=effect,
                expect=expect,
                says=says,
            ).run(answers)
        self.attempts.append(found)
        if found.touched:
            self.measure()
        return found

    def plan(self, by: str, units: Sequence[Unit], **facts: Any) -> Plan:
        """What the actor asks for, built by its own tool: nothing of ours has looked at it yet."""
        automation = self.catalogue.automations.get(by)
        person = ":" in by
        given: dict[str, Any] = {"owner": units[0].owner if units and person else ""}
        if automation is not None:
            action, argument = terms_of.split_run(automation.run)
            given = {
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
        given |= {
            "principal": by if person else f"automation:{by}",
            "automation": "" if person else by,
            "targets": tuple(map(target, units)),
            "inputs": (Input(name="picture", at=self.now),),
            "made": self.now,
            "trigger": "simulated",
        }
        return Plan(**(given | facts))

    def obtain(self, by: str, units: Sequence[Unit], *, approver: str = "") -> Ticket | None:
        """A permission for these, not used yet; None where the gate gave none."""
        plan = self.plan(by, units)
        decision = self.node.decide(plan, approver)
        if decision is None or decision.intent is None:
            self.attempts.append(Attempt(_names(decision)))
            return None
        return Ticket(plan, decision, self.node.permission(decision, plan.targets[0].cell))

    def use(self, ticket: Ticket, plan: Plan, units: Sequence[Unit], effect: Effect) -> None:
        """Hand a permission to the executor, with whatever plan and units."""
        cell = plan.targets[0].cell
        words = perform(self.node, self.off, ticket.permission, plan, cell, list(units), effect)
        self.attempts.append(Attempt(frozenset({"capability"} if words else ()), 0 if words else len(units)))
        state: Literal["cancelled", "verified"] = "cancelled" if words else "verified"
        self.node.finish(ticket.decision, book.Outcome(state=state, by="node", reason=words, at=self.now))
        self.measure()

    # What follows, and what is looked at.

    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.node.wait(seconds)

    def heal(self) -> None:
        """All trouble is over, and the node sees well again."""
        self.sight, self.lost, self.versions = Sight(), 0, {}
        self.node.heal()

    def close(self) -> None:
        """Let go of the store."""
        self.node.close()

    def measure(self) -> None:
        """Note the harm as it is now. Enough where it has come back."""
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

    def unwritten_approvals(self) -> int:
        """Approvals that are in force and have no line in the ledger."""
        (rows,) = self.connection.execute("SELECT count(*) FROM approval").fetchone()
        entries = self.ledger.read(self.connection, 0, 1 << 40)
        return max(0, int(rows) - sum(entry.kind == "approval" for _, entry, _ in entries))

    def _situation(self, plan: Plan) -> Situation:
        return Situation(
            now=self.now - self.node.behind,
            witness=self.witness,
            rules=self.catalogue.gate,
            terms=self.catalogue.terms(plan.automation),
            policy=self.catalogue.policy,
            fleet=self._counts(),
            sight=self.sight,
            lost=self.lost,
            versions=self.versions,
            freezes=tuple(self.catalogue.freezes),
            doubt=self.doubt(self.connection),
        )

    def doubt(self, connection: sqlite3.Connection) -> str:
        """Whether what the gate keeps is what the ledger says, where a scenario lets somebody change it; a node
        looks in all of them."""
        if not self.watched:
            return ""
        told = Told()
        for _, entry, _ in self.ledger.read(connection, 0, 1 << 40):
            if entry.kind in KINDS:
                told.take(entry)
        return "; ".join(differences(connection, told, str, self.now))

    def _counts(self) -> Counts:
        units = list(self.fleet)
        groups = Counter(unit.group for unit in units)
        well = Counter(unit.group for unit in units if unit.well)
        return Counts(
            whole=Part(len(units), well.total()),
            groups={name: Part(count, well[name]) for name, count in groups.items()},
        )


def target(unit: Unit) -> Target:
    """A unit as the catalogue and the picture know it."""
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


def _names(decision: Decision | None) -> frozenset[str]:
    if decision is None:
        return frozenset({"ledger"})
    return frozenset(one.guard for one in decision.refusals)
