"""An act that every guard allows, complete: what synthetic requests start from."""

from __future__ import annotations

from typing import Any, NamedTuple

from gadfly.act.automation import Terms
from gadfly.act.grants.grant import Rule, Rules
from gadfly.act.plan import Input, Plan, Signal, Target
from gadfly.act.situation import (
    Fleet,
    Part,
    Proof,
    Situation,
    Standing,
)

DAY = 86_400.0
NAME = "synthetic"
"""The automation, the owner and the group of the synthetic act; a reader of the ledger knows it by that."""


class Case(NamedTuple):
    """One request, complete."""

    plan: Plan
    situation: Situation


def sound(now: float) -> Case:
    """An act that every guard allows: two of sixteen workers are restarted. `now`: wall seconds."""
    targets = tuple(target(f"{NAME}-{number}", now) for number in (1, 2))
    plan = Plan(
        principal=f"automation:{NAME}",
        automation=NAME,
        owner=NAME,
        action="systemd:restart",
        argument="worker@{component}",
        targets=targets,
        cells=("here",),
        symptom="stalled",
        inputs=(Input(name="picture", at=now),),
        signals=(Signal(source="heartbeat", since=now - 10.0),),
        expect="component alive within 30s",
        undo="systemd:start worker@{component}",
        made=now,
    )
    situation = Situation(
        now=now,
        trusted=now,
        terms=Terms(
            name=NAME,
            owner=NAME,
            at_once=4,
            per_hour=6,
            tries_per_target=2,
            cost=10.0,
            level="act",
            expires=now + 30 * DAY,
            review=now + 30 * DAY,
        ),
        policy=policy(),
        fleet=Fleet(
            whole=Part(1000, 1000),
            groups={NAME: Part(16, 16)},
        ),
        versions={"one": "1", "two": "1"},
        standing=Standing(level="act"),
        proofs={NAME: Proof(at=now, denied=True)},
    )
    return Case(plan, situation)


def target(name: str, now: float, **about: Any) -> Target:
    """One of its owner and group, used just now."""
    known = {"owner": NAME, "group": NAME, "cell": "here", "region": "here", "used": now}
    return Target(name=name, **{**known, **about})


def policy(*rules: tuple[str, Rule]) -> Rules:
    """What permits it, and these rules."""
    permitted = Rule(name=NAME, action="systemd:restart", until=float("inf"))
    return Rules(((f"automation:{NAME}", permitted), *rules))
