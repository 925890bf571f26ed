"""What has expired stays expired, whatever the local clock says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from gadfly.act.guard.expiry import expiry
from gadfly.act.proof.sound import sound

NOW = 1_800_000_000.0
CASES: list[tuple[dict[str, Any], str | None]] = [
    ({"terms": {"expires": NOW + 1}}, None),
    ({"terms": {"expires": NOW}}, "synthetic expired with"),
    ({"terms": {"expires": NOW + 30}, "witness": NOW + 30}, "expired"),
    ({"terms": {"expires": NOW + 30}, "trusted": NOW + 30}, "expired"),
    ({"now": NOW - 3600.0, "trusted": NOW - 3600.0, "terms": {"expires": NOW}}, "comes from the future"),
    ({"now": NOW - 60.0}, None),
    ({"now": NOW - 61.0}, "clock is 61 s behind"),
    ({"witness": NOW + 61.0}, "clock is 61 s behind"),
    ({"plan": {"made": NOW + 61.0}}, "comes from the future"),
    ({"plan": {"automation": "", "principal": "person:anna"}, "terms": {"expires": 0.0}}, None),
]


def test_an_automation_that_is_not_declared_is_refused() -> None:
    plan, situation = sound(NOW)
    assert "no automation synthetic is declared" in str(
        expiry(plan, msgspec.structs.replace(situation, terms=None))
    )


@pytest.mark.parametrize(("case", "words"), CASES)
def test_what_is_refused(judge: Callable[..., str | None], case: dict[str, Any], words: str | None) -> None:
    found = judge("expiry", **case)
    if words is None:
        assert found is None
    else:
        assert found is not None
        assert words in found
