"""Who only observes or suggests, or is frozen, does not act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.act.situation import Standing

CASES: list[tuple[dict[str, Any], str | None]] = [
    ({}, None),
    ({"standing": Standing(level="approve")}, None),
    ({"standing": Standing(level="suggest")}, "only suggests"),
    ({"terms": {"level": "observe"}}, "only observes"),
    ({"terms": {"level": "suggest"}, "standing": Standing(level="act")}, "only suggests"),
    ({"standing": Standing(level="act", frozen="2 failures in a row")}, "frozen (2 failures in a row)"),
    ({"plan": {"automation": ""}, "standing": Standing(level="observe")}, None),
]


@pytest.mark.parametrize(("case", "words"), CASES)
def test_what_is_refused(judge: Callable[..., str | None], case: dict[str, Any], words: str | None) -> None:
    found = judge("level", **case)
    if words is None:
        assert found is None
    else:
        assert found is not None
        assert words in found
