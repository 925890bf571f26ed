"""A race of gates is only worth something where none of them ended by an error of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

import act_race


@pytest.mark.slow
@pytest.mark.parametrize("breaks", [True, False])
def test_a_gate_that_breaks_is_counted(monkeypatch: pytest.MonkeyPatch, breaks: bool) -> None:
    real = act_race._gate

    def gate(folder: Path, number: int, began: float, until: float) -> None:
        if breaks and number == 1:
            raise RuntimeError("this gate is broken")
        real(folder, number, began, until)

    monkeypatch.setattr(act_race, "_gate", gate)
    assert act_race.race(1.5).broken == breaks
