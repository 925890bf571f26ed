"""The automation acts at the times that its owner wrote down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.act.automation import window

LUNCH = window("not Mon-Sun 11:30-13:30")
WORK = window("Mon-Fri 08:00-18:00")
MONDAY = 1_800_014_400.0 - 1_800_014_400.0 % 86_400 + 3 * 86_400  # 2027-01-18, a Monday


def at(hour: float, chosen: object) -> dict[str, Any]:
    return {"now": MONDAY + hour * 3600, "terms": {"window": chosen, "windows": "as written"}}


CASES: list[tuple[dict[str, Any], str | None]] = [
    ({}, None),
    (at(11.4, LUNCH), None),
    (at(11.5, LUNCH), "outside its window (as written)"),
    (at(13.5, LUNCH), None),
    (at(7.9, WORK), "outside"),
    (at(8.0, WORK), None),
    (at(18.0, WORK), "outside"),
    ({**at(18.0, WORK), "plan": {"automation": ""}}, None),
]


@pytest.mark.parametrize(("case", "words"), CASES)
def test_what_is_refused(judge: Callable[..., str | None], case: dict[str, Any], words: str | None) -> None:
    found = judge("window", **case)
    if words is None:
        assert found is None
    else:
        assert found is not None
        assert words in found
