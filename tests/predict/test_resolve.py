"""What became of a prediction, from what was measured."""

from __future__ import annotations

import numpy as np
import pytest

from gadfly.predict.prediction import Outcome
from gadfly.predict.resolve import Resolution, after_all, filling, warning

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
