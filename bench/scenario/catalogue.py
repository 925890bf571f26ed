"""What is declared in a scenario: who answers, which automations there are, who may do what, what is frozen."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from gadfly.act.automation import Terms, terms
from gadfly.act.grants.grant import Rules, rules
from gadfly.act.situation import Freeze
from gadfly.config.act import (
    Automation,
    Gate,
    Grant,
    Limits,
)
from gadfly.config.owner import Owner
from scenario.fleet import GROUPS

TOP = "operations"
OWNERS = {
    TOP: Owner(contact=("exec:/bin/true",)),
    **{name: Owner(contact=("exec:/bin/true",), owner=TOP) for name in sorted({one.owner for one in GROUPS})},
}
SHIFT = 6 * 3600.0
LONG = 400 * 86_400.0


class Catalogue:
    """The configuration, as far as the gate reads it."""

    def __init__(self) -> None:
        self.automations: dict[str, Automation] = {}
        self.grants: dict[str, Grant] = {}
        self.gate = Gate()
        self.freezes: list[Freeze] = []
        self._policy: Rules | None = None

    def automation(
        self,
        name: str,
        run: str,
        *,
        owner: str,
        on: str,
        undo: str,
        at_once: int,
        group: str,
        fleet: str,
        per_hour: int,
        tries_per_target: int,
        limit: float,
        windows: str = "",
        **more: Any,
    ) -> None:
        """Declare one. `limit` is what it may spend an hour."""
        limits = Limits(
            at_once=at_once,
            group=group,
            fleet=fleet,
            per_hour=per_hour,
            tries_per_target=tries_per_target,
            cost=limit,
            windows=windows,
        )
        given: dict[str, Any] = {
            "level": "act",
            "expires": dt.date(2040, 1, 1),
            "review": dt.date(2039, 1, 1),
            **more,
        }
        self.automations[name] = Automation(
            owner=owner,
            purpose="What it did then, as those who made it meant it.",
            targets=on,
            run=run,
            limits=limits,
            expect="component healthy within 1m",
            undo=undo,
            **given,
        )
        self._policy = None

    def grant(
        self, to: str, may: str, *, on: str, owner: str, since: float, until: float | None = None
    ) -> None:
        """Permit it: for a shift, or to an automation for long, where nothing else is said."""
        end = since + (LONG if to.startswith("automation:") else SHIFT) if until is None else until
        self.grants[f"g{len(self.grants)}"] = Grant(
            to=(to,),
            may=(may,),
            on=on,
            owner=owner,
            since=dt.datetime.fromtimestamp(since, dt.UTC),
            until=dt.datetime.fromtimestamp(end, dt.UTC),
            because="how it was then",
        )
        self._policy = None

    def rule(self, **limits: Any) -> None:
        """Limits of the gate itself."""
        self.gate = msgspec.structs.replace(self.gate, **limits)

    @property
    def policy(self) -> Rules:
        """All that is permitted and forbidden."""
        if self._policy is None:
            self._policy = rules(self.grants, self.automations)
        return self._policy

    def terms(self, name: str) -> Terms | None:
        """The terms of an automation; None where nobody declared it."""
        found = self.automations.get(name)
        return terms(name, found) if found is not None else None
