"""A node that acts is killed at steps of its way: no effect is without its intent, and no budget exceeded."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

import act_deaths
import act_race

STEPS = {
    "wanted": 1.0,
    "decided": 1.0,
    "capability issued": 0.2,
    "before the effect": 0.2,
    "after the effect": 0.2,
    "outcomes written": 0.03,
}


@pytest.mark.slow
def test_every_effect_has_its_intent_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(act_deaths, "AVERAGE", 80)
    monkeypatch.setattr(act_deaths, "FOLDER", 1_000)
    steps = {
        **STEPS,
        **{name: 1.0 for name in act_deaths.survey() if "ledger_entry (id" in name or name == "sql: COMMIT"},
    }
    tally = act_deaths.Tally()
    act_deaths.live_and_die(500, steps, 60.0, tally)
    assert set(tally.killed) == set(steps)
    assert tally.effects > 0
    assert (tally.unexplained, tally.twice, tally.unmatched, tally.problems, tally.broken) == (0, 0, 0, 0, 0)
    assert tally.planted == 0, "the check itself must be able to fail"


@pytest.mark.slow
def test_two_gates_do_not_spend_the_same_twice() -> None:
    found = act_race.race(3.0)
    assert found.intents > 0
    assert max(found.most.values()) > 0.9, "nothing was contended"
    assert found.exceeded == 0
