"""How fast things are taken out, by one automation in an hour and by all in ten minutes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.act.situation import Fleet, Part, Used

TEN = Fleet(whole=Part(1000, 1000), groups={"synthetic": Part(10, 10)})
CASES: list[tuple[dict[str, Any], str | None]] = [
    ({"used": Used(runs=5)}, None),
    ({"used": Used(runs=6)}, "may do 6"),
    ({"used": Used(removed={"other": 48})}, None),
    ({"used": Used(removed={"other": 49})}, "of the fleet at most 50"),
    ({"used": Used(removed={"one": 25, "two": 24})}, "of the fleet at most 50"),
    ({"used": Used(removed={"other": 49}), "plan": {"disturbs": False}}, None),
    # a group of twenty or more has twice the fleet's share
    ({"fleet": Fleet(whole=Part(1000, 1000), groups={"synthetic": Part(20, 20)})}, None),
    (
        {
            "fleet": Fleet(whole=Part(1000, 1000), groups={"synthetic": Part(20, 20)}),
            "used": Used(removed={"synthetic": 1}),
        },
        "of group synthetic at most 2",
    ),
    ({"fleet": TEN, "used": Used(removed={"synthetic": 8})}, None),
    ({"rules": {"removals": "0.1%"}}, "at most 1"),
]


@pytest.mark.parametrize(("case", "words"), CASES)
def test_what_is_refused(judge: Callable[..., str | None], case: dict[str, Any], words: str | None) -> None:
    found = judge("rate", **case)
    if words is None:
        assert found is None
    else:
        assert found is not None
        assert words in found
