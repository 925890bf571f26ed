"""Where in time a selector looks: offset, @ and subqueries."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Ask = Callable[..., dict[str, float]]
SERIES = "m 0+1x20"


@pytest.mark.parametrize(
    ("expression", "at", "expected"),
    [
        ("m offset 2m", 600, {"m": 8}),
        ("m offset -2m", 600, {"m": 12}),
        ("m @ 120", 600, {"m": 2}),
        ("m @ 120.5", 600, {"m": 2}),
        ("m @ -5", 600, {}),
        ("m @ 300 offset 2m", 600, {"m": 3}),
        ("m offset 2m @ 300", 600, {"m": 3}),
        ("m @ start()", 600, {"m": 10}),
        ("m @ end()", 600, {"m": 10}),
        ("sum_over_time(m[2m] @ 300)", 600, {"{}": 3 + 4 + 5}),
        ("sum_over_time(m[2m] offset 5m)", 600, {"{}": 3 + 4 + 5}),
        ("sum_over_time(m[4m:2m])", 600, {"{}": 6 + 8 + 10}),
        ("sum_over_time(m[4m:2m])", 630, {"{}": 8 + 10}),
        ("sum_over_time(m[2m:])", 630, {"{}": 9 + 10}),
        ("sum_over_time(m[4m:2m] offset 1m)", 600, {"{}": 6 + 8}),
        ("sum_over_time(m[4m:2m] @ 480)", 600, {"{}": 4 + 6 + 8}),
        ("max_over_time(rate(m[2m])[5m:1m])", 600, {"{}": 1 / 60}),
        ("max_over_time(sum_over_time(m[2m:1m])[4m:2m])", 600, {"{}": 27}),
        ("sum_over_time(vector(1)[5m:1m])", 600, {"{}": 6}),
        ("sum_over_time((m @ 60)[5m:1m])", 600, {"{}": 6}),
    ],
)
def test_looks_there(ask: Ask, expression: str, at: float, expected: dict[str, float]) -> None:
    assert ask(SERIES, expression, at) == pytest.approx(expected)


def test_start_and_end_are_those_of_the_whole_query(
    ask_range: Callable[..., dict[str, list[tuple[float, float]]]],
) -> None:
    asked = ask_range(SERIES, "m @ end() - m @ start() + 0 * m", 120, 300, 60)
    assert asked == {"{}": [(120, 3), (180, 3), (240, 3), (300, 3)]}
    first = ask_range("a 4+1x20\nb 5+1x20", "quantile(scalar(a) - 4, {__name__=~'a|b'} @ 0)", 0, 60, 60)
    assert first == {"{}": [(0, 4), (60, 4)]}  # what moves beside something fixed counts as at the first step
    beyond = ask_range(SERIES, "m @ end() + 0 * m", 120, 290, 100)  # the last step is at 220, the end is not
    assert beyond == {"{}": [(120, 4), (220, 4)]}
    inner = ask_range(SERIES, "max_over_time((m @ start())[5m:1m])", 120, 240, 60)
    assert inner == {"{}": [(120, 2), (180, 2), (240, 2)]}


def test_what_is_fixed_in_time_still_tells_the_time_of_the_step(
    ask_range: Callable[..., dict[str, list[tuple[float, float]]]],
) -> None:
    """Functions that depend on the time of evaluation are not evaluated once for all steps."""
    assert ask_range(SERIES, "predict_linear(m[5m] @ 300, 0)", 300, 420, 60) == {
        "{}": [(300, pytest.approx(5)), (360, pytest.approx(6)), (420, pytest.approx(7))]
    }
    assert ask_range(SERIES, "timestamp(m @ 120) + time() * 0", 300, 360, 60) == {
        "{}": [(300, 120), (360, 120)]
    }
    assert ask_range(SERIES, "timestamp(-(m @ 120))", 300, 360, 60) == {"{}": [(300, 300), (360, 360)]}
