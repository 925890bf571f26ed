"""Where each series is full: a number for all, or another series with the same labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gadfly.predict.prediction import Key
from gadfly.promql import Limits
from gadfly.promql.query import instant
from gadfly.promql.source import Selects
from gadfly.promql.values import Scalar, Vector


def limits(source: Selects, full: str, keys: Sequence[Key], now: float) -> NDArray[np.float64]:
    """The limit of each series (series), NaN where none is known. QueryError, LimitError, StoreError.

    A scalar holds for all. Of a vector the element with the same labels counts, the metric's name apart; one
    without any label holds for all.
    """
    found = instant(source, full, round(now * 1000), Limits())
    if isinstance(found, Scalar):
        return np.full(len(keys), found.value)
    assert isinstance(found, Vector)  # the catalogue takes nothing else
    by_labels = {_nameless(tuple(sorted(one.labels.items()))): one.value for one in found.samples}
    of_all = by_labels.get((), np.nan)
    return np.array([by_labels.get(_nameless(one), of_all) for one in keys], np.float64)


def _nameless(key: Key) -> Key:
    return tuple(pair for pair in key if pair[0] != "__name__")
