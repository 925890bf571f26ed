"""A fleet, its automations, and sound plans for them, for the race of two gates and the cost of a decision.

Time is simulated: each plan comes some seconds after the last, so that an hour's budget is used up and comes
back. Everything else is what a node has: the real guards, grants, book and ledger.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from gadfly.act.automation import Terms
from gadfly.act.grants.grant import Rule, Rules
from gadfly.act.guard import GUARDS
from gadfly.act.plan import Input, Plan, Target
from gadfly.act.situation import Fleet, Part, Situation
from gadfly.config.act import Gate
from gadfly.config.section import Duration

START = 1_800_000_000.0
YEAR = 365 * 86_400.0
REGIONS = ("eu", "us", "asia", "africa")
GROUPS = 20
MEMBERS = 50
ACTION = "observe:restart"


class Scene(NamedTuple):
    """One act that is tried: what is planned, what the node sees, and what was done to it (for counting)."""

    plan: Plan
    seen: Situation
    kind: str


def target(group: int, member: int, **about: object) -> Target:
    """One of the fleet's thousand; a group is spread over the regions."""
    region = REGIONS[member % len(REGIONS)]
    known = {
        "name": f"g{group}-{member}",
        "owner": f"owner-{group % 5}",
        "group": f"g{group}",
        "cell": region,
        "region": region,
        "used": START,
    }
    return Target(**{**known, **about})  # type: ignore[arg-type]


def terms(group: int, now: float) -> Terms:
    """Of the automation of one group."""
    return Terms(
        name=f"mend-g{group}",
        owner=f"owner-{group % 5}",
        at_once=2 + group % 4,
        per_hour=20 + group,
        tries_per_target=3,
        cost=10.0,
        level="act",
        expires=now + YEAR,
        review=now + YEAR,
    )


def policy(more: int = 0) -> Rules:
    """A grant for each automation, a prohibition, and as many other grants as wanted."""
    until = START + 100 * YEAR
    rules = [
        (f"automation:mend-g{n}", Rule(name=f"mend-g{n}", action=ACTION, until=until)) for n in range(GROUPS)
    ]
    never = Rule(name="never", forbids=True, action="observe:wipe", until=until, because="nobody wipes")
    rules.append(("*", never))
    for n in range(more):
        rule = Rule(name=f"grant {n}", action=ACTION, on=f'group = "g{n % 500}"', until=until)
        rules.append((f"program:t{n // 4}", rule))
    return Rules(rules)


POLICY = policy()
FLEET = Fleet(
    whole=Part(GROUPS * MEMBERS, GROUPS * MEMBERS - 10),
    groups={f"g{n}": Part(MEMBERS, MEMBERS - 1) for n in range(GROUPS)},
)
RULES = Gate(soak=Duration(0.0), touches=1000)


def seed(connection: sqlite3.Connection) -> None:
    """What a node has written before: its guards are proven, its automations have earned their level."""
    connection.executemany(
        "INSERT OR IGNORE INTO proof VALUES (?, ?, 1, '')", [(name, START + 100 * YEAR) for name in GUARDS]
    )
    connection.executemany(
        "INSERT OR IGNORE INTO standing VALUES (?, 'act', 0, 0, '', '', '')",
        [(f"mend-g{n}",) for n in range(GROUPS)],
    )


def sound(now: float, group: int, members: list[int], cost: float = 0.0) -> Scene:
    """A plan that only a budget, or an act that is in progress, can be against."""
    name = f"mend-g{group}"
    targets = tuple(target(group, member) for member in sorted(members))
    plan = Plan(
        principal=f"automation:{name}",
        automation=name,
        owner=f"owner-{group % 5}",
        action=ACTION,
        argument=f"worker-g{group}@{{component}}",
        targets=targets,
        cells=tuple(dict.fromkeys(one.cell for one in targets)),
        trigger="component.stalled for 1m",
        inputs=(Input(name="picture", at=now),),
        expect="component alive within 30s",
        undo="observe:start worker@{component}",
        cost=cost,
        made=now,
    )
    seen = Situation(now=now, rules=RULES, terms=terms(group, now), policy=POLICY, fleet=FLEET)
    return Scene(plan, seen, "sound")
