"""What is legitimate is not stopped: a thousand acts of the shapes that the incidents' actors have."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

from scenario.twins import SHAPES, play

pytestmark = pytest.mark.long


def test_of_a_thousand_legitimate_acts_at_most_five_are_stopped(tmp_path: Path) -> None:
    told = play(tmp_path, 1000, seed=1)
    assert told.acts == 1000
    assert told.stopped <= 5, told.by


def test_a_gate_that_stops_too_much_is_noticed(tmp_path: Path) -> None:
    told = play(tmp_path, len(SHAPES), seed=1, guards={"never": lambda plan, situation: "no"})
    assert told.share == 1.0
