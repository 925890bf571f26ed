"""Finding a season: the period that explains most of a series, and a longer one above it."""

from __future__ import annotations

import numpy as np

from gadfly.predict.forecast.history import Bools, Floats, Ints

NATURAL = (60, 300, 600, 900, 1800, 3600, 6 * 3600, 12 * 3600, 86400, 7 * 86400, 365 * 86400)
"""Seconds in which people, machines and clocks do the same again."""
USUAL = (7, 12, 24, 48, 52, 96, 144, 168, 288, 336)
"""Points of a season when nothing is known of the time between two points."""
CHANCE = 1.0
"""What is taken off the share, over the number of cycles."""
STRONG = 0.15
"""The share of the variance that a season must explain, beyond what chance would, to be one."""


def seasons(values: Floats, step: float) -> int:
    """The number of points of the natural period that series share; 0 when there is none.

    values: float64[series, points] or float64[points], NaN missing. step: seconds between two points.
    A minute, an hour, a day, a week or a year is taken when its profile explains enough of most series.
    """
    if not (np.isfinite(step) and step > 0):
        raise ValueError("the time between two points must be a positive number of seconds")
    x = np.atleast_2d(np.asarray(values, np.float64))
    offered = sorted({round(period / step) for period in NATURAL if period % step == 0})
    offered = [one for one in offered if one >= 2]
    if not offered or not x.size:
        return 0
    found = found_in(x, tuple(offered))
    counts = np.bincount(found, minlength=1)
    best = int(counts.argmax())
    return best if counts[best] * 2 > len(x) else 0


def found_in(x: Floats, offered: tuple[int, ...] = USUAL) -> Ints:
    """int64[series]: the offered period that explains most of each series, 0 when none does.

    x: float64[series, points]. A period must have been seen three times, newest points count only.
    """
    best = np.zeros(len(x), np.int64)
    most = np.full(len(x), STRONG)
    for period in offered:
        if x.shape[1] < 3 * period + 1:
            continue
        share = explained(x[:, -min(x.shape[1], 40 * period) :], period)
        # A longer period holds every shorter one that divides it: it must explain clearly more.
        better = share > np.where(best > 0, most + 0.2 * (1 - most), most)
        best = np.where(better, period, best)
        most = np.where(better, share, most)
    return best


def explained(x: Floats, period: int) -> Floats:
    """float64[series]: the share of the variance about a moving mean that the other cycles' profile explains.

    Each cycle is foretold by the mean of the others (leaving one out has a closed form), so noise has a
    share below 0 whatever the period. Slow waves still meet by chance when there are few cycles; that much
    is taken off.
    """
    x = np.where(np.isfinite(x), x, np.nan)
    span = np.maximum(_peak(x), np.finfo(np.float64).tiny)
    x = x / span[:, None]
    seen = np.isfinite(x)
    filled = np.where(seen, x, 0.0)
    total, count = (_windows(one, period) for one in (filled, seen.astype(np.float64)))
    half = period // 2
    inner = slice(half, half + total.shape[1])
    rest = np.where(seen[:, inner] & (count > 0), filled[:, inner] - total / np.maximum(count, 1.0), 0.0)
    known: Bools = seen[:, inner] & (count > 0)
    cycles = rest.shape[1] // period
    if cycles < 2:
        return np.zeros(len(x))
    rest = rest[:, -cycles * period :].reshape(len(x), cycles, period)
    known = known[:, -cycles * period :].reshape(len(x), cycles, period)
    often = known.sum(axis=1)
    profile = rest.sum(axis=1) / np.maximum(often, 1)
    whole = np.einsum("ijk,ijk->i", rest, rest)
    left = np.where(known, rest - profile[:, None, :], 0.0)
    unexplained = np.einsum("ijk,ijk->i", left, left)
    n = often.sum(axis=1)
    fair = (n > period + 1) & (whole > 1e-20 * n)
    ratio = np.divide(unexplained, whole, out=np.ones(len(x)), where=fair)
    return np.where(fair, 1.0 - ratio * (cycles / (cycles - 1)) ** 2 - CHANCE / cycles, 0.0)


def _peak(x: Floats) -> Floats:
    peak: Floats = np.where(np.isfinite(x), np.abs(x), 0.0).max(axis=1)
    return peak


def _windows(x: Floats, width: int) -> Floats:
    """Sums of `width` points next to each other, by the difference of running sums."""
    run = np.concatenate([np.zeros((len(x), 1)), np.cumsum(x, axis=1)], axis=1)
    sums: Floats = run[:, width:] - run[:, :-width]
    return sums
