"""Who answers now for what a question is about."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gadfly.present_owner import present


def named(**owners: str) -> Any:
    return {name: SimpleNamespace(owner=owner) for name, owner in owners.items()}


RULES = [
    SimpleNamespace(rule=SimpleNamespace(name="slow", owner="web", labels=())),
    SimpleNamespace(
        rule=SimpleNamespace(name="full", owner="", labels=(("owner", SimpleNamespace(text="disks")),))
    ),
]
CONFIG: Any = SimpleNamespace(
    log_rule=named(panic="logs"),
    automation=named(restart="acts"),
    function=named(tidy="code"),
    grant=named(deploy="gate"),
)


@pytest.mark.parametrize(
    ("sort", "name", "owner"),
    [
        ("component", "api", "shop"),
        ("component", "gone", ""),
        ("job", "api", "shop"),
        ("check", "api http", "shop"),
        ("check", "slow", "web"),
        ("check", "slow (critical)", "web"),
        ("check", "full", "disks"),
        ("check", "panic", "logs"),
        ("check", "elsewhere", ""),
        ("automation", "restart", "acts"),
        ("automation", "gone", ""),
        ("function", "tidy", "code"),
        ("grant", "deploy person:anna restart", "gate"),
        ("pair", "a, b", ""),
    ],
)
def test_whose_it_is(sort: str, name: str, owner: str) -> None:
    subjects: Any = named(api="shop")
    owned = present(CONFIG, [SimpleNamespace(rules=RULES)], subjects.get)  # type: ignore[list-item]
    assert owned(sort, name) == owner
