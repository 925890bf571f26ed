"""A page about which nothing is done is asked about; one that causes action is not."""

from __future__ import annotations

from typing import Any

import pytest

DAY = 86_400.0
NOW = 20_000 * DAY


def pages(n: int, acted: int) -> list[dict[str, Any]]:
    return [
        {
            "id": f"a{i}",
            "check": "disk-full",
            "component": "db",
            "started": NOW - (i + 1) * DAY,
            "page": True,
            "acted": NOW - (i + 1) * DAY + 600 if i < acted else None,
        }
        for i in range(n)
    ]


CHECK = [{"name": "disk-full", "component": "db", "owner": None, "since": NOW - 400 * DAY}]
COMPONENT = [{"name": "db", "owner": "storage", "tier": 1}]


def test_seed(ask: Any) -> None:
    (found,) = ask("unacted", alert=pages(20, 2), check=CHECK, component=COMPONENT)
    assert (found.subject, found.owner, found.tier, found.component) == ("disk-full", "storage", 1, "db")
    assert (found.values["n"], found.values["k"]) == (20, 2)


@pytest.mark.parametrize(("n", "acted"), [(20, 12), (7, 0), (20, 8)], ids=["twin", "too-few", "not-sure"])
def test_twin(ask: Any, n: int, acted: int) -> None:
    assert ask("unacted", alert=pages(n, acted), check=CHECK, component=COMPONENT) == []


def test_nothing_known(ask: Any) -> None:
    assert ask("unacted", alert=[{"id": "a", "page": True}]) == []
