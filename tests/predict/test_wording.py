"""What is told has words for every number that a series may hold."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pytest

from gadfly.config.predict import Prediction
from gadfly.predict.gauge import Gauge
from gadfly.predict.prediction import Foreseen
from gadfly.predict.wording import description, moment, number, summary
from gadfly.promql.held import Held

NUMBERS = (math.nan, 0.0, -1.0, 0.7, 1e308, -1e308, 2e13, math.inf)


@pytest.mark.parametrize("kind", ["fills", "ends", "fails"])
def test_any_number_has_words(kind: Literal["fills", "ends", "fails"]) -> None:
    for value in NUMBERS:
        for probability in (math.nan, 0.0, 0.7, 1.0):
            for limit in (math.nan, 0.0):
                one = Foreseen(
                    key=(("host", "a"),), probability=probability, value=value, limit=limit, kind=kind
                )
                assert len(summary(one, 3600, 1e9)) < 200
                assert len(description(one)) < 200


def test_of_what_is_not_known_that_is_said() -> None:
    for kind in ("fills", "fails"):
        one = Foreseen(key=(("host", "a"),), probability=math.nan, value=5, limit=math.nan, kind=kind)
        assert "too little to say now" in summary(one, 3600, 1e9)


def test_a_number_is_short() -> None:
    assert [number(one) for one in (0.123456, 1234.5, 1e308)] == ["0.1235", "1,234", "1e+308"]


def test_a_time_that_no_calendar_has() -> None:
    assert moment(0) == "1970-01-01 00:00 UTC"
    assert moment(2e13) == "a time that no calendar has (2e+13 s)"


@pytest.mark.parametrize(("full", "sign"), [("0", 1), ("1e10", -1)], ids=["falling", "rising"])
def test_an_alarm_tells_one_number_of_what_is_left(full: str, sign: int) -> None:
    """Also where the newest sample is minutes newer than the last one that was learnt from."""
    hour = np.append(np.arange(0, 80 + 1e-9, 1 / 6), 80.1)
    left = 9e9 - hour * 5e7 * (1 + (hour > 80))
    value = float(full) + sign * left
    at = np.round((1_800_000_000 + hour * 3600) * 1000).astype(np.int64)
    gauge = Gauge("disk", Prediction(of="disk", full=full, act=8 * 3600.0, owner="ops", every=600.0))
    (one,) = gauge.look(Held([({"__name__": "disk"}, at, value)]), 1_800_000_000 + 80.12 * 3600).foreseen
    assert one.why.startswith("990,000,000 left; ")
    assert f"It is {number(value[-1])} now" in description(one)
