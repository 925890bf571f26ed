"""An overdue review takes the autonomy away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

NOW = 1_800_000_000.0
CASES: list[tuple[dict[str, Any], str | None]] = [
    ({"terms": {"review": NOW + 1}}, None),
    ({"terms": {"review": NOW}}, "its review was due"),
    ({"terms": {"review": NOW + 5}, "witness": NOW + 5}, "its review was due"),
    ({"terms": {"review": NOW}, "plan": {"automation": ""}}, None),
]


@pytest.mark.parametrize(("case", "words"), CASES)
def test_what_is_refused(judge: Callable[..., str | None], case: dict[str, Any], words: str | None) -> None:
    found = judge("review", **case)
    if words is None:
        assert found is None
    else:
        assert found is not None
        assert words in found
