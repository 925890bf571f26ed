"""What handlers try and must not get: each of bench/attempts, outside of a cell, in tier A and in tier B."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "bench"))
import cages
import sandbox

pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module")
def outside() -> dict[tuple[str, str], list[str]]:
    return sandbox.outside()


def test_a_hundred_attempts_bite_where_there_is_no_sandbox(outside: dict[tuple[str, str], list[str]]) -> None:
    assert sum(said[0] == "done" for said in outside.values()) >= 100


@pytest.mark.parametrize("place", cages.settings()[:2], ids=lambda place: f"tier-{place.tier}")
def test_none_gets_through(place: cages.Setting, outside: dict[tuple[str, str], list[str]]) -> None:
    found = cages.tried(place, sandbox.attempts(outside))
    assert {(family, name) for family, name, *_ in found} == set(outside)
    assert [one for one in found if one[2] not in ("refused", "ended")] == []
