"""The ten attacks on the ledger, and on what it vouches for, are detected; the unharmed raises no alarm."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

from scenario.attack import Attack, attacks, attempt

pytestmark = pytest.mark.long


def test_all_ten_are_here() -> None:
    assert set(attacks()) >= {f"L{number}" for number in range(1, 11)}


@pytest.mark.parametrize("attack", attacks().values(), ids=attacks())
def test_it_is_detected(attack: Attack) -> None:
    found = attempt(attack)
    assert found.control, "the unharmed raised an alarm, or was stopped"
    assert found.detected == found.tried > 0, found.words
    assert found.returned, "it is detected even without what should detect it: this shows nothing"
