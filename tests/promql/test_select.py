"""Times are found alike whether they fit into one key with the series or not."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gadfly.promql.select import Finder

TIMES = st.lists(st.integers(-50, 50), max_size=8, unique=True)


@given(st.lists(TIMES, min_size=1, max_size=4), st.lists(st.integers(-60, 60), min_size=1, max_size=5))
def test_found(series: list[list[int]], times: list[int]) -> None:
    at = np.array([when for one in series for when in sorted(one)], dtype=np.int64)
    offsets = np.concatenate(([0], np.cumsum([len(one) for one in series]))).astype(np.int64)
    wanted = np.array(times, dtype=np.int64)
    expected = [
        [int(offset) + sum(when <= time for when in one) for time in times]
        for offset, one in zip(offsets, series, strict=False)
    ]
    for furthest in (100, 2**62):  # the second is too far for one key
        finder = Finder(at, offsets, -furthest, furthest)
        assert finder.up_to(wanted).tolist() == expected
        assert finder.before(wanted + 1).tolist() == expected
