"""Nobody keeps a permission to write for longer than a shift."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.act.grants.grant import Rule, Rules

NOW = 1_800_000_000.0
HOUR = 3600.0


def by_hand(hours: float, who: str = "person:anna") -> dict[str, Any]:
    rule = Rule(
        name="grant release", action="systemd:restart", since=NOW - HOUR, until=NOW + (hours - 1) * HOUR
    )
    return {"plan": {"principal": who, "automation": ""}, "policy": Rules([(who, rule)])}


CASES: list[tuple[dict[str, Any], str | None]] = [
    (by_hand(12), None),
    (by_hand(12.1), "lets person:anna write for longer than 12h"),
    (by_hand(12.1, "program:deploy"), "program:deploy"),
    (by_hand(12.1, "automation:x"), None),
    ({**by_hand(12), "rules": {"standing": 3600.0}}, "longer than 1h"),
    ({"plan": {"principal": "person:anna"}, "policy": None}, None),
]


@pytest.mark.parametrize(("case", "words"), CASES)
def test_what_is_refused(judge: Callable[..., str | None], case: dict[str, Any], words: str | None) -> None:
    found = judge("standing", **case)
    if words is None:
        assert found is None
    else:
        assert found is not None
        assert words in found
