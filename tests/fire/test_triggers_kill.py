"""A process with triggers is killed at any moment: no delivery is lost, no instant doubled or unexplained."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

import triggers_deaths


@pytest.mark.slow
def test_nothing_is_lost_doubled_or_unexplained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triggers_deaths, "FOLDER", 7)
    tally = triggers_deaths.Tally()
    triggers_deaths.live_and_die(14, 60.0, tally)
    found = tally.found
    assert tally.killed > 0
    assert (found.acknowledged > 0, found.instants > 0, found.lines > 0) == (True, True, True)
    assert (found.lost, found.doubled, found.unexplained, tally.broken) == (0, 0, 0, 0), found.words[:5]
    assert tally.planted == 0, "the check itself must be able to fail"
