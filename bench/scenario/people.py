"""What people do in a scenario: stop, lift, freeze, consent, release, and put things right afterwards.

Each is the node's own function, in a transaction with its entry. What the gate refuses to somebody is not done; what
became of it is seen in the harm.
"""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING

from gadfly.act.approvals import consenting
from gadfly.act.halt import stop_book
from gadfly.act.halt.stop import Scope
from gadfly.act.ladder import standing_book
from gadfly.act.situation import Freeze
from gadfly.errors import GadflyError
from scenario.attack import transaction
from scenario.catalogue import OWNERS
from scenario.fleet import Unit

if TYPE_CHECKING:
    from scenario.world import World

LASTS = 300 * 86_400.0
"""Seconds for which an owner consents."""


class People:
    """Everybody who is not a machine, and those who pretend to be."""

    def __init__(self, world: World) -> None:
        self._world = world

    def stop(self, scope: Scope, name: str, *, who: str, because: str) -> None:
        """One act of a person that stops everything it covers."""
        owner = self._world.catalogue.automations[name].owner if scope == "automation" else name
        self._world.node.insist(
            lambda connection: stop_book.put(
                connection,
                self._world.ledger,
                scope=scope,
                name=name,
                owner=owner,
                who=who,
                because=because,
                now=self._world.now,
            )
        )
        self._world.node.renew()

    def resume(self, *, who: str) -> None:
        """Somebody tries to lift every stop."""
        for one in stop_book.in_force(self._world.connection):
            self._try(functools.partial(self._lift, one.id, who))
        self._world.node.renew()

    def _lift(self, number: int, who: str, connection: sqlite3.Connection) -> None:
        stop_book.lift(
            connection,
            self._world.ledger,
            number,
            who=who,
            speaks_for=(),
            owners=OWNERS,
            because="it is declared to run",
            now=self._world.now,
        )

    def freeze(self, name: str, *, on: str, who: str, because: str) -> None:
        """Nothing that `on` matches is changed until it is lifted."""
        self._world.catalogue.freezes.append(
            Freeze(name=name, on=on, starts=self._world.now, who=who, because=because)
        )

    def consent(self, owner: str, principal: str, action: str, unit: Unit | None = None) -> None:
        """An owner's yes to acts of somebody else on what is its own: on one unit, or on all."""
        self._world.node.insist(
            lambda connection: consenting.consent(
                connection,
                self._world.ledger,
                owner=owner,
                principal=principal,
                action=action,
                target=unit.name if unit else "",
                who=f"person:{owner}-lead",
                speaks_for=(owner,),
                owners=OWNERS,
                now=self._world.now,
                lasts=LASTS,
            )
        )

    def release(self, unit: Unit, symptom: str, *, who: str) -> None:
        """Somebody tries to take the brake off."""
        self._try(
            lambda connection: standing_book.release_brake(
                connection,
                self._world.ledger,
                unit.name,
                symptom,
                who=who,
                because="again",
                now=self._world.now,
            )
        )

    def come_back(self) -> None:
        """What is down is repaired, a broken guard too; whoever ordered stops and freezes lifts them."""
        for unit in self._world.fleet:
            unit.state = "up" if unit.state == "down" else unit.state
        self._world.node.repair()
        for one in stop_book.in_force(self._world.connection):
            self.resume(who=one.who)
        self._world.catalogue.freezes.clear()

    def _try(self, work: Callable[[sqlite3.Connection], object]) -> None:
        try:
            with transaction(self._world.connection):
                work(self._world.connection)
        except (sqlite3.Error, GadflyError):
            return  # refused, as it should be; what became of it is seen in the harm
