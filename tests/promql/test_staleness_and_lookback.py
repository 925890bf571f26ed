"""What a selector sees: the newest sample of the last five minutes, unless that is a stale marker."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Ask = Callable[..., dict[str, float]]


@pytest.mark.parametrize(
    ("why", "series", "at", "expected"),
    [
        ("at its very time", "m 1", 0, {"m": 1}),
        ("until five minutes later, and then still", "m 1", 300, {"m": 1}),
        ("but not a moment more", "m 1", 300.001, {}),
        ("not before", "m _ 1", 59.999, {}),
        ("a stale marker ends it at once", "m 1 stale", 60, {}),
        ("not before the marker", "m 1 stale", 59.999, {"m": 1}),
        ("until there is a sample again", "m 1 stale 2", 120, {"m": 2}),
        ("NaN is a value like any other", "m 1 NaN", 60, {"m": pytest.approx(float("nan"), nan_ok=True)}),
    ],
)
def test_instant_selector(ask: Ask, why: str, series: str, at: float, expected: dict[str, float]) -> None:
    assert ask(series, "m", at) == expected, why


def test_a_range_selector_leaves_stale_markers_out(ask: Ask) -> None:
    assert ask("m 1 stale 3 stale", "count_over_time(m[5m])", 240) == {"{}": 2}
    assert ask("m 1 stale 3 stale", "last_over_time(m[5m])", 240) == {"m": 3}


def test_a_series_that_was_replaced_is_not_seen_beside_its_successor(
    ask_range: Callable[..., dict[str, list[tuple[float, float]]]],
) -> None:
    series = 'm{v="1"} 1 1 stale\nm{v="2"} _ _ 1 1'
    assert ask_range(series, "count(m)", 0, 180, 60) == {"{}": [(0, 1), (60, 1), (120, 1), (180, 1)]}
