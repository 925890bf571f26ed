"""What became of a prediction, from what was measured."""

from __future__ import annotations

import numpy as np
import pytest

from gadfly.predict.prediction import Outcome
from gadfly.predict.resolve import RENEWED, Resolution, after_all, filling, moved, warning

NAN = float("nan")
TRUE, NOT, VOID = Outcome.came_true, Outcome.did_not, Outcome.void


def became(
    samples: list[tuple[float, float]],
    now: float,
    *,
    rising: bool = False,
    limit: float = 0,
    acted: bool = False,
) -> tuple[Outcome, float | None] | None:
    at, values = (np.array(column, float) for column in zip(*samples, strict=True)) if samples else ([], [])
    found = filling(
        np.array(at),
        np.array(values),
        made=100.0,
        deadline=200.0,
        limit=limit,
        rising=rising,
        now=now,
        acted=acted,
    )
    return None if found is None else (found.outcome, found.happened)


CASES = {
    "waits while it is not full": ([(110, 5)], 150, None),
    "full before the deadline": ([(110, 5), (150, 0), (160, 5)], 160, (TRUE, 150.0)),
    "full at the deadline": ([(110, 5), (200, 0)], 200, (TRUE, 200.0)),
    "full when it was made": ([(100, 0), (195, 5)], 200, (NOT, None)),
    "full after the deadline": ([(110, 5), (190, 5), (201, 0)], 210, (NOT, None)),
    "never full": ([(110, 5), (195, 4)], 200, (NOT, None)),
    "no sample at all": ([], 200, (VOID, None)),
    "no sample at the end": ([(110, 5), (150, 4)], 200, (VOID, None)),
    "NaN is no sample": ([(110, 5), (195, NAN)], 200, (VOID, None)),
}


@pytest.mark.parametrize(("samples", "now", "wanted"), CASES.values(), ids=CASES)
def test_what_runs_out(samples: list[tuple[float, float]], now: float, wanted: object) -> None:
    assert became(samples, now) == wanted


@pytest.mark.parametrize(("samples", "now", "wanted"), CASES.values(), ids=CASES)
def test_what_fills_up_is_the_same_upside_down(
    samples: list[tuple[float, float]], now: float, wanted: object
) -> None:
    turned = [(at, 10 - value) for at, value in samples]
    assert became(turned, now, rising=True, limit=10) == wanted


def test_what_somebody_prevented_is_no_false_alarm() -> None:
    assert became([(110, 5), (195, 9)], 200, acted=True) == (VOID, None)


def test_what_went_on_in_vain_is_one_even_though_somebody_took_it_on() -> None:
    assert became([(110, 5), (195, 4)], 200, acted=True) == (NOT, None)


def test_what_was_not_prevented_came_true() -> None:
    assert became([(110, 5), (150, 0), (195, 9)], 200, acted=True) == (TRUE, 150.0)


def test_an_end_that_was_known_and_did_not_come_was_moved() -> None:
    at, values = np.array([110.0, 195.0]), np.array([80.0, 9000.0])
    found = filling(at, values, made=100, deadline=200, limit=0, rising=False, now=200, known=True)
    assert found == Resolution(VOID, why=RENEWED)


HOURS = np.arange(0.0, 72.5, 0.5)


def turned(hour: float, by: float, *, slowly: bool = False) -> np.ndarray:
    """Falls by 5 an hour, but at this hour it is taken away from 0 by so much."""
    return 400 - 5 * HOURS + by * (np.clip((HOURS - hour) / 20, 0, 1) if slowly else hour <= HOURS)


@pytest.mark.parametrize(
    ("values", "made", "wanted"),
    [
        (turned(65, 300), 60, True),
        (400 - turned(65, 300), 60, True),
        (turned(65, 10), 60, False),
        (turned(50, 300, slowly=True), 60, False),
        (turned(65, 300), 20, False),
        (turned(65, 300) + 200 * (HOURS % 24 < 12), 60, False),
        (turned(65, 300) - 320 * (HOURS > 68), 60, False),
        (np.where(HOURS > 60, np.nan, 400 - 5 * HOURS), 60, False),
    ],
    ids=[
        "emptied",
        "the same upside down",
        "a little",
        "by and by",
        "too short a past",
        "no more than each day",
        "filled again at once",
        "no sample since",
    ],
)
def test_what_somebody_emptied_without_a_word(values: np.ndarray, made: float, wanted: bool) -> None:
    rising = bool(values[0] < values[len(values) // 2])
    limit = 400.0 if rising else 0.0
    at = HOURS * 3600
    assert moved(at, values, made=made * 3600, deadline=70 * 3600, limit=limit, rising=rising) is wanted


def test_what_is_cleaned_up_by_a_job_is_a_mistake_of_who_foretold_that_it_fills() -> None:
    hours = np.arange(0.0, 200, 0.5)
    values = 500 - 10 * (hours % 48)  # by itself, each second day
    for made in (90, 138, 186):
        deadline = (made + 12) * 3600.0
        assert not moved(hours * 3600, values, made=made * 3600.0, deadline=deadline, limit=0, rising=False)


@pytest.mark.parametrize(
    ("samples", "happened"),
    [([(150.0, 0.0), (210.0, 5.0)], None), ([(210.0, 0.0)], 210.0), ([(301.0, 0.0)], None), ([], None)],
    ids=["before the deadline", "after it", "too long after it", "no sample"],
)
def test_an_alarm_may_come_true_after_all(samples: list[tuple[float, float]], happened: float | None) -> None:
    at, values = np.array([at for at, _ in samples]), np.array([value for _, value in samples])
    found = after_all(at, values, deadline=200.0, until=300.0, limit=0.0, rising=False)
    assert (None if found is None else (found.outcome, found.happened)) == (happened and (NOT, happened))


@pytest.mark.parametrize(
    ("fired", "now", "wanted"),
    [
        ([], 150, None),
        ([99.0], 150, None),
        ([120.0, 110.0], 150, Resolution(TRUE, 110.0)),
        ([], 200, Resolution(NOT)),
        ([201.0], 210, Resolution(NOT)),
    ],
    ids=["waits", "fired before", "fired", "did not", "fired too late"],
)
def test_a_warning_is_right_where_an_alert_follows(
    fired: list[float], now: float, wanted: Resolution | None
) -> None:
    assert warning(np.array(fired), made=100.0, deadline=200.0, now=now) == wanted


def test_a_warning_that_nothing_can_confirm_is_void() -> None:
    found = warning(np.array([]), made=100.0, deadline=200.0, now=101.0, known=False)
    assert found is not None
    assert found.outcome is VOID
