"""The decision about one plan. Pure: the same plan in the same situation is decided the same everywhere.

Every guard is asked, also after the first refusal, so that whoever reads the decision sees all that stood
against it. A guard that raises denies: what cannot be judged is not allowed.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from gadfly.act.guard import GUARDS, LIFTED_BY_PERSONS, Guard
from gadfly.act.plan import Plan
from gadfly.act.situation import Situation


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """What one guard has against the plan; the reason says who must do what."""

    guard: str
    reason: str


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """An act that was allowed and written down, before any effect of it."""

    id: int
    """The fencing number: grows with every intent, and an executor refuses a lower one than it has seen."""
    entry: int
    """Where it stands in the ledger."""
    plan: str
    """The plan's hash."""
    at: float
    ends: float
    """From then on an intent without an outcome counts as unknown."""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate says. `intent` and `entry` are there once the book has written them."""

    plan: str
    """The plan's hash."""
    refusals: tuple[Refusal, ...] = ()
    at: float = 0.0
    entry: int | None = None
    """Where the decision stands in the ledger."""
    intent: Intent | None = None
    request: int | None = None
    """The number under which it waits for a person, where that is all it lacks."""

    @property
    def allowed(self) -> bool:
        return not self.refusals

    @property
    def waits(self) -> bool:
        """Whether only a person's word is missing."""
        return bool(self.refusals) and all(one.guard in LIFTED_BY_PERSONS for one in self.refusals)

    @property
    def words(self) -> str:
        """For people: `allowed`, or what stands against it."""
        return "; ".join(f"{one.guard}: {one.reason}" for one in self.refusals) or "allowed"


def decide(plan: Plan, situation: Situation, guards: Mapping[str, Guard] = GUARDS) -> Decision:
    """Ask every guard. Without guards nothing is allowed."""
    found: list[Refusal] = []
    for name, guard in guards.items():
        try:
            reason = guard(plan, situation)
        except Exception as error:  # whatever goes wrong in a guard, it must not open the gate
            reason = (
                f"could not judge this ({type(error).__name__}: {error}); whoever runs this node must look"
            )
        if reason is not None:
            found.append(Refusal(name, reason))
    if not guards:
        found.append(Refusal("gate", "no guard is in force; whoever runs this node must restart it"))
    return Decision(plan=plan.hash, refusals=tuple(found), at=situation.time)
