"""Where an alert goes: the first route that matches, and on from there where it says `go_on`."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from gadfly.alert.escalate import chain, top_owner
from gadfly.alert.match import matches
from gadfly.config import Config
from gadfly.config.alerting import Route


class Terms(msgspec.Struct, frozen=True):
    """How one target is told. Seconds; as in :class:`gadfly.config.alerting.Route`."""

    wait: float = 0.0
    interval: float = 30.0
    repeat: float = 14_400.0
    resolved: bool = True


class Target(msgspec.Struct, frozen=True):
    """Who is told of an alert: `owner:NAME` or `receiver:NAME`."""

    name: str
    terms: Terms


class Way(msgspec.Struct, frozen=True, gc=False):
    """The targets of an alert, and what it is grouped by beside its cause."""

    targets: tuple[Target, ...]
    bucket: tuple[str, ...] = ()
    """Values of the labels of the first matching route's `group_by`."""
    by_cause: bool = True
    names: tuple[str, ...] = ()
    """Of the targets."""


KEPT = 4096
"""Ways remembered; alerts that differ in nothing that routes look at go the same one."""


class Routes:
    """The routes of one configuration."""

    def __init__(self, config: Config) -> None:
        self._routes = config.route
        self._answering = {name for name in config.owner if chain(config.owner, name)}
        self._top = top_owner(config.owner)
        self._default = Route()
        looked_at = {"owner", *(name for route in self._routes for name in (*route.match, *route.group_by))}
        self._looked_at = tuple(looked_at)
        self._ways: dict[tuple[str, ...], Way] = {}

    def way(self, labels: Mapping[str, str]) -> Way:
        """Where an alert with these labels goes. No target: nobody is known who could be told."""
        key = tuple([labels.get(name, "") for name in self._looked_at])
        way = self._ways.get(key)
        if way is None:
            if len(self._ways) >= KEPT:
                self._ways.clear()
            way = self._ways[key] = self._find(labels)
        return way

    def _find(self, labels: Mapping[str, str]) -> Way:
        targets: dict[str, Target] = {}
        first: Route | None = None
        for route in (*self._routes, self._default):
            if not matches(route.match, labels):
                continue
            first = first or route
            name = self._target(route, labels)
            if name and name not in targets:
                targets[name] = Target(name, _terms(route))
            if not route.go_on:
                break
        group_by = (first or self._default).group_by
        return Way(
            targets=tuple(targets.values()),
            bucket=tuple(f"{name}={labels.get(name, '')}" for name in group_by if name != "cause"),
            by_cause="cause" in group_by,
            names=tuple(targets),
        )

    def _target(self, route: Route, labels: Mapping[str, str]) -> str:
        if route.receiver:
            return f"receiver:{route.receiver}"
        owner = labels.get("owner", "")
        if owner not in self._answering:
            owner = self._top
        return f"owner:{owner}" if owner else ""


def _terms(route: Route) -> Terms:
    return Terms(float(route.wait), float(route.interval), float(route.repeat), route.resolved)
