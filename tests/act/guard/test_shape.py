"""Generated data and filled-in parameters have the shape that they must have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.act.plan import Data


def data(size: int = 10_000, before: int = 10_000, limit: int = 20_000, **about: Any) -> dict[str, Any]:
    return {"plan": {"data": Data(size=size, before=before, limit=limit, **about)}}


CASES: list[tuple[dict[str, Any], str | None]] = [
    ({"plan": {"parameters": {"term": "never"}}}, None),
    ({"plan": {"parameters": {"term": ""}}}, "the parameter term is blank"),
    ({"plan": {"parameters": {"term": " \t"}}}, "blank"),
    (data(), None),
    (data(15_000), None),
    (data(15_001), "more than 50% of change"),
    (data(5_000), None),
    (data(4_999), "more than 50% of change"),
    (data(20_000, 20_000), None),
    (data(20_001, 20_001), "its readers bear 20000"),
    (data(9_000, 0), None),
    (data(500, 100), None),
    (data(0), "empty"),
    (data(blank=("policy", "quota")), "2 fields are blank, as policy"),
    (data(invalid="row 3 has no name"), "row 3 has no name"),
    ({**data(30_000, limit=40_000), "rules": {"data": "100%"}}, "change"),
    ({**data(20_000, limit=40_000), "rules": {"data": "100%"}}, None),
]


@pytest.mark.parametrize(("case", "words"), CASES)
def test_what_is_refused(judge: Callable[..., str | None], case: dict[str, Any], words: str | None) -> None:
    found = judge("shape", **case)
    if words is None:
        assert found is None
    else:
        assert found is not None
        assert words in found
