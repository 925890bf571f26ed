"""What a record earns: by the exact lower bound, from twenty runs on."""

from __future__ import annotations

import math

import pytest

from gadfly.act.ladder.autonomy import after_failure, earns, lower_bound


@pytest.mark.parametrize("runs", [1, 5, 20, 29, 100, 1000])
def test_without_failure_the_bound_is_the_root(runs: int) -> None:
    assert lower_bound(runs, runs) == pytest.approx(0.05 ** (1 / runs), abs=1e-9)


@pytest.mark.parametrize(
    ("verified", "runs", "bound"),
    # at this rate, `verified` or more of `runs` have a chance of 5 %: binomial sums, by exact fractions
    [(45, 50, 0.80), (95, 100, 0.89), (10, 20, 0.30), (1, 20, 0.0025)],
)
def test_it_is_where_the_tail_has_five_percent(verified: int, runs: int, bound: float) -> None:
    found = lower_bound(verified, runs)
    tail = sum(math.comb(runs, k) * found**k * (1 - found) ** (runs - k) for k in range(verified, runs + 1))
    assert tail == pytest.approx(0.05, abs=1e-6)
    assert found == pytest.approx(bound, abs=0.012)


def test_it_grows_with_success_and_falls_with_failure() -> None:
    for runs in range(1, 60):
        bounds = [lower_bound(verified, runs) for verified in range(runs + 1)]
        assert bounds == sorted(bounds)
        assert bounds[0] == 0.0
        assert lower_bound(runs, runs) < lower_bound(runs + 1, runs + 1)


@pytest.mark.parametrize(("verified", "runs"), [(-1, 5), (6, 5)])
def test_what_cannot_be_is_refused(verified: int, runs: int) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        lower_bound(verified, runs)


@pytest.mark.parametrize(
    ("level", "verified", "runs", "next_level"),
    [
        ("approve", 19, 19, ""),
        ("approve", 20, 20, ""),  # twenty without failure are not yet 90 %
        ("approve", 28, 28, ""),
        ("approve", 29, 29, "act-small"),
        ("approve", 29, 30, ""),
        ("approve", 45, 46, "act-small"),
        ("act-small", 29, 29, "act"),
        ("act", 900, 900, ""),
        ("observe", 29, 29, "suggest"),
    ],
)
def test_a_level_is_earned(level: str, verified: int, runs: int, next_level: str) -> None:
    assert earns(level, verified, runs) == next_level


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("act", "act-small"),
        ("act-small", "approve"),
        ("approve", "approve"),
        ("suggest", "suggest"),
        ("observe", "observe"),
    ],
)
def test_a_failure_costs_a_level(before: str, after: str) -> None:
    assert after_failure(before) == after
