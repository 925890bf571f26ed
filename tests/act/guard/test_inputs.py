"""A plan is read from what is whole, fresh and speaks for the majority."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.act.plan import Input

NOW = 1_800_000_000.0


def read(age: float = 0.0, **about: Any) -> dict[str, Any]:
    return {"plan": {"inputs": (Input(name="registry", at=NOW - age, **about),)}}


CASES: list[tuple[dict[str, Any], str | None]] = [
    ({}, None),
    ({"plan": {"inputs": ()}}, "does not say what it was read from"),
    (read(60.0), None),
    (read(61.0), "1m1s old"),
    ({**read(61.0), "rules": {"stale": 120.0}}, None),
    (read(complete=False), "incomplete"),
    (read(quorum=False), "minority"),
    (read(-5.0), None),
    (read(-6.0), "comes from the future"),
    ({"plan": {"inputs": (Input(name="a", at=NOW), Input(name="b", at=NOW - 600))}}, "b is 10m old"),
    ({**read(30.0), "witness": NOW + 40}, "registry is 1m10s old"),
]


@pytest.mark.parametrize(("case", "words"), CASES)
def test_what_is_refused(judge: Callable[..., str | None], case: dict[str, Any], words: str | None) -> None:
    found = judge("inputs", **case)
    if words is None:
        assert found is None
    else:
        assert found is not None
        assert words in found
