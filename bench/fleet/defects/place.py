"""A place for a defect: a component of its own on which nothing else happens."""

from __future__ import annotations

from typing import Any

from fleet.estate import Check, Component, Days
from fleet.fleet import Fleet


def place(fleet: Fleet, *kinds: str, **given: Any) -> Component:
    """A component with one ordinary check of each kind, without failures and without noise."""
    made = fleet.component(**({"trouble": 0.0, "load": 0.0} | given))
    for kind in kinds:
        quiet(fleet, made, kind)
    return made


def quiet(fleet: Fleet, component: Component, kind: str = "cause", **given: Any) -> Check:
    """A check on which nothing happens but what is planted."""
    return fleet.check(component, kind, **({"noise": 0.0} | given))


def choose(check: Check, factor: float, column: str = "p999") -> None:
    """Set the threshold by what the check really read: so many times the highest of a column."""

    def shape(days: Days) -> None:
        check.row["threshold"] = float(f"{factor * days[column].max():.4g}")

    check.shapes.append(shape)


def cells(check: Check, begin: float, end: float = 180, **values: float | str) -> None:
    """Write these values into the days from `begin` on."""

    def shape(days: Days) -> None:
        for name, value in values.items():
            days[name][int(begin) : int(end)] = value

    check.shapes.append(shape)
