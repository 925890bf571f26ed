"""Stops: what somebody halted, what that covers, and who may let it go on. Pure; the rows are in `stop_book`.

A stop is a fact in the store and in the ledger, written in one transaction before anybody is told. It holds
every act of a machine that it covers until it is lifted, and it is above configuration: no reload, no
automation and no approval undoes it. An act that was decided before the stop is refused for good, also after
the stop was lifted: the ledger's order says which came first, so nothing queued survives.

A person's own act is not covered: whoever stops the machines must be able to work. It is by a grant of that
person's; and an automation that was stopped by its name is not done by hand either.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Literal

import msgspec

from gadfly.act.plan import Plan, Target
from gadfly.alert.escalate import lineage
from gadfly.config.owner import Owner

Scope = Literal["everything", "owner", "automation", "target"]

SCOPES: tuple[Scope, ...] = ("everything", "owner", "automation", "target")
PERSONS = ("person:",)
"""What a principal that may lift a stop begins with. Programs, automations, functions, the node and its
configuration are none."""


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """Times are seconds since the epoch."""

    id: int
    scope: Scope
    name: str = ""
    """The owner, automation or component that is stopped; empty for everything."""
    owner: str = ""
    """Who answers for what is stopped; empty for everything, and where nobody does."""
    who: str
    because: str
    at: float
    entry: int
    """The index of its ledger entry: every intent before it is void."""
    lifted: float | None = None
    lifted_by: str = ""


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """What a stop must know of an act to say whether it covers it."""

    principal: str
    """`automation:restart-stuck-worker`, `person:anna` …"""
    automation: str = ""
    owner: str = ""
    """Of the automation."""
    targets: Collection[str] = ()
    owners: Collection[str] = ()
    """Those of the targets."""
    entry: int | None = None
    """The ledger index of its intent; None while it is being decided."""


def act_of(plan: Plan, entry: int | None = None, target: Target | None = None) -> Act:
    """What a stop must know of this plan, or of what it does to one of its targets. `entry`: the ledger index
    of its intent, where there is one."""
    targets = plan.targets if target is None else (target,)
    return Act(
        principal=plan.principal,
        automation=plan.automation,
        owner=plan.owner,
        targets=frozenset(one.name for one in targets),
        owners=frozenset(one.owner for one in targets),
        entry=entry,
    )


def covers(stop: Stop, act: Act) -> bool:
    """Whether this is what was stopped: an owner's stop holds its automations and what touches its
    components."""
    if act.principal.startswith("person:") and stop.scope != "automation":
        return False
    match stop.scope:
        case "everything":
            return True
        case "owner":
            return stop.name == act.owner or stop.name in act.owners
        case "automation":
            return stop.name == act.automation
        case "target":
            return stop.name in act.targets


def holding(stops: Iterable[Stop], act: Act) -> Stop | None:
    """The first stop that holds this act back: one in force, or one that was decided after the act was."""
    for stop in stops:
        voided = act.entry is not None and act.entry <= stop.entry
        if (stop.lifted is None or voided) and covers(stop, act):
            return stop
    return None


def refusal(stops: Iterable[Stop], act: Act) -> str | None:
    """Why the act is refused, in words that say who must do what; None: no stop is against it."""
    stop = holding(stops, act)
    if stop is None:
        return None
    if stop.lifted is not None:
        return f"It was decided before {said(stop)}; what was queued then is void: propose it again."
    return f"{said(stop)[0].upper()}{said(stop)[1:]}. {lifters(stop)} may lift it: gadfly resume s{stop.id}"


def said(stop: Stop) -> str:
    """`everything was stopped by person:anna at 12:03:11 UTC: disk is full`, without a full stop."""
    what = "everything" if stop.scope == "everything" else f"{stop.scope} {stop.name}"
    clock = dt.datetime.fromtimestamp(stop.at, dt.UTC).strftime("%H:%M:%S UTC on %d %b")
    return f"{what} was stopped by {stop.who} at {clock}: {stop.because}"


def lifters(stop: Stop) -> str:
    """Who may lift it, for people."""
    above = (
        f"whoever speaks for the owner of {stop.owner}" if stop.owner else "whoever speaks for a top owner"
    )
    return f"Only {stop.who} or {above}"


def may_lift(stop: Stop, who: str, speaks_for: Collection[str], owners: Mapping[str, Owner]) -> str | None:
    """None: `who` may lift it. Else the refusal. `speaks_for`: the owners in whose name `who` may decide."""
    if not who.startswith(PERSONS):
        return (
            f"{who} cannot lift a stop: no automation, function or configuration may. "
            f"{lifters(stop)} may, by hand."
        )
    if who == stop.who or not superiors(stop, owners).isdisjoint(speaks_for):
        return None
    return f"{who} cannot lift stop s{stop.id}. {lifters(stop)} may."


def superiors(stop: Stop, owners: Mapping[str, Owner]) -> frozenset[str]:
    """The owners above the one who answers for what is stopped. On top, where nobody is above, itself."""
    line = lineage(owners, stop.owner)
    if not line:
        return frozenset(name for name, owner in owners.items() if not owner.owner)
    return frozenset(line[1:] or line)
