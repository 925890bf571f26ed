"""Samples in CSR form: put together from pieces that follow each other in time, and cut out of one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


class Piece(NamedTuple):
    """Samples of some series, series after series, each in the order of time."""

    ids: Ints
    """The series in it, ascending."""
    offsets: Ints
    """len(ids) + 1: where each begins and ends."""
    at: Ints
    value: NDArray[np.float64]


FOREVER = int(np.iinfo(np.int64).max) - 1
"""A time after all others."""
EMPTY = Piece(np.empty(0, np.int64), np.zeros(1, np.int64), np.empty(0, np.int64), np.empty(0, np.float64))


def group(series: Ints, at: Ints, value: NDArray[np.float64]) -> Piece:
    """A piece of columns whose equal numbers already stand together, ascending."""
    if not len(series):
        return EMPTY
    starts = np.flatnonzero(np.diff(series, prepend=series[0] - 1))
    return Piece(series[starts].astype(np.int64), np.append(starts, len(series)), at, value)


def sort(series: Ints, at: Ints, value: NDArray[np.float64]) -> Piece:
    """A piece of columns in any order of series, each of them in the order of time."""
    if len(series) > 1 and (series[1:] < series[:-1]).any():
        order = np.argsort(series, kind="stable")
        series, at, value = series[order], at[order], value[order]
    return group(series, at, value)


def cut(piece: Piece, ids: Ints | None, start: int, end: int, *, within: bool = False) -> Piece:
    """What it has of these series (ascending; None: of all) with ``start < at <= end``.

    `within`: all of its samples are known to lie in that time.
    """
    if not len(piece.at):
        return EMPTY
    if ids is None or (len(ids) == len(piece.ids) and bool((ids == piece.ids).all())):
        chosen, at, value = piece.ids, piece.at, piece.value
        counts = np.diff(piece.offsets)
    else:
        where = np.searchsorted(piece.ids, ids)
        where[where == len(piece.ids)] = 0
        where = where[piece.ids[where] == ids]
        if not len(where):
            return EMPTY
        chosen = piece.ids[where]
        counts = piece.offsets[where + 1] - piece.offsets[where]
        index = _spread(piece.offsets[where], counts)
        at, value = piece.at[index], piece.value[index]
    if within:
        return Piece(chosen, np.concatenate(([0], np.cumsum(counts))), at, value)
    inside = (at > start) & (at <= end)
    if not inside.all():
        owner = np.repeat(np.arange(len(chosen)), counts)[inside]
        counts = np.bincount(owner, minlength=len(chosen))
        at, value = at[inside], value[inside]
        some = counts > 0
        chosen, counts = chosen[some], counts[some]
    return Piece(chosen, np.concatenate(([0], np.cumsum(counts))), at, value)


def reordered(piece: Piece, order: Ints) -> Piece:
    """Its series in another order, by their positions; what comes of it is not ascending."""
    counts = np.diff(piece.offsets)[order]
    index = _spread(piece.offsets[:-1][order], counts)
    return Piece(
        piece.ids[order],
        np.concatenate(([0], np.cumsum(counts))),
        piece.at[index],
        piece.value[index],
    )


def join(pieces: Sequence[Piece]) -> Piece:
    """All of them as one. A later piece's samples of a series follow an earlier one's."""
    pieces = [piece for piece in pieces if len(piece.at)]
    if not pieces:
        return EMPTY
    if len(pieces) == 1:
        return pieces[0]
    ids = np.unique(np.concatenate([piece.ids for piece in pieces]))
    where = [np.searchsorted(ids, piece.ids) for piece in pieces]
    counts = [np.diff(piece.offsets) for piece in pieces]
    total = np.zeros(len(ids), dtype=np.int64)
    for place, count in zip(where, counts, strict=True):
        total[place] += count
    offsets = np.concatenate(([0], np.cumsum(total)))
    free = offsets[:-1].copy()
    at = np.empty(offsets[-1], dtype=np.int64)
    value = np.empty(offsets[-1], dtype=np.float64)
    for piece, place, count in zip(pieces, where, counts, strict=True):
        target = _spread(free[place], count)
        at[target] = piece.at
        value[target] = piece.value
        free[place] += count
    return Piece(ids, offsets, at, value)


def _spread(starts: Ints, counts: Ints) -> Ints:
    """``starts[0], starts[0]+1, … (counts[0] of them), starts[1], …``."""
    before = np.cumsum(counts) - counts
    return np.repeat(starts - before, counts) + np.arange(int(counts.sum()), dtype=np.int64)


def union(parts: Iterable[Ints]) -> Ints:
    """The numbers in any of them, ascending."""
    parts = list(parts)
    return np.unique(np.concatenate(parts)).astype(np.int64) if parts else np.empty(0, dtype=np.int64)
