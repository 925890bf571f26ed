"""Incidents asked of the node's own engine: harm is bounded, and without the named guard it is back."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

from scenario.engine import EngineWorld
from scenario.play import SLACK, play, prove
from scenario.scenario import Scenario, Way, scenarios

pytestmark = pytest.mark.long

BACK = ("S01", "S04", "S08", "S11", "S13", "S17", "S19", "S21", "S26", "S32", "S36", "S37", "S39")
"""Those whose harm nothing but guards holds; in the others the canary does, too."""


@pytest.mark.slow
@pytest.mark.parametrize("name", BACK)
def test_it_is_bounded_by_its_guard(name: str) -> None:
    scenario: Scenario = scenarios()[name]
    way: Way = scenario.ways[{"S01": 1}.get(name, 0)]
    assert play(scenario, way, kind=EngineWorld).harm <= scenario.bound + SLACK
    assert prove(scenario, way, kind=EngineWorld).without >= scenario.returned - SLACK
