"""A plot in characters: bars in eighths, gaps, and a scale that fits."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.cli.query.plot import HIGH, columns_of, plot, short

DAY = 86_400.0


def bars(points: list[tuple[float, float]], wide: int = 22) -> list[str]:
    return [line.partition("│")[2] for line in plot(points, 0.0, 100.0, wide=wide)[:-1]]


def test_a_rising_line_fills_from_below() -> None:
    lines = bars([(float(n), float(n)) for n in range(101)])
    assert len(lines) == HIGH
    lengths = [len(line.strip()) for line in lines]
    assert lengths == sorted(lengths)
    assert lines[0].endswith(("▇", "█"))


def test_zero_is_there_and_a_gap_is_a_dot() -> None:
    assert bars([(0.0, 0.0), (50.0, 1.0), (100.0, 0.0)])[-1].count("▁") > 0
    gap = bars([(float(n), 1.0) for n in range(0, 101, 5) if not 30 < n < 60])[-1]
    assert "·" in gap
    assert gap.index("█") < gap.index("·") < gap.rindex("█")


@pytest.mark.parametrize(
    ("values", "top", "bottom"),
    [
        ([0.0, 10.0], "10", "0"),
        ([-5.0, 5.0], "5", "-5"),
        ([-5.0, -1.0], "-1", "-5"),
        ([1000.0, 1001.0], "1001", "1000"),
        ([0.0, 0.0], "1", "0"),
        ([7.0, 7.0], "7", "0"),
    ],
)
def test_the_scale(values: list[float], top: str, bottom: str) -> None:
    lines = plot([(float(n), value) for n, value in enumerate(values)], 0.0, 1.0, wide=40)
    assert (lines[0].split()[0], lines[HIGH - 1].split()[0]) == (top, bottom)


def test_what_is_no_number_is_left_out() -> None:
    assert plot([(1.0, math.nan), (2.0, math.inf)], 0.0, 10.0) == ["  no number there"]
    assert columns_of([(1.0, math.nan), (2.0, 3.0)], 0.0, 10.0, 10)[2] == 3.0


def test_a_day_has_dates() -> None:
    assert "-" in plot([(0.0, 1.0)], 0.0, 2 * DAY, wide=60)[-1]
    assert "…" in plot([(0.0, 1.0)], 0.0, 2 * DAY, wide=20)[-1]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1 + 0.2, "0.3"), (1e9, "1e+09"), (math.nan, "NaN"), (-math.inf, "-Inf"), (math.inf, "+Inf")],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert short(value) == text


@given(
    st.lists(st.tuples(st.floats(0, 3600), st.floats()), max_size=40),
    st.integers(min_value=10, max_value=200),
)
def test_no_line_is_wider_than_asked(points: list[tuple[float, float]], wide: int) -> None:
    for line in plot(points, 0.0, 3600.0, wide=wide):
        assert len(line) <= max(wide, 40)
