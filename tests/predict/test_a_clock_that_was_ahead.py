"""A clock that was ahead, and is right again: what was found then hides nothing of what is."""

from __future__ import annotations

import math

import numpy as np

from gadfly.config.predict import Prediction
from gadfly.predict.gauge import Gauge
from gadfly.predict.prediction import named
from gadfly.promql.held import Held
from gadfly.store.predictions import Row

HOUR = 3600.0
MONTH = 30 * 24
START = 1_800_000_000.0 // 86_400 * 86_400


def test_what_was_found_in_the_future_is_forgotten() -> None:
    hour = np.concatenate([np.arange(0, 80, 1 / 6), np.arange(80 + MONTH, 81 + MONTH, 1 / 6)])
    value = np.where((hour > 79) & (hour < 79.5), 0.0, np.maximum(1.0, 2000.0 - hour))
    labels = {"__name__": "disk", "host": "a"}
    source = Held([(labels, np.round((START + hour * HOUR) * 1000).astype(np.int64), value)])
    gauge = Gauge("disk", Prediction(of="disk", full="0", act=8 * HOUR, owner="ops", every=600.0))
    row = Row(
        predictor="disk",
        kind="capacity",
        series=named(labels),
        labels=labels,
        made=START + 78 * HOUR,
        deadline=START + 90 * HOUR,
        probability=0.6,
        base=0.5,
        evidence={"limit": 0.0},
    )
    ahead = gauge.look(source, START + (80.9 + MONTH) * HOUR)
    assert math.isnan(ahead.foreseen[0].month)
    again = gauge.look(source, START + 79.9 * HOUR, [row])
    assert again.foreseen[0].month >= 0
    assert [end.outcome for _, end in again.resolved] == ["came true"]
