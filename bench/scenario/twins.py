"""A thousand legitimate acts of the shapes that the scenarios' actors have, within their limits: how often is one
stopped that should not be?

Each shape has a place of its own in the fleet, and paces itself as a scheduler would that knows the limits: one cell
after another with a rest between, so many an hour. They all share one node, one ledger, and the limits of the fleet.
A stop is counted on the first try; nothing is tried twice.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from gadfly.act.guard import GUARDS, Guard
from gadfly.act.plan import Data, Signal
from scenario.attack import transaction
from scenario.fleet import Unit, up
from scenario.world import DAY, Attempt, World

REST = 610.0
"""Seconds after which another cell may have its turn."""


class Shape(NamedTuple):
    """One kind of legitimate act. `after` is the least time between two of them, seconds."""

    name: str
    after: float
    prepare: Callable[[World], None]
    act: Callable[[World, random.Random], Attempt]


@dataclass(frozen=True, kw_only=True)
class Told:
    """What became of them."""

    acts: int
    stopped: int
    by: Mapping[str, int]
    """By shape and what stopped it."""

    @property
    def share(self) -> float:
        """False stops."""
        return self.stopped / self.acts


def play(folder: Path, acts: int, seed: int, guards: Mapping[str, Guard] = GUARDS, pace: float = 1.0) -> Told:
    """So many acts, in turns and at times that `seed` decides. A `pace` of 0.5 is twice as hurried as allowed."""
    dice = random.Random(seed)
    world = World(folder, guards)
    stopped: Counter[str] = Counter()
    try:
        for shape in SHAPES:
            shape.prepare(world)
        turns = [(world.now + dice.uniform(0, shape.after), number) for number, shape in enumerate(SHAPES)]
        heapq.heapify(turns)
        for _ in range(acts):
            at, number = heapq.heappop(turns)
            shape = SHAPES[number]
            world.wait(max(1.0, at - world.now))
            found = shape.act(world, dice)
            if found.held or not found.touched:
                stopped[f"{shape.name}: {', '.join(sorted(found.held))}"] += 1
            heapq.heappush(turns, (world.now + pace * shape.after * dice.uniform(1.0, 2.0), number))
    finally:
        world.close()
    return Told(acts=acts, stopped=stopped.total(), by=dict(stopped))


def nothing(unit: Unit) -> None:
    """Its effect is over at once, and it works as before."""


def restore(unit: Unit) -> None:
    unit.state = "up"


def one(world: World, dice: random.Random, group: str) -> list[Unit]:
    return [dice.choice([unit for unit in world.fleet.group(group) if unit.well])]


def untried(world: World, dice: random.Random, group: str) -> Unit:
    """One on which the same was not tried twice already: a third time is beyond what was allowed."""
    units = [unit for unit in world.fleet.group(group) if world.count[f"tried {unit.name}"] < 2]
    unit = dice.choice(units)
    world.count[f"tried {unit.name}"] += 1
    return unit


def in_one_cell(world: World, dice: random.Random, group: str, count: int) -> list[Unit]:
    region = dice.choice(world.regions)
    here = [unit for unit in world.fleet.group(group) if unit.region == region and unit.well]
    return dice.sample(here, min(count, len(here)))


def automation(
    name: str, run: str, owner: str, group: str, undo: str, **limits: object
) -> Callable[[World], None]:
    """Declared with the limits that an automation has that says nothing of its own, but for these."""
    given: dict[str, object] = {
        "at_once": 4,
        "group": "25%",
        "fleet": "5%",
        "per_hour": 6,
        "tries_per_target": 2,
        "undo": undo,
        **limits,
    }

    def prepare(world: World) -> None:
        world.declare(name, run, owner=owner, on=f'group = "{group}"', **given)  # type: ignore[arg-type]

    return prepare


def canary_restart(world: World, dice: random.Random) -> Attempt:
    """One that does not work is restarted, and works."""
    unit = untried(world, dice, "node")
    unit.state, world.lost = "down", dice.randrange(1, 5)
    found = world.attempt("twin-restart", [unit], restore, expect=up, symptom="stalled")
    unit.state, world.lost = "up", 0
    return found


def rollout(world: World, dice: random.Random) -> Attempt:
    """A new configuration, in one region."""
    data = Data(size=dice.randrange(55_000, 80_000), before=60_000, limit=200_000)
    units = in_one_cell(world, dice, "proxy", 3)
    return world.attempt("twin-push", units, nothing, expect=up, data=data, cells=(units[0].region,))


def rollout_everywhere(world: World, dice: random.Random) -> Attempt:
    """A new version, in all regions, one after the other, each after a rest."""
    units = [unit for region in world.regions for unit in dice.sample(there(world, "cdn", region), 2)]
    return world.attempt("twin-release", units, nothing, expect=up, cells=world.regions)


def there(world: World, group: str, region: str) -> list[Unit]:
    return [unit for unit in world.fleet.group(group) if unit.region == region]


def replicate(world: World, dice: random.Random) -> Attempt:
    """A row of policy, complete, to every region in turn."""
    data = Data(size=4001, before=4000, limit=100_000)
    units = world.fleet.group("policy")
    return world.attempt("twin-replicate", units, nothing, expect=up, data=data, cells=world.regions)


def clean_up(world: World, dice: random.Random) -> Attempt:
    """Something of staging is deleted; a person approved exactly that."""
    unit = one(world, dice, "sandbox")[0]
    found = world.attempt("twin-clean", [unit], lose, approver="person:web-lead", environment="staging")
    restore(unit)
    return found


def lose(unit: Unit) -> None:
    unit.state = "gone"


def decommission(world: World, dice: random.Random) -> Attempt:
    """A drained machine of production is erased; a person approved exactly that."""
    unit = one(world, dice, "tenant")[0]
    unit.used = world.now - 45 * DAY
    found = world.attempt("twin-erase", [unit], lose, approver="person:tenants-lead")
    restore(unit)
    return found


def scale_down(world: World, dice: random.Random) -> Attempt:
    """A few less, far above the floor; they come back."""
    units = in_one_cell(world, dice, "app", dice.randrange(1, 5))
    found = world.attempt("twin-scale-down", units, leave)
    for unit in units:
        restore(unit)
    return found


def leave(unit: Unit) -> None:
    unit.state = "down"


def failover(world: World, dice: random.Random) -> Attempt:
    """A person approves the promotion."""
    return world.attempt("twin-failover", one(world, dice, "database"), nothing, approver="person:data-lead")


def failover_seen_twice(world: World, dice: random.Random) -> Attempt:
    """Two sources that do not know each other have seen it for ten minutes."""
    signals = (
        Signal(source="heartbeat", since=world.now - 600),
        Signal(source="probe", since=world.now - dice.uniform(301, 900)),
    )
    return world.attempt("twin-promote", one(world, dice, "index"), nothing, signals=signals)


def fence(world: World, dice: random.Random) -> Attempt:
    """One of a pair is silent, and its partner alone."""
    unit = untried(world, dice, "pair")
    unit.state, world.lost = "down", 1
    found = world.attempt("twin-fence", [unit], leave, symptom="silent")
    unit.state, world.lost = "up", 0
    return found


def with_consent(world: World, dice: random.Random) -> Attempt:
    """A partner restarts what it was asked to care for."""
    return world.attempt("twin-partner", one(world, dice, "cache"), nothing, expect=up)


def partner(world: World) -> None:
    automation("twin-partner", "service:restart {component}", "tenants", "cache", "service:stop x")(world)
    world.consent("web", "automation:twin-partner", "service:restart")


def by_hand(world: World, dice: random.Random) -> Attempt:
    """Whoever is on call drains a device, with a grant of this shift."""
    who = f"person:on-call-{int(world.now // 3600)}"
    world.permit(who, "device:drain *", on='group = "balancer"', owner="network")
    return world.attempt(
        who,
        one(world, dice, "balancer"),
        nothing,
        action="device:drain",
        argument="{component}",
        undo="device:undrain x",
    )


def announced(world: World, dice: random.Random) -> Attempt:
    """The end of a term of which the owner was told three times, and to which it then said yes."""
    unit = one(world, dice, "placement")[0]
    due = world.now - 60.0
    with transaction(world.connection):
        world.connection.executemany(
            "INSERT INTO announcement (target, action, due, told) VALUES (?, 'cloud:delete', ?, ?)",
            [(unit.name, due, due - days * DAY - 600) for days in (30, 7, 1)],
        )
    world.consent("storage", "automation:twin-end", "cloud:delete", unit)
    found = world.attempt("twin-end", [unit], lose, due=due, approver="person:storage-lead")
    restore(unit)
    return found


def order(world: World, dice: random.Random) -> Attempt:
    """Within what may be spent."""
    return world.attempt("twin-order", one(world, dice, "trading"), nothing, cost=dice.uniform(0.1, 0.9))


def rotate(world: World, dice: random.Random) -> Attempt:
    """Credentials of one region; everybody holds the new ones."""
    units = in_one_cell(world, dice, "controller", 10)
    return world.attempt("twin-rotate", units, nothing, expect=up, cells=(units[0].region,))


def prune(world: World, dice: random.Random) -> Attempt:
    """An old backup, while many good ones are left."""
    unit = one(world, dice, "backup")[0]
    found = world.attempt("twin-prune", [unit], lose, approver="person:storage-lead")
    restore(unit)
    return found


def job(world: World, dice: random.Random) -> Attempt:
    """The hourly run of a job."""
    return world.attempt("twin-job", one(world, dice, "batch"), nothing)


SHAPES = (
    Shape(
        "restart one",
        REST,
        automation("twin-restart", "node:restart {component}", "compute", "node", "node:stop x", at_once=1),
        canary_restart,
    ),
    Shape(
        "roll out in one region",
        REST,
        automation("twin-push", "config:push {component}", "edge", "proxy", "config:previous x"),
        rollout,
    ),
    Shape(
        "roll out in all regions",
        REST,
        automation("twin-release", "release:set {component}", "edge", "cdn", "release:previous x", at_once=8),
        rollout_everywhere,
    ),
    Shape(
        "replicate a row",
        REST,
        automation(
            "twin-replicate",
            "data:set {component}",
            "identity",
            "policy",
            "data:previous x",
            at_once=100,
            disturbs=False,
        ),
        replicate,
    ),
    Shape(
        "approved clean-up",
        REST,
        automation(
            "twin-clean",
            "data:delete {component}",
            "web",
            "sandbox",
            "irreversible",
            destructive=True,
            environment="staging",
        ),
        clean_up,
    ),
    Shape(
        "approved decommission",
        REST,
        automation(
            "twin-erase", "machine:erase {component}", "tenants", "tenant", "irreversible", destructive=True
        ),
        decommission,
    ),
    Shape(
        "scale down",
        REST,
        automation("twin-scale-down", "app:stop {component}", "web", "app", "app:start x"),
        scale_down,
    ),
    Shape(
        "approved failover",
        REST,
        automation(
            "twin-failover", "database:promote {component}", "data", "database", "irreversible", crosses=True
        ),
        failover,
    ),
    Shape(
        "failover seen twice",
        REST,
        automation(
            "twin-promote", "index:promote {component}", "storage", "index", "irreversible", crosses=True
        ),
        failover_seen_twice,
    ),
    Shape(
        "fence one",
        REST,
        automation("twin-fence", "power:off {component}", "data", "pair", "power:on x"),
        fence,
    ),
    Shape("with consent", REST, partner, with_consent),
    Shape("by hand", REST, lambda world: None, by_hand),
    Shape(
        "announced end",
        REST,
        automation(
            "twin-end", "cloud:delete {component}", "storage", "placement", "irreversible", destructive=True
        ),
        announced,
    ),
    Shape(
        "order",
        3600.0,
        automation(
            "twin-order",
            "orders:send {component}",
            "markets",
            "trading",
            "irreversible",
            disturbs=False,
            limit=1.0,
        ),
        order,
    ),
    Shape(
        "rotate credentials",
        REST,
        automation(
            "twin-rotate",
            "credential:renew {component}",
            "network",
            "controller",
            "credential:restore x",
            at_once=10,
            disturbs=False,
        ),
        rotate,
    ),
    Shape(
        "prune one backup",
        REST,
        automation(
            "twin-prune", "backup:delete {component}", "storage", "backup", "irreversible", destructive=True
        ),
        prune,
    ),
    Shape(
        "hourly job",
        3600.0,
        automation(
            "twin-job", "job:run {component}", "compute", "batch", "irreversible", disturbs=False, per_hour=1
        ),
        job,
    ),
)
