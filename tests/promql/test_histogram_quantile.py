"""Where in which bucket a quantile lies, and buckets that are not as they should be."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

Ask = Callable[..., dict[str, float]]


def histogram(*buckets: tuple[str, float]) -> str:
    return "\n".join(f'b{{le="{bound}"}} {count}' for bound, count in buckets)


@pytest.mark.parametrize(
    ("why", "buckets", "quantile", "expected"),
    [
        ("linear within the bucket", [("1", 10), ("2", 30), ("+Inf", 30)], 0.5, 1.25),
        ("the first bucket begins at zero", [("1", 10), ("2", 30), ("+Inf", 30)], 0.1, 0.3),
        ("unless it ends below", [("-1", 10), ("2", 30), ("+Inf", 30)], 0.1, -1),
        ("beyond the last bound there is only the last bound", [("1", 10), ("+Inf", 30)], 0.9, 1),
        ("no bucket without end: no answer", [("1", 10), ("2", 30)], 0.5, math.nan),
        ("one bucket: no answer", [("+Inf", 30)], 0.5, math.nan),
        ("nothing counted: no answer", [("1", 0), ("+Inf", 0)], 0.5, math.nan),
        ("counts that fall are raised", [("1", 10), ("2", 5), ("+Inf", 20)], 0.4, 0.8),
        ("bounds written in two ways are one", [("1", 5), ("1.0", 5), ("2", 30), ("+Inf", 30)], 0.5, 1.25),
        ("a bound that is no number does not count", [("1", 10), ("x", 7), ("+Inf", 10)], 0.5, 0.5),
        ("a bound as Go reads it", [("1_0", 10), ("+Inf", 20)], 0.25, 5),
        ("a digit that is not ASCII is none", [("٣", 10), ("+Inf", 20)], 0.25, math.nan),
    ],
)
def test_quantile(
    ask: Ask, why: str, buckets: list[tuple[str, float]], quantile: float, expected: float
) -> None:
    answer = ask(histogram(*buckets), f"histogram_quantile({quantile}, b)", at=0)
    assert answer == pytest.approx({"{}": expected}, nan_ok=True), why


def test_buckets_that_come_and_go(
    ask_range: Callable[..., dict[str, list[tuple[float, float]]]],
) -> None:
    """Each step is answered from the buckets that are there."""
    series = 'b{le="1"} 10 10\nb{le="2"} 30 stale\nb{le="4"} _ 30\nb{le="+Inf"} 30 30'
    answer = ask_range(series, "histogram_quantile(0.5, b)", 0, 60, 60)
    assert answer == {"{}": [(0, pytest.approx(1.25)), (60, pytest.approx(1.75))]}


def test_each_histogram_by_itself(ask: Ask) -> None:
    series = (
        histogram(("1", 10), ("+Inf", 10))
        + "\n"
        + histogram(("4", 10), ("+Inf", 10)).replace("{", '{job="x",')
    )
    assert ask(series, "histogram_quantile(0.5, b)", at=0) == {"{}": 0.5, '{job="x"}': 2}
    assert ask(series, 'histogram_quantile(0.5, b{le="1"} * 0 or nothing)', at=0) == pytest.approx(
        {"{}": math.nan}, nan_ok=True
    )
