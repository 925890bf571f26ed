"""A bucket that fills with time."""

from __future__ import annotations

from gadfly.functions.pace import Pace


def test_a_burst_then_a_row_then_rest() -> None:
    pace = Pace(rate=2.0, burst=3.0)
    assert [pace.wait(100.0) for _ in range(5)] == [0.0, 0.0, 0.0, 0.5, 1.0]
    assert pace.wait(101.0) == 0.5
    assert pace.wait(1000.0) == 0.0
    assert [pace.wait(1000.0) for _ in range(3)] == [0.0, 0.0, 0.5]
