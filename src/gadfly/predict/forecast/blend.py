"""How much each component counts: least squares on its own scored past, drawn towards weights known beforehand.

The prior is a normal distribution of each weight about its usual value (ridge regression, Hoerl and Kennard 1970),
so that a short past changes little and a long one decides. Errors far beyond the usual count less (Huber 1964).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gadfly.predict.forecast.history import Floats

LOOSE = 0.25
"""The standard deviation of a weight about its usual value, before anything is seen."""
FAR = 2.5
"""From so many mean errors on, an error counts in proportion and no longer by its square."""


@dataclass(frozen=True)
class Blend:
    """weights: float64[series, components]. optimism: float64[series], how much smaller errors look in the past."""

    weights: Floats
    optimism: Floats


def fit(added: Floats, wanted: Floats, counts: Floats, usual: Floats, apart: Floats) -> Blend:
    """Weights for `wanted ≈ Σ weights · added`.

    added: float64[series, components, rows]. wanted: float64[series, rows]. counts: float64[series, rows], 0 where a
    row is not known. usual: float64[components]. apart: float64[series], how many rows say something of their own.
    """
    some = counts.sum(axis=1)
    off = wanted - np.matmul(usual, added)
    size = np.abs(off) * counts
    mean = size.sum(axis=1) / np.maximum(some, 1e-12)
    limit = FAR * mean[:, None]
    counts = counts * (limit / np.maximum(np.abs(off), np.maximum(limit, 1e-300)))
    total = np.maximum(counts.sum(axis=1), 1e-12)[:, None]
    counts = counts / total
    weighted = added * counts[:, None, :]
    cross = np.matmul(weighted, added.transpose(0, 2, 1))
    towards = np.matmul(weighted, off[:, :, None])
    noise = (off * off * counts).sum(axis=1)
    # A little more than nothing: a component that never differs from the base is no reason to fail.
    ridge = noise / (np.maximum(apart, 1e-3) * LOOSE * LOOSE) + 1e-9
    eye = np.eye(added.shape[1])
    inverse = np.linalg.inv(cross + ridge[:, None, None] * eye)
    weights = usual + np.matmul(inverse, towards)[:, :, 0]
    used = added.shape[1] - ridge * np.trace(inverse, axis1=1, axis2=2)
    optimism = np.sqrt(1.0 + 2.0 * np.clip(used, 0.0, None) / np.maximum(apart, 1.0))
    return Blend(weights, np.minimum(optimism, 2.0))
