"""Enough of each group keeps working, by the picture of the moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.act.situation import Fleet, Held, Part, Used


def fleet(total: int, well: int) -> Fleet:
    return Fleet(whole=Part(1000, 1000), groups={"synthetic": Part(total, well)})


CASES: list[tuple[dict[str, Any], str | None]] = [
    ({"fleet": fleet(16, 10)}, None),
    ({"fleet": fleet(16, 9)}, "7 would be left, and 8 must be"),
    ({"fleet": fleet(16, 9), "target": {"well": False}}, None),
    ({"fleet": fleet(16, 9), "target": {"well": False}, "plan": {"destructive": True}}, "must be"),
    ({"fleet": fleet(16, 10), "used": Used(held=(Held(group="synthetic", targets=1),))}, "1 are held"),
    ({"fleet": fleet(16, 10), "used": Used(held=(Held(group="other", targets=9),))}, None),
    ({"fleet": fleet(16, 10), "used": Used(held=(Held(group="synthetic", disturbs=False),))}, None),
    ({"fleet": fleet(16, 14), "rules": {"floors": {"synthetic": "80%"}}}, "13 must be"),
    ({"fleet": fleet(16, 15), "rules": {"floors": {"synthetic": "80%"}}}, None),
    ({"fleet": fleet(16, 16), "rules": {"floor": "100%"}}, "16 must be"),
    # one of a small group may go when all others work
    ({"fleet": fleet(2, 2), "targets": 1}, None),
    ({"fleet": fleet(1, 1), "targets": 1}, None),
    ({"fleet": fleet(2, 1), "targets": 1}, "must be"),
    ({"target": {"group": "unheard"}}, "nothing is known of group unheard"),
    ({"target": {"group": ""}}, None),
    ({"target": {"group": ""}, "fleet": Fleet(whole=Part(100, 51))}, "of 100 in the fleet work"),
    ({"target": {"group": ""}, "fleet": Fleet(whole=Part(100, 52))}, None),
    ({"fleet": fleet(16, 0), "plan": {"disturbs": False}}, None),
]


@pytest.mark.parametrize(("case", "words"), CASES)
def test_what_is_refused(judge: Callable[..., str | None], case: dict[str, Any], words: str | None) -> None:
    found = judge("capacity", **case)
    if words is None:
        assert found is None
    else:
        assert found is not None
        assert words in found
