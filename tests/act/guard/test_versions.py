"""All executors run one version, the one that the plan is for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

CASES: list[tuple[dict[str, Any], str | None]] = [
    ({"versions": {}}, None),
    ({"versions": {"a": "2", "b": "2"}}, None),
    ({"versions": {"a": "2", "b": "1"}}, "executor b runs 1, not 2"),
    ({"versions": {"a": "2", "b": ""}}, "executor b runs an unknown version"),
    ({"versions": {"a": "2"}, "plan": {"version": "2"}}, None),
    ({"versions": {"a": "2"}, "plan": {"version": "3"}}, "executor a runs 2, not 3"),
    ({"versions": {}, "plan": {"version": "3"}}, "no executor has said"),
]


@pytest.mark.parametrize(("case", "words"), CASES)
def test_what_is_refused(judge: Callable[..., str | None], case: dict[str, Any], words: str | None) -> None:
    found = judge("versions", **case)
    if words is None:
        assert found is None
    else:
        assert found is not None
        assert words in found
