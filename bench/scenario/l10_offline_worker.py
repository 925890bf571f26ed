"""Everything is stopped while a worker is offline; it comes back with what it had been permitted."""

from __future__ import annotations

import random
from pathlib import Path

from gadfly.act.executing.lease import Renewal
from gadfly.act.guard import GUARDS
from gadfly.act.halt import stop_book
from scenario.attack import Attack, Found
from scenario.fleet import Unit
from scenario.world import World


def act(unit: Unit) -> None:
    unit.data["done"] = True


def run(folder: Path, dice: random.Random) -> Found:
    world = World(folder, GUARDS)
    try:
        world.declare(
            "restart",
            "service:restart {component}",
            owner="compute",
            on='group = "node"',
            undo="service:stop x",
        )
        units = world.fleet.group("node")
        control = world.attempt("restart", units[:1], act).touched == 1
        world.wait(700)
        plan = world.plan("restart", units[1:2])
        cell = units[1].region
        decision = world.node.propose(plan)
        assert decision is not None
        permission = world.node.permission(decision, cell)

        def tries(seconds: float, verified: bool = True) -> bool:
            """The worker, so many seconds later, with the permission in its queue. Whether it acts."""
            world.now += seconds
            return not world.node.executor.perform(
                permission, plan, cell, units[1:2], act, now=world.now, verified=verified
            )

        heard = world.now
        # Just before the others stop it goes offline: it hears nothing, and its lease runs on for 30 s at most.
        stop_book_before = stop_book.in_force(world.connection)
        world.people.stop("everything", "", who="person:lead", because="look first")
        world.node.executor.authority.drop()
        offline = tries(1)
        # Back within the life of the permission: it has no authority until it is answered, and the answer tells it.
        world.node.executor.authority.renew(world.now, renewal(world))
        back = tries(1)
        # The stop is lifted. What was permitted before it stays void.
        world.people.resume(who="person:lead")
        world.node.executor.authority.renew(world.now, renewal(world))
        lifted = tries(1)
        # One that heard nothing at all of it: its lease of 30 s is over, and so is the permission.
        world.node.executor.authority.renew(heard, Renewal(mark="old", lasts=30.0, stops=stop_book_before))
        deaf = tries(31)
        world.node.executor.authority.renew(world.now, renewal(world))
        fresh = world.attempt("restart", units[2:3], act).touched == 1
        acts = (offline, back, lifted, deaf)
        return Found(
            tried=len(acts),
            detected=len(acts) - sum(acts),
            control=control and fresh,
            bare=1,
            unnoticed=tries(0, verified=False),
            words="a lease of at most 30 s, and an order: what was decided before a stop is void",
        )
    finally:
        world.close()


def renewal(world: World) -> Renewal:
    """What the node answers a worker that asks."""
    return Renewal(mark="new", lasts=30.0, stops=stop_book.shown(world.connection, world.now - 60))


ATTACK = Attack(
    name="L10",
    title="A worker comes back after a stop with what it was permitted before",
    by="the lease: authority lapses, and nothing queued survives a stop",
    run=run,
)
