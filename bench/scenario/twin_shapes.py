"""The shapes of legitimate acts: each with a place of its own in the fleet, and the limits of its automation."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

from scenario import twin_acts as acts
from scenario.course import Attempt
from scenario.twin_acts import automation
from scenario.world import World

REST = 610.0
"""Seconds after which another cell may have its turn."""


class Shape(NamedTuple):
    """One kind of legitimate act. `after` is the least time between two of them, seconds."""

    name: str
    after: float
    prepare: Callable[[World], None]
    act: Callable[[World, random.Random], Attempt]


SHAPES = (
    Shape(
        "restart one",
        REST,
        automation("twin-restart", "node:restart {component}", "compute", "node", "node:stop x", at_once=1),
        acts.canary_restart,
    ),
    Shape(
        "roll out in one region",
        REST,
        automation("twin-push", "config:push {component}", "edge", "proxy", "config:previous x"),
        acts.rollout,
    ),
    Shape(
        "roll out in all regions",
        REST,
        automation("twin-release", "release:set {component}", "edge", "cdn", "release:previous x", at_once=8),
        acts.rollout_everywhere,
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
        acts.replicate,
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
        acts.clean_up,
    ),
    Shape(
        "approved decommission",
        REST,
        automation(
            "twin-erase", "machine:erase {component}", "tenants", "tenant", "irreversible", destructive=True
        ),
        acts.decommission,
    ),
    Shape(
        "scale down",
        REST,
        automation("twin-scale-down", "app:stop {component}", "web", "app", "app:start x"),
        acts.scale_down,
    ),
    Shape(
        "approved failover",
        REST,
        automation(
            "twin-failover", "database:promote {component}", "data", "database", "irreversible", crosses=True
        ),
        acts.failover,
    ),
    Shape(
        "failover seen twice",
        REST,
        automation(
            "twin-promote", "index:promote {component}", "storage", "index", "irreversible", crosses=True
        ),
        acts.failover_seen_twice,
    ),
    Shape(
        "fence one",
        REST,
        automation("twin-fence", "power:off {component}", "data", "pair", "power:on x"),
        acts.fence,
    ),
    Shape("with consent", REST, acts.partner, acts.with_consent),
    Shape("by hand", REST, lambda world: None, acts.by_hand),
    Shape(
        "announced end",
        REST,
        automation(
            "twin-end", "cloud:delete {component}", "storage", "placement", "irreversible", destructive=True
        ),
        acts.announced,
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
        acts.order,
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
        acts.rotate,
    ),
    Shape(
        "prune one backup",
        REST,
        automation(
            "twin-prune", "backup:delete {component}", "storage", "backup", "irreversible", destructive=True
        ),
        acts.prune,
    ),
    Shape(
        "hourly job",
        3600.0,
        automation(
            "twin-job", "job:run {component}", "compute", "batch", "irreversible", disturbs=False, per_hour=1
        ),
        acts.job,
    ),
)
