"""How far off a blend has been: quantiles of its scored errors, on the scale that the moment lets expect.

Conformal prediction (Vovk et al. 2005) with normalised errors: an error is divided by its expected size, pooled with
the others of its block of horizons, and the pool's quantiles times the size expected next are the interval.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from gadfly.predict.forecast.history import Floats

TRUST = 6.0
"""So many errors of their own the normal distribution weighs as much as, in the pool's quantiles."""
PULL = 0.1
"""How strongly the kinds of unrest are drawn to equal parts."""
LEAST = 0.25
"""However quiet it is, so much of the mean error is expected."""


@dataclass(frozen=True)
class Spread:
    """size: float64[series, 3], what each kind of unrest adds. least: float64[series], the size that is always expected.

    quantiles: float64[series, levels], of errors over their expected size.
    """

    size: Floats
    least: Floats
    quantiles: Floats

    def expected(self, unrest: Floats) -> Floats:
        """float64[series, rows]: the size of error to expect, from `unrest` float64[series, 3, rows]."""
        return _expected(self.size, self.least, unrest)

    def grown(self, times: float) -> Spread:
        """The same for errors so many times as large."""
        return Spread(self.size * times, self.least * times, self.quantiles)


def _expected(size: Floats, least: Floats, unrest: Floats) -> Floats:
    return np.maximum(np.matmul(size[:, None, :], unrest)[:, 0], least[:, None])


def _sizes(errors: Floats, unrest: Floats, counts: Floats, apart: Floats) -> tuple[Floats, Floats]:
    """Size and least: least squares of absolute errors on unrest, drawn to equal parts, none below a little."""
    total = np.maximum(counts.sum(axis=1), 1e-12)[:, None]
    counts = counts / total
    off = np.abs(errors)
    mean = (off * counts).sum(axis=1)
    level = np.maximum((unrest * counts[:, None, :]).sum(axis=2).mean(axis=1), 1e-9)
    # What has never been scored is taken to be off by as much as points are from their level.
    mean = np.where(counts.any(axis=1), mean, level)
    equal = np.repeat((mean / level / 3)[:, None], 3, axis=1)
    limit = np.minimum(off, 4 * mean[:, None])
    weighted = unrest * counts[:, None, :]
    cross = np.matmul(weighted, unrest.transpose(0, 2, 1))
    towards = np.matmul(weighted, (limit - np.matmul(equal[:, None, :], unrest)[:, 0])[:, :, None])
    ridge = PULL * level * level * (1.0 + 30.0 / np.maximum(apart, 1.0)) + 1e-12
    found = equal + np.linalg.solve(cross + ridge[:, None, None] * np.eye(3), towards)[:, :, 0]
    return np.maximum(found, 0.1 * equal), LEAST * mean + 1e-9


def learn(
    errors: Floats, unrest: Floats, counts: Floats, apart: Floats, optimism: Floats, levels: tuple[float, ...]
) -> Spread:
    """What errors float64[series, rows] at so much unrest say of the next ones."""
    size, least = _sizes(errors, unrest, counts, apart)
    ratio = np.where(counts > 0, errors / _expected(size, least, unrest), np.inf)
    ratio.sort(axis=1)
    rows = (counts > 0).sum(axis=1)
    finite = np.where(np.isfinite(ratio), ratio, 0.0)
    deviation = np.sqrt((finite * finite).sum(axis=1) / np.maximum(rows, 1))
    deviation = np.where(rows > 0, deviation, 1.25)
    wanted = np.asarray(levels)
    place = np.clip(wanted * (rows[:, None] + 1) - 1, 0, np.maximum(rows - 1, 0)[:, None])
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, np.maximum(rows - 1, 0)[:, None])
    part = place - below
    seen = np.take_along_axis(finite, below, axis=1) * (1 - part) + np.take_along_axis(finite, above, axis=1) * part
    normal = np.array([NormalDist().inv_cdf(one) for one in levels])
    own = np.where(rows > 0, apart / (apart + TRUST), 0.0)[:, None]
    quantiles = own * seen + (1 - own) * normal * deviation[:, None]
    return Spread(size, least, quantiles * optimism[:, None])
