"""Every target is named once, free, and where the act is meant to be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.act.plan import Target

CASES: list[tuple[dict[str, Any], str | None]] = [
    ({}, None),
    ({"targets": 1}, None),
    ({"targets": 0}, "nothing never means everything"),
    ({"plan": {"targets": (Target(name="", environment="production"),), "cells": ()}}, "has no name"),
    ({"target": {"environment": "staging"}}, "is in staging"),
    ({"target": {"environment": "staging"}, "plan": {"environment": "staging"}}, None),
    ({"plan": {"environment": "test"}}, "meant for test"),
    ({"plan": {"cells": ("there",)}}, "stages"),
    ({"plan": {"cells": ()}}, None),
]


@pytest.mark.parametrize(("case", "words"), CASES)
def test_what_is_refused(judge: Callable[..., str | None], case: dict[str, Any], words: str | None) -> None:
    found = judge("targets", **case)
    if words is None:
        assert found is None
    else:
        assert found is not None
        assert words in found
