"""What was rehearsed: stops that were pulled, and fire drills."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from gadfly.ask.drill.record import Drill
from gadfly.ask_facts.columns import Columns
from gadfly.ask_facts.stores import Stores
from gadfly.store.drills import bodies


def drills(stores: Stores) -> Columns:
    """The table `drill`."""
    found = _stops(stores)
    _rehearsed(found, stores)
    return found


def _stops(stores: Stores) -> Columns:
    """Every stop is also a rehearsal of it: that it was pulled, not that it worked nor how long it took."""
    found = Columns("drill")
    for scope, name, at in dict.fromkeys(_pulled(stores)):
        for automation, declared in stores.config.automation.items():
            if scope == "everything" or (scope, name) in (
                ("automation", automation),
                ("owner", declared.owner),
            ):
                found.add(kind="stop", subject=automation, at=at)
    return found


def _pulled(stores: Stores) -> Iterator[tuple[str, str, float]]:
    """Scope, name and time of each stop: those that the table still has, and the ledger's."""
    yield from stores.connection.execute("SELECT scope, name, at FROM stop")
    for one in stores.entries:
        if one.kind == "stop" and one.body.get("what") == "put":
            yield str(one.body.get("scope", "")), str(one.body.get("name", "")), one.at


def _rehearsed(found: Columns, stores: Stores) -> None:
    """Fire drills: of an automation a rehearsal of its stop; else a page that travelled, or did not, from
    this node and for what was drilled."""
    for text in bodies(stores.connection):
        one = msgspec.json.decode(text, type=Drill)
        if one.state not in ("told", "not told"):
            continue
        kind = "stop" if one.kind == "automation" else "page"
        for subject in (one.target,) if kind == "stop" else (stores.node, one.target):
            found.add(
                kind=kind,
                subject=subject,
                at=one.at,
                ok=one.state == "told",
                took=one.took,
                promised=one.promised,
            )
