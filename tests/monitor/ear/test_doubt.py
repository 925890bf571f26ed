"""When the observer doubts itself, as tables."""

from __future__ import annotations

import pytest

from gadfly.monitor.doubt import Clocks, Gap, gap, network_gone

S = 1_000_000_000
NOW = Clocks(1000 * S, 5000 * S, 1_800_000_000 * S)


@pytest.mark.parametrize(
    ("passed", "meant", "slept", "jumped", "wanted"),
    [
        (1.0, 1.0, 0, 0, Gap(0, 0, 0)),
        (0.2, 1.0, 0, 0, Gap(0, 0, 0)),  # woken early by a beat
        (1.05, 1.0, 0, 0, Gap(0, 0, 0)),  # ordinary scheduling
        (1.5, 1.0, 0, 0, Gap(S // 2, 0, 0)),
        (30.0, 0.02, 0, 0, Gap(30 * S - S // 50, 0, 0)),
        (1.0, 1.0, 600, 0, Gap(0, 600 * S, 0)),
        (1.0, 1.0, 0, 3600, Gap(0, 0, 3600 * S)),
        (1.0, 1.0, 0, -3600, Gap(0, 0, -3600 * S)),
        (1.0, 1.0, 0, 0.5, Gap(0, 0, 0)),  # slewed
    ],
)
def test_gap(passed: float, meant: float, slept: float, jumped: float, wanted: Gap) -> None:
    later = Clocks(
        NOW.monotonic + int(passed * S),
        NOW.boot + int((passed + slept) * S),
        NOW.wall + int((passed + slept + jumped) * S),
    )
    assert gap(NOW, later, NOW.monotonic + int(meant * S)) == wanted


@pytest.mark.parametrize(
    ("late", "beating", "hosts", "gone"),
    [
        (100, 100, 10, True),
        (80, 100, 4, True),
        (79, 100, 10, False),
        (100, 100, 3, False),  # three hosts may fail together
    ],
)
def test_network_gone(late: int, beating: int, hosts: int, gone: bool) -> None:
    assert network_gone(late, beating, hosts) is gone
