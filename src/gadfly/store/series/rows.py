"""Rows of a block as DuckDB answers them, made columns in the order of series and time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gadfly.store.series.csr import Ints

if TYPE_CHECKING:
    import duckdb

Floats = NDArray[np.float64]


def columns(
    source: str, chosen: NDArray[np.uint32] | None, limit: int, cursor: duckdb.DuckDBPyConnection
) -> tuple[Ints, Ints, Floats]:
    """Series, times and values; one row more than the limit tells that there are more.

    `source`: the part of the query from FROM on, which may name the column `number` of `chosen_series`.
    """
    if chosen is not None:
        cursor.register("chosen_series", {"number": chosen})
    found = cursor.execute(f'SELECT series, at_ms, "value" {source} LIMIT {limit + 1}').fetchnumpy()
    value = found["value"]
    if np.ma.isMaskedArray(value):
        absent = np.ma.getmaskarray(value)
        value = np.array(np.ma.getdata(value))
        if absent.any():
            nan = cursor.execute(
                f'SELECT series, at_ms, nan_bits {source} AND "value" IS NULL LIMIT {limit + 1}'
            ).fetchnumpy()
            there = np.flatnonzero(absent)
            # Both answers in one order, whatever the order of each.
            mine = there[np.lexsort((found["at_ms"][there], found["series"][there]))]
            theirs = np.lexsort((nan["at_ms"], nan["series"]))
            value.view(np.int64)[mine] = nan["nan_bits"][theirs]
    return found["series"].astype(np.int64), found["at_ms"], value


def ordered(series: Ints, at: Ints, value: Floats) -> tuple[Ints, Ints, Floats]:
    """By series and time. The series of a block may stand in any order, and DuckDB may exchange whole
    stretches: these are put in order first, and single rows only where that was not it."""
    if len(series) < 2:
        return series, at, value
    falls = (series[1:] < series[:-1]) | ((series[1:] == series[:-1]) & (at[1:] <= at[:-1]))
    if not falls.any():
        return series, at, value
    starts = np.concatenate(([0], np.flatnonzero(falls) + 1))
    ends = np.append(starts[1:], len(series))
    order = np.lexsort((at[starts], series[starts]))
    index = np.concatenate([np.arange(starts[one], ends[one]) for one in order])
    series, at, value = series[index], at[index], value[index]
    if ((series[1:] < series[:-1]) | ((series[1:] == series[:-1]) & (at[1:] <= at[:-1]))).any():
        rows = np.lexsort((at, series))
        series, at, value = series[rows], at[rows], value[rows]
    return series, at, value
