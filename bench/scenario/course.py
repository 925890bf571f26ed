"""The course of an act that was allowed: stage by stage, each permitted, verified where it takes effect, and
measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gadfly.act.books import book
from gadfly.act.gate import Decision
from gadfly.act.plan import Plan
from scenario.fleet import Unit
from scenario.node import Node

STRUCTURE = ("capability", "canary", "observer", "transaction")
"""What holds without being a guard: the executor verifies; one target first; another measures; the ledger's line
and the fact are one transaction."""

Effect = Callable[[Unit], None]


@dataclass(frozen=True)
class Attempt:
    """What became of one try."""

    held: frozenset[str] = frozenset()
    """By what: names of guards, of :data:`STRUCTURE`, or `again` (a further stage), `ledger`, `replica`."""
    touched: int = 0
    """Units on which something was done."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """`reach`: what the actor's tool would really touch. `off`: what of :data:`STRUCTURE` is left out."""

    node: Node
    off: frozenset[str]
    plan: Plan
    decision: Decision
    reach: list[Unit]
    effect: Effect
    expect: Callable[[Unit], bool]
    says: bool
    """What the actor reports of itself."""

    def run(self, answers: bool) -> Attempt:
        """Up to the end, or to the first stage that is not permitted or did not work. `answers` False: nobody sees
        its end."""
        touched: list[Unit] = []
        held = words = before = ""
        for stage in self._stages():
            cell = self._cell(stage[0])
            if touched:
                if before != cell:
                    self.node.verified(self.decision, before)
                done = {unit.name for unit in touched}
                left = tuple(one for one in self.plan.targets if one.name not in done)
                if words := self.node.permits_more(self.decision, self.plan, left):
                    held = "again"
                    break
            permission = self.node.permission(self.decision, cell)
            if words := perform(self.node, self.off, permission, self.plan, cell, stage, self.effect):
                held = "capability"
                break
            touched += stage
            before = cell
            if "canary" not in self.off and not self._works(stage):
                held, words = "canary", "the post-condition does not hold"
                break
        if answers:
            self.node.finish(self.decision, self._outcome(touched, held, words))
        return Attempt(frozenset({held} if held else ()), len(touched))

    def _outcome(self, touched: list[Unit], held: str, words: str) -> book.Outcome:
        works = not held and self._works(touched)
        return book.Outcome(
            state="cancelled" if not touched else "verified" if works else "failed",
            by="node",
            reason=words,
            measured={unit.name: unit.state for unit in touched[:10]},
            at=self.node.now,
        )

    def _works(self, units: list[Unit]) -> bool:
        return all(map(self.expect, units)) if "observer" not in self.off else self.says

    def _cell(self, unit: Unit) -> str:
        return next((one.cell for one in self.plan.targets if one.name == unit.name), unit.region)

    def _stages(self) -> list[list[Unit]]:
        """One target, the rest of its cell, then cell after cell; everything at once where nothing is staged."""
        if "canary" in self.off:
            return [self.reach] if self.reach else []
        cells = {one.name: one.cell for one in self.plan.targets}
        there: dict[str, list[Unit]] = {}
        for unit in self.reach:
            there.setdefault(cells.get(unit.name, unit.region), []).append(unit)
        found: list[list[Unit]] = []
        for cell in self.plan.cells or tuple(there):
            here = there.get(cell, [])
            found += [here] if found else [here[:1], here[1:]]
        return [stage for stage in found if stage]


def perform(
    node: Node,
    off: frozenset[str],
    permission: str,
    plan: Plan,
    cell: str,
    units: list[Unit],
    effect: Effect,
) -> str:
    """Hand a permission to the executor. Empty, or why nothing was done."""
    verified = "capability" not in off
    return node.executor.perform(permission, plan, cell, units, effect, now=node.now, verified=verified)
