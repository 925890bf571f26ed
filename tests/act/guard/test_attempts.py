"""A few tries for a symptom on a target, then a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.act.situation import Used

CASES: list[tuple[dict[str, Any], str | None]] = [
    ({"used": Used(tries={"t0": 1})}, None),
    ({"used": Used(tries={"t0": 2})}, "t0 was acted on 2 times"),
    ({"used": Used(tries={"elsewhere": 9})}, None),
    ({"used": Used(tries={"t1": 2}), "terms": {"tries_per_target": 3}}, None),
    ({"used": Used(braked=frozenset({"t1"}))}, "the brake is on for t1"),
    ({"used": Used(touched={"t1": 5})}, None),
    ({"used": Used(touched={"t1": 6})}, "t1 was acted on 6 times within an hour, by whomever"),
    ({"used": Used(touched={"t1": 6}), "plan": {"principal": "person:anna"}}, None),
    ({"used": Used(touched={"t1": 6}), "plan": {"action": "notify"}}, None),
    ({"used": Used(touched={"t1": 9}), "rules": {"touches": 10}}, None),
    ({"used": Used(tries={"t0": 4}), "plan": {"automation": ""}}, None),
    ({"used": Used(tries={"t0": 5}), "plan": {"automation": ""}}, "5 times"),
]


@pytest.mark.parametrize(("case", "words"), CASES)
def test_what_is_refused(judge: Callable[..., str | None], case: dict[str, Any], words: str | None) -> None:
    found = judge("attempts", **case)
    if words is None:
        assert found is None
    else:
        assert found is not None
        assert words in found
