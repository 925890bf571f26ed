"""Pieces are cut and joined as rows would be."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gadfly.store.series import csr
from gadfly.store.series.csr import Piece

Row = tuple[int, int, float]


def rows(piece: Piece) -> list[Row]:
    ids = np.repeat(piece.ids, np.diff(piece.offsets))
    return list(zip(ids.tolist(), piece.at.tolist(), piece.value.tolist(), strict=True))


def piece(given_: list[Row]) -> Piece:
    if not given_:
        return csr.EMPTY
    ids, at, value = zip(*given_, strict=True)
    return csr.sort(np.array(ids, np.int64), np.array(at, np.int64), np.array(value, np.float64))


some = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 20)), unique=True, max_size=40).map(
    lambda pairs: [(number, at, at / 2) for number, at in sorted(pairs, key=lambda pair: pair[1])]
)


@given(some)
def test_sorted_by_series_then_time(given_: list[Row]) -> None:
    assert rows(piece(given_)) == sorted(given_)


@given(some, st.lists(st.integers(0, 8), unique=True).map(sorted), st.integers(-1, 21), st.integers(-1, 21))
def test_cut(given_: list[Row], wanted: list[int], start: int, end: int) -> None:
    found = csr.cut(piece(given_), np.array(wanted, np.int64), start, end)
    assert rows(found) == [row for row in sorted(given_) if row[0] in wanted and start < row[1] <= end]
    everything = csr.cut(piece(given_), None, start, end)
    assert rows(everything) == [row for row in sorted(given_) if start < row[1] <= end]
    assert (np.diff(everything.offsets) > 0).all() or not len(everything.ids)


@given(some, st.lists(st.integers(0, 20), max_size=4).map(sorted))
def test_join(given_: list[Row], borders: list[int]) -> None:
    edges = [-1, *borders, 99]
    parts = [piece([row for row in given_ if low < row[1] <= high]) for low, high in pairwise(edges)]
    assert rows(csr.join(parts)) == sorted(given_)


def test_union() -> None:
    assert csr.union([]).tolist() == []
    assert csr.union([np.array([3, 1]), np.array([2, 3])]).tolist() == [1, 2, 3]
