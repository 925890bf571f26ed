"""Incidents that happened, tried again: guarded, the harm stays bounded, whatever else goes wrong."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

from scenario.play import SLACK, holds, play
from scenario.scenario import Scenario, Way, scenarios
from scenario.trouble import ALL, TROUBLES, Trouble

pytestmark = pytest.mark.long

ASKED_FOR = (1, 2, 4, 5, 6, 8, 10, 11, 13, 15, 16, 17, 19, 21, 23, 24, 26, 28)
WAYS = [
    pytest.param(scenario, way, id=f"{name}-{way.play.__name__}")
    for name, scenario in scenarios().items()
    for way in scenario.ways
]


def test_every_incident_that_was_asked_for_is_here_and_six_more() -> None:
    found = scenarios()
    assert {f"S{number:02d}" for number in ASKED_FOR} <= found.keys()
    assert len(found) >= len(ASKED_FOR) + 6


@pytest.mark.parametrize(("scenario", "way"), WAYS)
def test_guarded_it_is_bounded_and_proven(scenario: Scenario, way: Way) -> None:
    found = play(scenario, way, after=True)
    assert found.harm <= scenario.bound + SLACK
    assert found.stopped <= scenario.budget
    assert found.held, "nothing was refused: the actor did not try"
    assert found.receipts
    assert not found.broken
    assert found.goes_on


@pytest.mark.parametrize(("scenario", "way"), WAYS)
def test_hindered_by_everything_at_once_it_is_bounded_and_nothing_stays_stopped(
    scenario: Scenario, way: Way
) -> None:
    bounded_and_going_on(scenario, way, ALL)


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
@pytest.mark.parametrize("scenario", scenarios().values(), ids=scenarios())
def test_hindered_by_one_thing_it_is_bounded_and_nothing_stays_stopped(
    scenario: Scenario, trouble: Trouble
) -> None:
    bounded_and_going_on(scenario, scenario.ways[0], trouble)


def bounded_and_going_on(scenario: Scenario, way: Way, trouble: Trouble) -> None:
    found = play(scenario, way, trouble=trouble, after=True)
    assert found.harm <= scenario.bound + SLACK
    assert not found.broken
    assert found.goes_on


def test_a_changed_receipt_does_not_hold() -> None:
    scenario = scenarios()["S01"]
    found = play(scenario, scenario.ways[0], after=True)
    text = found.receipts[0]
    assert holds(text, found.key)
    head, body = text.split("extra ", 1)
    changed = f"{head}extra {'A' if body[0] != 'A' else 'B'}{body[1:]}"
    assert not holds(changed, found.key)
