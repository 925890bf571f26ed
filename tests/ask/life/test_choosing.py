"""What cannot be said is not asked, and that is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Make = Callable[..., Any]


def test_a_sentence_that_cannot_be_filled_in(life: Make, a_kind: Make) -> None:
    one = life(None, a_kind("near", ask="{subject} has {nothing} of {n}?"), a_kind("far", number=2))
    seen = [one.found("near", "c1", 1e14, tier=1), ("far", "c1")]
    one.day(*seen)
    steps = one.day(*seen)
    assert "cannot be filled in" in steps.trouble["near"]
    assert [question.kind for question in steps.questions] == ["far"], "the next one is asked"
