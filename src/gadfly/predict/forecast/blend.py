"""How much each component counts: least squares on its own scored past, drawn towards weights known
beforehand.

The prior is a normal distribution of each weight about its usual value (ridge regression, Hoerl and Kennard
1970), so that a short past changes little and a long one decides. Errors far beyond the usual count less
(Huber 1964).
"""

from __future__ import annotations

import numpy as np

from gadfly.predict.forecast.history import Floats, Rows

TINY = 1e-30
"""Keeps a division by nothing from being one."""
LOOSE = 0.2
"""The standard deviation of a weight about its usual value, before anything is seen."""
FAR = 2.5
"""From so many mean errors on, an error counts in proportion and no longer by its square."""
MOST = 10.0
"""No more errors than these say which of the usual weights to believe."""


def fit(added: Rows, wanted: Rows, counts: Rows, usual: Floats, loose: Floats, apart: Floats) -> Rows:
    """Weights float32[series, components] for `wanted ≈ Σ weights · added`.

    added: float32[series, components, rows]. wanted: float32[series, rows]. counts: float32[series, rows],
    0 where a row is not known. usual: float64[kinds, components], weights that are usual for some kind of
    series or other. loose: float64[components], how far a weight may be from them, 1 is as far as most.
    apart: float64[series], how many rows say something of their own.
    """
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), TINY)
    expected, first = _believed(added, wanted, shares, usual, apart)
    held = np.diag(1.0 / (loose * loose))
    turned = np.ascontiguousarray(added.transpose(0, 2, 1))
    off, far = first, FAR
    for _ in range(2):
        # First against what is usual, then against the weights found, now at the mean error already.
        robust = shares * _huber(off, shares, far)
        robust /= np.maximum(robust.sum(axis=1, keepdims=True), TINY)
        noise = np.einsum("ij,ij,ij->i", off, off, robust).astype(np.float64)
        # A little more than nothing: a component that never differs from the base is no reason to fail.
        ridge = noise / (np.maximum(apart, 1e-3) * LOOSE * LOOSE) + 1e-9
        weighted = added * robust[:, None, :]
        cross = np.matmul(weighted, turned) + ridge[:, None, None] * held
        change = np.linalg.solve(cross, np.matmul(weighted, first[:, :, None]).astype(np.float64))[:, :, 0]
        weights = (expected + change).astype(np.float32)
        off = wanted - np.matmul(weights[:, None, :], added)[:, 0]
        far = 1.0
    return weights


def _believed(added: Rows, wanted: Rows, shares: Rows, usual: Floats, apart: Floats) -> tuple[Floats, Rows]:
    """The usual weights of each series, and their errors: kinds mixed by how well each would have done."""
    errors = wanted[:, None] - np.matmul(usual.astype(np.float32), added)
    means = np.matmul(np.abs(errors), shares[:, :, None])[:, :, 0].astype(np.float64) + TINY
    belief = (means.min(axis=1, keepdims=True) / means) ** np.minimum(apart, MOST)[:, None]
    belief /= belief.sum(axis=1, keepdims=True)
    return np.matmul(belief, usual), np.matmul(belief[:, None, :].astype(np.float32), errors)[:, 0]


def _huber(off: Rows, shares: Rows, far: float) -> Rows:
    """1 up to `far` mean errors, then falling off so that an error counts in proportion."""
    size = np.abs(off)
    limit = far * np.einsum("ij,ij->i", size, shares)[:, None]
    factor: Rows = limit / np.maximum(size, np.maximum(limit, TINY))
    return factor
