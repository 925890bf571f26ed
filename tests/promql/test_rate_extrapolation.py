"""How far rate and its kin stretch what they saw: to the edges, half a distance, or to where it was zero."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Ask = Callable[..., dict[str, float]]


@pytest.mark.parametrize(
    ("why", "series", "expression", "at", "expected"),
    [
        ("samples at both edges: nothing is stretched", "m 0+10x10", "increase(m[5m])", 600, 50),
        ("edges within 1.1 of the distance: stretched to both", "m 0+10x10", "increase(m[5m])", 590, 50),
        ("the series began within: half a distance before it", "m _x7 100+10x3", "increase(m[10m])", 600, 35),
        (
            "a counter that began at zero is not stretched before it",
            "m _x7 0+10x3",
            "increase(m[10m])",
            600,
            30,
        ),
        ("nor a counter near zero by more than to zero", "m _x7 2+10x3", "increase(m[10m])", 600, 32),
        ("a gauge is, whatever its value", "m _x7 0+10x3", "delta(m[10m])", 600, 35),
        ("it ended within: half a distance after it", "m 100+10x5", "increase(m[10m])", 600, 55),
        (
            "an edge nearer than 1.1 of the mean distance is reached",
            "m _ 0 10 20",
            "delta(m[183s])",
            180,
            30.5,
        ),
        ("one further away is not", "m _ 0 10 20", "delta(m[187s])", 180, 25),
        ("a reset adds what was there before", "m 10 20 5 15", "increase(m[3m])", 180, 25),
        ("two resets, too", "m 10 20 5 15 3", "increase(m[4m])", 240, 28),
        ("rate is by the length of the range", "m 0+60x10", "rate(m[5m])", 600, 1),
        ("the range is closed on both sides", "m 0+60x10", "count_over_time(m[2m])", 600, 3),
    ],
)
def test_stretch(ask: Ask, why: str, series: str, expression: str, at: float, expected: float) -> None:
    assert ask(series, expression, at) == pytest.approx({"{}": expected}), why


@pytest.mark.parametrize("name", ["rate", "increase", "delta", "irate", "idelta", "deriv"])
def test_one_sample_tells_no_rate(ask: Ask, name: str) -> None:
    assert ask("m 1", f"{name}(m[5m])", 60) == {}
