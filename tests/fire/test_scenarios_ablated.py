"""A guard whose removal changes nothing is not tested: each is shown to be what holds an incident."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

from gadfly.act.guard import GUARDS
from scenario.course import STRUCTURE
from scenario.play import SLACK, prove
from scenario.scenario import Scenario, Way, scenarios

pytestmark = pytest.mark.long

WAYS = [
    pytest.param(scenario, way, id=f"{name}-{way.guard}-{way.play.__name__}")
    for name, scenario in scenarios().items()
    for way in scenario.ways
]


@pytest.mark.parametrize(("scenario", "way"), WAYS)
def test_without_it_the_harm_returns_and_with_it_alone_it_is_bounded(scenario: Scenario, way: Way) -> None:
    found = prove(scenario, way)
    assert found.without >= scenario.returned - SLACK
    assert found.only <= (scenario.bound if way.alone is None else way.alone) + SLACK


def test_every_guard_is_proven_by_an_incident() -> None:
    named = {way.guard for scenario in scenarios().values() for way in scenario.ways}
    assert named == {*GUARDS, *STRUCTURE}
