"""Who does not see does not act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.act.situation import Sight

CASES: list[tuple[dict[str, Any], str | None]] = [
    ({}, None),
    ({"sight": Sight(ear=False)}, "does not hear"),
    ({"sight": Sight(probes=False)}, "enquiries fail"),
    ({"sight": Sight(lag=10.0)}, None),
    ({"sight": Sight(lag=11.0)}, "11 s behind"),
    ({"sight": Sight(lag=float("inf"))}, "behind"),
    ({"sight": Sight(lag=float("nan"))}, "behind"),
    ({"sight": Sight(ear=False), "plan": {"principal": "person:anna"}}, None),
]


@pytest.mark.parametrize(("case", "words"), CASES)
def test_what_is_refused(judge: Callable[..., str | None], case: dict[str, Any], words: str | None) -> None:
    found = judge("sight", **case)
    if words is None:
        assert found is None
    else:
        assert found is not None
        assert words in found
