"""How far off a blend has been: quantiles of its scored errors, on the scale that the moment lets expect.

Conformal prediction (Vovk et al. 2005) with normalised errors: an error is divided by its expected size,
pooled with the others of its block of horizons, and the pool's quantiles times the size expected next are
the interval.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from gadfly.predict.forecast.history import Floats, Ints, Rows

TRUST = 6.0
"""So many errors of their own the normal distribution weighs as much as, in the pool's quantiles."""
EVEN = 30.0
"""So many errors of their own a pool weighs as much as in which every error is there with both signs."""
TINY = 1e-18
"""Keeps a division by nothing from being one."""
FAR = 4.0
"""An error counts as at most so many mean errors when their sizes are learnt."""
PULL = 0.03
"""How strongly the kinds of unrest are drawn to their usual parts."""
PARTS = np.array([0.3, 0.3, 0.3, 0.1])
"""What part each kind of unrest has in the size of an error, before anything is seen."""
LEAST = 0.25
"""However quiet it is, so much of the mean error is expected."""


@dataclass(frozen=True)
class Spread:
    """size: float64[series, 4], what each kind of unrest adds. least: float64[series], the size that is
    always expected.

    quantiles: float64[series, levels], of errors over their expected size.
    """

    size: Floats
    least: Floats
    quantiles: Floats

    def expected(self, unrest: Rows) -> Rows:
        """float32[series, rows]: the size of error to expect, from `unrest` float32[series, 4, rows]."""
        return _expected(self.size, self.least, unrest)

    def grown(self, times: float) -> Spread:
        """The same for errors so many times as large."""
        return Spread(self.size * times, self.least * times, self.quantiles)


def learn(errors: Rows, unrest: Rows, counts: Rows, apart: Floats, levels: tuple[float, ...]) -> Spread:
    """What errors float32[series, rows] at so much unrest float32[series, 4, rows] say of the next ones.

    counts: float32[series, rows], 0 where a row is not known. apart: float64[series], errors of their own.
    """
    known = counts > 0
    rows = known.sum(axis=1)
    size, least = _sizes(errors, unrest, counts, apart)
    ratio = np.where(known, errors / _expected(size, least, unrest), np.float32(0))
    deviation = np.sqrt(np.einsum("ij,ij->i", ratio, ratio) / np.maximum(rows, 1))
    deviation = np.where(rows > 0, deviation, 1.25)[:, None]
    # Of n errors the least lies at 1/(n+1) of what is to come, so few of them must reach further out.
    few = np.maximum(apart, 1.0)[:, None]
    wanted = np.clip((np.asarray(levels) * (few + 1) - 0.5) / few, 0.0, 1.0)
    nowhere = np.float32(np.inf)
    as_seen = _quantiles(np.where(known, ratio, nowhere), wanted, rows)
    size_only = _quantiles(np.where(known, np.abs(ratio), nowhere), np.abs(2 * wanted - 1), rows)
    even = EVEN / (EVEN + few)
    seen = even * np.sign(wanted - 0.5) * size_only + (1 - even) * as_seen
    normal = np.array([NormalDist().inv_cdf(level) for level in levels]) * deviation
    own = np.where(rows > 0, apart / (apart + TRUST), 0.0)[:, None]
    return Spread(size, least, own * seen + (1 - own) * normal)


def _expected(size: Floats, least: Floats, unrest: Rows) -> Rows:
    found: Rows = np.matmul(size.astype(np.float32)[:, None, :], unrest)[:, 0]
    np.maximum(found, least.astype(np.float32)[:, None], out=found)
    return found


def _sizes(errors: Rows, unrest: Rows, counts: Rows, apart: Floats) -> tuple[Floats, Floats]:
    """Size and least: least squares of absolute errors on unrest, drawn to the usual parts, none below a
    little.
    """
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), TINY)
    off = np.abs(errors)
    weighted = unrest * shares[:, None, :]
    level = np.maximum(weighted.sum(axis=2).mean(axis=1), 1e-9).astype(np.float64)
    # What has never been scored is taken to be off by as much as points are from their level.
    mean = np.where(counts.any(axis=1), np.einsum("ij,ij->i", off, shares), level)
    usual = PARTS * (mean / level)[:, None]
    beyond = np.minimum(off, FAR * mean[:, None]) - np.matmul(usual[:, None, :], unrest)[:, 0]
    ridge = PULL * level * level * (1.0 + 30.0 / np.maximum(apart, 1.0)) + TINY
    cross = np.matmul(weighted, unrest.transpose(0, 2, 1)) + ridge[:, None, None] * np.eye(4)
    found = (
        usual + np.linalg.solve(cross, np.matmul(weighted, beyond[:, :, None]).astype(np.float64))[:, :, 0]
    )
    return np.maximum(found, 0.1 * usual), LEAST * mean + 1e-9


def _quantiles(values: Rows, wanted: Floats, rows: Ints) -> Floats:
    """Quantiles `wanted` float64[series, levels] of the first `rows` of each series' values in order."""
    ordered = np.sort(values, axis=1)
    last = np.maximum(rows - 1, 0)[:, None]
    place = wanted * last
    below = np.floor(place).astype(np.int64)
    part = place - below
    ends = (np.take_along_axis(ordered, one, axis=1) for one in (below, np.minimum(below + 1, last)))
    lower, upper = (np.where(np.isfinite(one), one, 0.0) for one in ends)
    return lower * (1 - part) + upper * part
