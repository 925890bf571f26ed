"""How much each component counts: least squares on its own scored past, drawn towards weights known beforehand.

The prior is a normal distribution of each weight about its usual value (ridge regression, Hoerl and Kennard 1970),
so that a short past changes little and a long one decides. Errors far beyond the usual count less (Huber 1964).
"""

from __future__ import annotations

import numpy as np

from gadfly.predict.forecast.history import Floats

TINY = 1e-150
LOOSE = 0.2
"""The standard deviation of a weight about its usual value, before anything is seen."""
FAR = 2.5
"""From so many mean errors on, an error counts in proportion and no longer by its square."""
MOST = 30.0
"""No more errors than these say which of the usual weights to believe."""


def fit(added: Floats, wanted: Floats, counts: Floats, usual: Floats, loose: Floats, apart: Floats) -> Floats:
    """Weights float64[series, components] for `wanted ≈ Σ weights · added`.

    added: float64[series, components, rows]. wanted: float64[series, rows]. counts: float64[series, rows], 0 where a
    row is not known. usual: float64[kinds, components], weights that are usual for some kind of series or other.
    loose: float64[components], how far a weight may be from them, 1 is as far as most. apart: float64[series], how
    many rows say something of their own.
    """
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), TINY)
    usual, off = _believed(added, wanted, shares, usual, apart)
    rows = added.transpose(0, 2, 1)
    limit, first = 1.0, off
    for _ in range(2):
        # First against what is usual, then against the weights found, now at the mean error already.
        robust = shares * _huber(off, shares, FAR * limit)
        robust /= np.maximum(robust.sum(axis=1, keepdims=True), TINY)
        weighted = added * robust[:, None, :]
        noise = (off * off * robust).sum(axis=1)
        # A little more than nothing: a component that never differs from the base is no reason to fail.
        ridge = noise / (np.maximum(apart, 1e-3) * LOOSE * LOOSE) + 1e-9
        cross = np.matmul(weighted, rows) + ridge[:, None, None] * np.diag(1.0 / (loose * loose))
        weights = usual + np.linalg.solve(cross, np.matmul(weighted, first[:, :, None]))[:, :, 0]
        off = wanted - np.matmul(weights[:, None, :], added)[:, 0]
        limit = 1.0 / FAR
    return weights


def _believed(
    added: Floats, wanted: Floats, shares: Floats, usual: Floats, apart: Floats
) -> tuple[Floats, Floats]:
    """The usual weights of each series, and their errors: the kinds mixed by how well each would have done."""
    errors = wanted[:, None] - np.matmul(usual, added)
    means = np.matmul(np.abs(errors), shares[:, :, None])[:, :, 0] + TINY
    belief = (means.min(axis=1, keepdims=True) / means) ** np.minimum(apart, MOST)[:, None]
    belief /= belief.sum(axis=1, keepdims=True)
    return np.matmul(belief, usual), np.matmul(belief[:, None, :], errors)[:, 0]


def _huber(off: Floats, shares: Floats, far: float) -> Floats:
    """1 up to `far` mean errors, then falling off so that an error counts in proportion."""
    limit = far * (np.abs(off) * shares).sum(axis=1, keepdims=True)
    return limit / np.maximum(np.abs(off), np.maximum(limit, TINY))
