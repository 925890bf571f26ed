"""What becomes of a call that ended."""

from __future__ import annotations

import random

import pytest

from gadfly.functions.retry import LONGEST_PAUSE, Next, following, pause


@pytest.mark.parametrize(
    ("ended", "attempts", "wanted"),
    [
        ("ok", 1, Next("done", 100.0, "")),
        ("refused", 1, Next("dead", 100.0, "why")),
        ("failed", 3, Next("dead", 100.0, "tried 3 of 3 times; the last time: why")),
        ("ended", 3, Next("dead", 100.0, "tried 3 of 3 times; the last time: why")),
        ("lost", 3, Next("dead", 100.0, "tried 3 of 3 times; the last time: why")),
        ("lost", 1, Next("waiting", 100.0, "tried 1 of 3 times: why")),
    ],
    ids=["ok", "refused", "failed", "ended", "lost_for_good", "lost"],
)
def test_what_follows(ended: str, attempts: int, wanted: Next) -> None:
    assert following(ended, "why", attempts, 3, 100.0, random.Random(1)) == wanted  # type: ignore[arg-type]


@pytest.mark.parametrize("ended", ["failed", "ended"])
def test_it_is_tried_again_after_a_pause(ended: str) -> None:
    found = following(ended, "why", 2, 3, 100.0, random.Random(1))  # type: ignore[arg-type]
    assert found.state == "waiting"
    assert 100 + 24 <= found.due <= 100 + 36


@pytest.mark.parametrize(
    ("attempts", "middle"), [(1, 10), (2, 30), (3, 90), (5, 810), (6, 900), (10_000, 900)]
)
def test_pauses_grow_to_a_bound_and_differ(attempts: int, middle: float) -> None:
    found = {pause(attempts, random.Random(seed)) for seed in range(50)}
    assert len(found) == 50
    assert all(0.8 * middle <= one <= 1.2 * middle <= LONGEST_PAUSE * 1.2 for one in found)
