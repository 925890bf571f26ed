"""While many are lost at once, no machine touches anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.act.situation import Fleet, Part

TEN = Fleet(whole=Part(10, 10), groups={"synthetic": Part(10, 10)})
CASES: list[tuple[dict[str, Any], str | None]] = [
    ({"lost": 19}, None),
    ({"lost": 20}, "20 components were lost within a minute"),
    ({"lost": 4, "fleet": TEN}, None),
    ({"lost": 5, "fleet": TEN}, "one cause"),
    ({"lost": 500, "plan": {"disturbs": False}}, None),
    ({"lost": 500, "plan": {"disturbs": False, "destructive": True}}, "one cause"),
    ({"lost": 500, "plan": {"principal": "person:anna"}}, None),
    ({"lost": 500, "plan": {"principal": "program:deploy"}}, "one cause"),
]


@pytest.mark.parametrize(("case", "words"), CASES)
def test_what_is_refused(judge: Callable[..., str | None], case: dict[str, Any], words: str | None) -> None:
    found = judge("storm", **case)
    if words is None:
        assert found is None
    else:
        assert found is not None
        assert words in found
