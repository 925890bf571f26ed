"""Reductions over many windows of one flat column, without a loop over the windows.

A window is ``values[lo:hi]``; windows overlap and have different lengths. lo and hi have one shape, which is
that of the result; for empty windows the result means nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from gadfly.promql.budget import Budget
from gadfly.promql.values import Bools, Floats, Ints, blocks

BLOCK = 4_000_000
# A sum so much smaller than that of its magnitudes lost digits that Prometheus' compensated sum keeps.
ILL_CONDITIONED = 1e-4


def reduce(ufunc: np.ufunc, values: Floats, lo: Ints, hi: Ints, budget: Budget) -> Floats:
    """The ufunc over each window."""
    padded = np.append(values, 0.0)
    out = np.empty(lo.shape)
    for rows in blocks(np.maximum(hi - lo, 1).sum(axis=1), BLOCK):
        budget.on()
        edges = np.empty((lo[rows].size, 2), dtype=np.int64)
        edges[:, 0], edges[:, 1] = lo[rows].ravel(), hi[rows].ravel()
        out[rows] = ufunc.reduceat(padded, edges.ravel())[::2].reshape(lo[rows].shape)
    return out


class Flat(NamedTuple):
    """Some windows laid end to end: `position` of each element in the column, `starts` of each window among
    these, `which` of the windows (flat) they are, `owner` of each element among these."""

    position: Ints
    starts: Ints
    which: Ints
    owner: Ints


def flattened(lo: Ints, hi: Ints, chosen: Bools, budget: Budget) -> Iterator[Flat]:
    """The chosen windows (none of them empty), in blocks that fit into memory."""
    which = np.flatnonzero(chosen.ravel())
    low, size = lo.ravel()[which], (hi - lo).ravel()[which]
    for part in blocks(size, BLOCK // 2):
        budget.on()
        sizes = size[part]
        starts = np.cumsum(sizes) - sizes
        owner = np.repeat(np.arange(len(sizes)), sizes)
        position = np.arange(int(sizes.sum())) - starts[owner] + low[part][owner]
        yield Flat(position, starts, which[part], owner)


class Lanes:
    """Windows side by side, walked one sample of each at a time, where the order of the samples counts.

    The longest stand first, so that those which have a k-th sample are always the first ones.
    """

    def __init__(self, lo: Ints, hi: Ints) -> None:
        """`lo` and `hi` of one shape, which `back` gives its results."""
        self._shape = lo.shape
        size = (hi - lo).ravel()
        self.order: Ints = np.argsort(-size, kind="stable")
        self._low, self._size = lo.ravel()[self.order], size[self.order]

    def __len__(self) -> int:
        return len(self._low)

    def positions(self, budget: Budget) -> Iterator[Ints]:
        """For k = 0, 1, …: where the k-th sample of the first lanes stands, of as many as have one."""
        longest = int(self._size.max(initial=0))
        counts = np.searchsorted(-self._size, -np.arange(longest), side="left")
        for k in range(longest):
            if k % 64 == 0:
                budget.on()
            yield self._low[: counts[k]] + k

    def back(self, results: Floats) -> Floats:
        """One result a lane, in the order and shape of the windows."""
        out = np.empty(len(results))
        out[self.order] = results
        return out.reshape(self._shape)


class Kahan:
    """Sums by Neumaier's improvement of Kahan's method, one term a lane at a time, as Prometheus adds."""

    def __init__(self, lanes: int) -> None:
        self.sum = np.zeros(lanes)
        self.rest = np.zeros(lanes)

    def add(self, term: Floats, where: Ints | slice | None = None) -> None:
        """Add a term to each of the first lanes, or to those that `where` tells."""
        lanes = slice(len(term)) if where is None else where
        before = self.sum[lanes]
        total = before + term
        self.rest[lanes] += np.where(
            np.abs(before) >= np.abs(term), (before - total) + term, (term - total) + before
        )
        self.sum[lanes] = total

    def total(self) -> Floats:
        """The sums; infinite ones without their rest, which is NaN then."""
        return np.where(np.isinf(self.sum), self.sum, self.sum + self.rest)


def where_ill(total: Floats, magnitude: Floats) -> Bools:
    """Where a plain sum is not to be trusted: it cancelled, or met infinity or NaN."""
    sound = (np.abs(total) >= ILL_CONDITIONED * magnitude) & np.isfinite(magnitude)
    ill: Bools = ~sound & (magnitude != 0)
    return ill


def compensated(
    plain: Floats, ill: Bools, lo: Ints, hi: Ints, budget: Budget, exact: Callable[[Ints, Ints], Floats]
) -> Floats:
    """`plain`, with what `exact` says of the windows that are ill."""
    if ill.any():
        budget.on()
        plain[ill] = exact(lo[ill], hi[ill])
    return plain
