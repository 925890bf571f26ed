"""Nobody touches what is another owner's without that owner's consent, or deletes what is in use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.act.situation import Consent

NOW = 1_800_000_000.0
DAY = 86_400.0
OTHERS = {"owner": "network", "used": NOW - 60 * DAY}


def yes(**about: Any) -> tuple[Consent, ...]:
    known = {"owner": "network", "principal": "automation:synthetic", "action": "systemd:restart"}
    return (Consent(**{**known, "at": NOW - 10, "ends": NOW + 10, **about}),)


CASES: list[tuple[dict[str, Any], str | None]] = [
    ({}, None),
    ({"plan": {"destructive": True}}, None),
    ({"target": OTHERS}, "t0 belongs to network"),
    ({"target": {"owner": ""}}, "nobody answers for t0"),
    ({"target": OTHERS, "plan": {"disturbs": False}}, "must consent"),
    ({"target": OTHERS, "plan": {"action": "notify"}}, None),
    ({"target": OTHERS, "consents": yes()}, None),
    ({"target": OTHERS, "consents": yes(target="t0")}, "t1 belongs"),
    ({"target": OTHERS, "consents": yes(owner="other")}, "must consent"),
    ({"target": OTHERS, "consents": yes(principal="automation:other")}, "must consent"),
    ({"target": OTHERS, "consents": yes(action="systemd:stop")}, "must consent"),
    ({"target": OTHERS, "consents": yes(ends=NOW)}, "must consent"),
    ({"target": OTHERS, "consents": yes(at=NOW + 1)}, "must consent"),
    ({"target": OTHERS, "consents": yes(), "plan": {"destructive": True}}, None),
    (
        {"target": {**OTHERS, "used": NOW - 29 * DAY}, "consents": yes(), "plan": {"destructive": True}},
        "was used",
    ),
    ({"target": {**OTHERS, "used": None}, "consents": yes(), "plan": {"destructive": True}}, "may be in use"),
    ({"target": {**OTHERS, "used": None}, "consents": yes()}, None),
    ({"target": {"owner": ""}, "plan": {"owner": ""}}, "nobody answers"),
]


@pytest.mark.parametrize(("case", "words"), CASES)
def test_what_is_refused(judge: Callable[..., str | None], case: dict[str, Any], words: str | None) -> None:
    found = judge("consent", **case)
    if words is None:
        assert found is None
    else:
        assert found is not None
        assert words in found
