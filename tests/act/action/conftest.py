"""Values of one target, and an edge that touches nothing but what a test hands in."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from gadfly.act.action.effect import Edge

Values = dict[str, str]


@pytest.fixture
def values() -> Values:
    return {
        "component": "worker-3",
        "group": "workers",
        "cell": "north",
        "region": "eu",
        "environment": "production",
        "owner": "payments",
        "kind": "service",
        "automation": "restart-stuck-worker",
        "intent": "17",
        "fence": "17",
        "label.app": "shop",
    }


@pytest.fixture
def edge() -> Callable[..., Edge]:
    def make(**more: object) -> Edge:
        return Edge(**{"monotonic": time.monotonic, "time": 5.0, **more})  # type: ignore[arg-type]

    return make
