"""How many drills one contact hears of."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from gadfly.drilling import APART, EACH, Drilling


def test_a_contact_hears_of_few_drills_a_minute() -> None:
    now = [1000.0]
    node: Any = SimpleNamespace(clock=SimpleNamespace(monotonic=lambda: now[0]))
    drilling = cast(Any, Drilling(node))
    heard = [drilling._room("head", number) for number in range(10)]
    assert heard == [True] * EACH + [False] * (10 - EACH)
    assert drilling._room("head", 0)  # of one that it knows of it may hear more
    assert drilling._room("other", 9)
    now[0] += APART
    assert drilling._room("head", 9)
