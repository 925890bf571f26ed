"""A wrong question is not asked again of its subject, unless its kind changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., Any]
CHANGED = {
    "query": {"query": "SELECT 2"},
    "threshold": {"threshold": {"n": 9}},
    "sentence": {"ask": "{subject} has {worse} of {n}: is that so?"},
}


@pytest.mark.parametrize("changed", CHANGED.values(), ids=CHANGED.keys())
def test_muted_until_the_kind_changes(life: Make, a_kind: Make, changed: dict[str, Any]) -> None:
    one = life()
    one.days(2, ("near", "c1"))
    one.answer(1, "wrong", reason="rule wrong")
    one.days(100, ("near", "c1", 99.0))
    one.kinds = {"near": a_kind("near", minutes=7, again=90)}
    one.days(2, ("near", "c1", 99.0))
    assert one.said == ["asked q1", "wrong q1"], "what it says is the same"
    one.kinds = {"near": a_kind("near", **changed)}
    one.day(("near", "c1", 99.0))
    assert one.said[2:] == ["asked q2"]


def test_other_subjects_are_asked(life: Make) -> None:
    one = life()
    one.days(2, ("near", "c1"))
    one.answer(1, "wrong", reason="rule wrong")
    one.days(2, ("near", "c1"), ("near", "c2"))
    assert one.q(2).subjects == ("c2",)


def test_not_mine_is_said_for_one_owner(life: Make) -> None:
    one = life()
    one.days(2, ("near", "c1"))
    one.answer(1, "wrong", reason="not mine")
    one.days(3, ("near", "c1"))
    assert len(one.said) == 2
    one.day(one.found("near", "c1", owner="web"))
    assert one.q(2).owner == "web"
