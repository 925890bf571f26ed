"""Legitimate acts, each of the shape of a scenario's actor: what one of them does. Nothing of it harms anybody."""

from __future__ import annotations

import random
from collections.abc import Callable

from gadfly.act.plan import Data, Signal
from scenario.attack import transaction
from scenario.course import Attempt
from scenario.fleet import Unit, up
from scenario.world import DAY, World


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
    world.people.consent("web", "automation:twin-partner", "service:restart")


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
    world.people.consent("storage", "automation:twin-end", "cloud:delete", unit)
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
