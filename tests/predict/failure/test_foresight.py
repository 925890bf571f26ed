"""Components that show signs before they fail are told from those that do not, and the chances are right."""

from __future__ import annotations

import numpy as np
import pytest

from gadfly.predict.failure import HORIZON, LEAST_FAILURES, SIGNS, Foresight

COUNT, HOURS = 120, 24 * 30


def fleet(seed: int, *, signs: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Numbers [hours, components, signs] and failures [hours, components].

    A component falls ill now and then; ill ones beat unevenly and lose packets, and most of them fail within
    a day. Others fail without a sign.
    """
    rng = np.random.default_rng(seed)
    numbers = rng.lognormal(0, 0.3, (HOURS, COUNT, len(SIGNS))) * rng.uniform(0.5, 2, (COUNT, len(SIGNS)))
    numbers[:, :, 1] = rng.random((HOURS, COUNT)) < 0.01
    failed = rng.random((HOURS, COUNT)) < 0.0004
    for component in range(COUNT):
        hour = int(rng.exponential(300))
        while hour < HOURS - 30:
            lasts = int(rng.integers(8, 24))
            if signs:
                numbers[hour : hour + lasts, component, 0] *= rng.uniform(2, 5)
                numbers[hour : hour + lasts, component, 3] *= rng.uniform(2, 4)
            failed[hour + lasts, component] |= rng.random() < 0.8
            hour += lasts + 24 + int(rng.exponential(300))
    return numbers, failed


def run(numbers: np.ndarray, failed: np.ndarray, group: np.ndarray) -> np.ndarray:
    foresight = Foresight(group)
    return np.array([foresight.hour(now, bad) for now, bad in zip(numbers, failed, strict=True)])


def outcomes(failed: np.ndarray) -> np.ndarray:
    """[hours - HORIZON, components] Whether each failed within the horizon after each hour."""
    total = np.cumsum(np.concatenate([np.zeros((1, COUNT)), failed]), axis=0)
    return total[1 + HORIZON :] - total[1:-HORIZON] > 0


@pytest.fixture(scope="module")
def world() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    numbers, failed = fleet(1)
    return numbers, failed, run(numbers, failed, np.arange(COUNT) % 3)


def test_better_than_the_base_rate(world: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    _, failed, told = world
    half = HOURS // 2
    chance, came = told[half:-HORIZON], outcomes(failed)[half:]
    assert np.mean((chance - came) ** 2) < 0.9 * np.var(came)


def test_the_chances_are_right(world: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    _, failed, told = world
    half = HOURS // 2
    chance, came = told[half:-HORIZON].ravel(), outcomes(failed)[half:].ravel()
    for low, high in ((0.0, 0.1), (0.1, 0.3), (0.3, 1.0)):
        inside = (chance >= low) & (chance < high)
        assert np.count_nonzero(inside) > 100
        assert np.mean(came[inside]) == pytest.approx(np.mean(chance[inside]), abs=0.12)


def test_without_signs_all_are_alike() -> None:
    numbers, failed = fleet(2, signs=False)
    told = run(numbers, failed, np.zeros(COUNT, dtype=np.int64))[HOURS // 2 :]
    assert np.quantile(told, 0.99) < 0.35


def test_no_look_ahead(world: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    numbers, failed, told = world
    cut = 400
    numbers, failed = numbers.copy(), failed.copy()
    numbers[cut:] = 99.0
    failed[cut:] = True
    assert np.array_equal(
        run(numbers[: cut + 5], failed[: cut + 5], np.arange(COUNT) % 3)[:cut], told[:cut], equal_nan=True
    )


def test_too_little_to_say() -> None:
    numbers, failed = fleet(3)
    failed[:] = False
    failed[30, : LEAST_FAILURES - 1] = True
    failed[30, COUNT // 2 : COUNT // 2 + LEAST_FAILURES] = True
    group = (np.arange(COUNT) >= COUNT // 2).astype(np.int64)
    told = run(numbers[:60], failed[:60], group)
    assert np.isnan(told[:30]).all()
    assert np.isnan(told[:, : COUNT // 2]).all()
    assert not np.isnan(told[30:, COUNT // 2 :]).any()


def test_a_component_that_is_new_in_an_old_group() -> None:
    numbers, failed = fleet(4)
    numbers[:100, 0] = np.nan
    told = run(numbers[:140], failed[:140], np.zeros(COUNT, dtype=np.int64))
    assert np.isnan(told[:120, 0]).all()
    assert not np.isnan(told[130:, 0]).any()


def test_why(world: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    numbers, failed, _ = world
    foresight = Foresight(np.zeros(COUNT, dtype=np.int64))
    assert foresight.why(0) == "nothing is known yet"
    for now, bad in zip(numbers, failed, strict=True):
        foresight.hour(now, bad)
    odd = numbers[-1].copy()
    odd[5, 0] *= 10
    foresight.hour(odd, np.zeros(COUNT, dtype=bool))
    assert foresight.why(5).startswith("jitter +")


@pytest.mark.parametrize(
    "group", [np.array([-1]), np.zeros((2, 2), dtype=np.int64)], ids=["negative", "square"]
)
def test_groups_that_are_none(group: np.ndarray) -> None:
    with pytest.raises(ValueError, match="group"):
        Foresight(group)


def test_shapes_and_horizons_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="horizon"):
        Foresight(np.zeros(1, dtype=np.int64), horizon=0)
    with pytest.raises(ValueError, match="give numbers"):
        Foresight(np.zeros(2, dtype=np.int64)).hour(np.zeros((2, 1)), np.zeros(2, dtype=bool))
