"""A forecast: what is known → components → their blend → its spread → quantiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gadfly.predict.forecast.blend import fit
from gadfly.predict.forecast.components import Components
from gadfly.predict.forecast.history import LEAST, Floats, History, Ints, Rows
from gadfly.predict.forecast.plan import Block, plan
from gadfly.predict.forecast.prior import loose, usual
from gadfly.predict.forecast.season import found_in
from gadfly.predict.forecast.spread import Spread, learn

LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
ROWS = 120
"""Past forecasts that are scored in each block of horizons, for 1,000 points."""
LEAST_ROWS, MOST_ROWS = 160, 2560
"""So many at least and at most, whatever the number of points."""
WIDTH = 3
"""Horizons of a block of which they are."""
CELLS = 1 << 17
"""Values that are worked on at once, so that they stay in the processor's memory."""
OVERLAP = 0.4
"""Moments closer than this share of the horizon say the same again."""
HUGE = 1e300
"""From here on a number counts as infinite: there must be room above it to calculate in."""
WEEKS_SEEN = 2.5
"""Weeks that must have been seen before a day of the week means something."""
BEYOND = 3.0
"""A forecast stays within so many times the range ever seen."""
OVER = {24: (7, 8760), 48: (7, 17520), 96: (7, 35040), 144: (7, 52560), 288: (7, 105120), 7: (0, 365)}
"""What stands above a season that is usual for a day, or a week: seasons in a week, points in a year."""


def forecast(values: Floats, horizon: int, season: int = 0, *, levels: Sequence[float] = LEVELS) -> Floats:
    """The distribution of the next points of many series: float64[series, horizon, levels].

    values: float64[series, points], equally spaced in time and ending together; NaN and infinities are
    missing, and a series that begins late begins with them. horizon: points, ≥ 1. season: points of the
    main period; 0 or 1 lets it be found among the usual ones. levels: quantiles in (0, 1), ascending; they
    never cross. A series with fewer than three values is too little to say: NaN. Quantiles stay at or above
    0 where all values were.

    Each series is forecast from its own past alone, and nothing is drawn at random. ValueError says what is
    wrong with the arguments.
    """
    values = np.asarray(values, np.float64)
    if values.ndim != 2:
        raise ValueError("values must be an array of series by points")
    if horizon < 1:
        raise ValueError("the horizon must be at least one point")
    if season < 0:
        raise ValueError("the season must be a number of points, or 0 to find it")
    wanted = tuple(float(one) for one in levels)
    if not wanted or not all(0 < one < 1 for one in wanted) or sorted(set(wanted)) != list(wanted):
        raise ValueError("the levels must ascend between 0 and 1")
    values = np.where(np.abs(values) < HUGE, values, np.nan)
    out = np.full((len(values), horizon, len(wanted)), np.nan)
    if not values.shape[1]:
        return out
    seen = np.isfinite(values)
    enough = seen.sum(axis=1) >= LEAST
    length = np.where(enough, values.shape[1] - seen.argmax(axis=1), 0)
    periods = np.where(enough, season, 0)
    if season < 2:
        periods[enough] = found_in(values[enough])
    periods[length < 1.5 * periods] = 0
    for period in np.unique(periods[enough]).tolist():
        group = np.flatnonzero(enough & (periods == period))
        group = group[np.argsort(length[group], kind="stable")]
        for chunk in _chunks(group, length):
            points = int(length[chunk].max())
            part = values[chunk, -points:]
            out[chunk] = _alike(part, horizon, max(period, 1), int(length[chunk].min()), wanted)
    return out


def _chunks(group: Ints, length: Ints) -> list[Ints]:
    """Series of about one length, so many that their values fit."""
    chunks: list[Ints] = []
    begin = 0
    for end in range(1, len(group) + 1):
        longest = int(length[group[end - 1]])
        last = end == len(group)
        uneven = not last and length[group[end]] > 1.25 * length[group[begin]] + 8
        if last or uneven or (end - begin + 1) * longest > CELLS:
            chunks.append(group[begin:end])
            begin = end
    return chunks


def _alike(values: Floats, horizon: int, season: int, shortest: int, levels: tuple[float, ...]) -> Floats:
    """Series of one season and about one length, the shortest of `shortest` points."""
    history = History.of(values, season)
    points = values.shape[1]
    week, year = OVER.get(season, (0, 0))
    week = week if shortest >= WEEKS_SEEN * week * season else 0
    year = year if shortest >= 1.5 * year else 0
    parts = Components(history, season, week, year)
    need = _need(parts, shortest)
    learnt: list[Learnt] = []
    for block in plan(points, need, horizon, _rows(points), WIDTH):
        learnt.append(_learn(history, parts, block, need, levels, learnt))
    x = _ahead(parts, learnt, horizon)
    return _in_units(x, history)


def _rows(points: int) -> int:
    return int(np.clip(ROWS * points / 1000, LEAST_ROWS, MOST_ROWS))


def _need(parts: Components, shortest: int) -> int:
    """What must be known before a moment, if the shortest of the series is to have some moments."""
    return min(parts.need + 2, max(shortest // 2, 2))


@dataclass(frozen=True)
class Learnt:
    """What a block of horizons showed. weights: float32[series, components]."""

    centre: float
    weights: Rows
    spread: Spread


def _learn(
    history: History,
    parts: Components,
    block: Block,
    need: int,
    levels: tuple[float, ...],
    before: list[Learnt],
) -> Learnt:
    series = len(history.x)
    if not len(block.moments):
        # Never looked so far ahead: errors grow as those of a random walk would.
        last = before[-1]
        growth = 2.0 ** ((block.centre - last.centre) / 2)
        return Learnt(
            block.centre,
            np.repeat(usual(parts, block.centre)[:1].astype(np.float32), series, axis=0),
            last.spread.grown(growth),
        )
    asked = (block.moments - 1 + block.ahead[:, None]).ravel()
    moments = np.tile(block.moments, len(block.ahead))
    base, added = parts.design(block.moments, block.ahead)
    counts = (history.seen[:, asked] & (moments - history.start[:, None] >= need)).astype(np.float32)
    moments_known = (counts > 0).sum(axis=1) / len(block.ahead)
    apart = moments_known * min(1.0, block.stride / (OVERLAP * block.last + 1 - OVERLAP))
    # What lasts, a change of level say, is seen anew only in horizons that have no point in common.
    whole = moments_known * min(1.0, block.stride / block.last)
    wanted = (history.x[:, asked] - base).astype(np.float32)
    weights = fit(added, wanted, counts, usual(parts, block.centre), loose(parts), apart)
    errors = wanted - np.matmul(weights[:, None, :], added)[:, 0]
    unrest = parts.unrest(block.moments, block.ahead)
    return Learnt(block.centre, weights, learn(errors, unrest, counts, whole, levels))


def _ahead(parts: Components, learnt: list[Learnt], horizon: int) -> Floats:
    """float64[series, horizon, levels], weights and spreads going over smoothly from block to block."""
    ahead = np.arange(1, horizon + 1)
    now = np.array([parts.points])
    base, added = parts.design(now, ahead)
    unrest = parts.unrest(now, ahead)
    centres = np.array([one.centre for one in learnt])
    there = np.interp(np.log2(1.0 + ahead), centres, np.arange(len(centres)))
    out = np.zeros((len(base), horizon, learnt[0].spread.quantiles.shape[1]))
    for i, one in enumerate(learnt):
        share = np.maximum(0.0, 1.0 - np.abs(there - i))
        some = np.flatnonzero(share)
        if not len(some):
            continue
        middle = base[:, some] + np.matmul(one.weights[:, None, :], added[:, :, some])[:, 0]
        size = one.spread.expected(unrest[:, :, some])
        whole = middle[:, :, None] + size[:, :, None] * one.spread.quantiles[:, None, :]
        out[:, some] += share[some, None] * whole
    return out


def _in_units(x: Floats, history: History) -> Floats:
    """Back to the values' own units, and within what they allow."""
    out = x * history.scale[:, None, None] + (history.middle - history.lost)[:, None, None]
    low, high = history.low, history.high
    room = BEYOND * (high - low)
    low, high = low - history.lost, high - history.lost
    floor = np.where(history.low >= 0, np.maximum(low - room, 0.0), low - room)
    out = np.clip(out, floor[:, None, None], (high + room)[:, None, None])
    still = high <= low
    out[still] = high[still, None, None]
    return out
