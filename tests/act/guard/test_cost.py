"""What is spent stays within the hour's budget, to the cent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.act.situation import Used

CASES: list[tuple[dict[str, Any], str | None]] = [
    ({"plan": {"cost": 0.0}, "terms": {"cost": 0.0}}, None),
    ({"plan": {"cost": 0.01}, "terms": {"cost": 0.0}}, "at most 0"),
    ({"plan": {"cost": 10.0}}, None),
    ({"plan": {"cost": 10.01}}, "at most 10"),
    ({"plan": {"cost": 4.0}, "used": Used(spent=6.0)}, None),
    ({"plan": {"cost": 4.0}, "used": Used(spent=6.1)}, "after 6.1"),
    ({"plan": {"cost": 0.0}, "used": Used(spent=50.0)}, None),
    ({"plan": {"cost": -1.0}}, "from 0 on"),
    ({"plan": {"cost": float("inf")}}, "from 0 on"),
    ({"plan": {"cost": 1.0, "automation": "", "principal": "person:anna"}}, "at most 0"),
]


@pytest.mark.parametrize(("case", "words"), CASES)
def test_what_is_refused(judge: Callable[..., str | None], case: dict[str, Any], words: str | None) -> None:
    found = judge("cost", **case)
    if words is None:
        assert found is None
    else:
        assert found is not None
        assert words in found
