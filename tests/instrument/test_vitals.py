"""What a heart says of the program, from facts and now."""

from __future__ import annotations

import pytest

from gadfly.instrument.vitals import NEVER, Vitals


@pytest.mark.parametrize(
    ("now", "status"), [(100.0, "pass"), (104.9, "pass"), (105.0, "stalled"), (1000.0, "stalled")]
)
def test_progress_is_expected(now: float, status: str) -> None:
    assert Vitals(100.0, progress=5.0).state(now)[0] == status


def test_progress_mends() -> None:
    vitals = Vitals(100.0, progress=5.0)
    assert vitals.state(110.0) == ("stalled", "no progress within 5 s")
    vitals.advance(110.0)
    assert vitals.state(114.0) == ("pass", "")
    assert vitals.due(114.0) == 115.0


def test_without_a_limit_nothing_stalls() -> None:
    vitals = Vitals(0.0)
    assert vitals.state(1e9) == ("pass", "")
    assert vitals.due(1e9) == NEVER


def test_loop_counts_once_it_turned() -> None:
    vitals = Vitals(0.0, loop=5.0)
    assert vitals.state(100.0)[0] == "pass"
    vitals.turn(100.0)
    assert vitals.due(101.0) == 105.0
    assert vitals.state(105.0) == ("stalled", "the event loop did not turn within 5 s")
    vitals.turn(106.0)
    assert vitals.state(106.0)[0] == "pass"
    vitals.no_loop()
    assert vitals.state(900.0)[0] == "pass"


def test_check() -> None:
    vitals = Vitals(0.0)
    vitals.check_started(10.0, 5.0)
    assert vitals.state(14.0)[0] == "pass"
    assert vitals.due(14.0) == 15.0
    assert vitals.state(15.0) == ("fail", "the health check does not return")
    vitals.check_ended("warn", "slow")
    assert vitals.state(99.0) == ("warn", "slow")


@pytest.mark.parametrize(
    ("said", "checked", "told"),
    [
        (("pass", ""), ("pass", ""), ("pass", "")),
        (("warn", "a"), ("pass", ""), ("warn", "a")),
        (("warn", "a"), ("fail", "b"), ("fail", "b")),
        (("fail", "a"), ("warn", "b"), ("fail", "a")),
        (("starting", ""), ("pass", ""), ("starting", "")),
        (("starting", ""), ("fail", "b"), ("fail", "b")),
    ],
)
def test_the_worst_is_told(said: tuple[str, str], checked: tuple[str, str], told: tuple[str, str]) -> None:
    vitals = Vitals(0.0)
    vitals.said = said
    vitals.check_ended(*checked)
    assert vitals.state(0.0) == told
