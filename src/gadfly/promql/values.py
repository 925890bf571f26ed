"""What an expression comes to: while it is evaluated, for all steps at once, and as the answer.

N is the number of series, T that of steps; row i of an array belongs to `labels[i]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gadfly.errors import QueryError
from gadfly.promql.source import Labels

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SAME_LABELS = "vector cannot contain metrics with the same labelset"


@dataclass(frozen=True, slots=True)
class Steps:
    """The times at which something is evaluated: `at` (T) in ms, ascending by `step` (any, where T is 1)."""

    at: Ints
    step: int

    def __len__(self) -> int:
        return len(self.at)

    @classmethod
    def between(cls, start: int, end: int, step: int) -> Steps:
        """start, start + step, … up to and including end."""
        return cls(np.arange(start, end + 1, step, dtype=np.int64), step)


@dataclass(frozen=True, slots=True)
class Scalars:
    """A scalar at each step: `value` (T)."""

    value: Floats


@dataclass(frozen=True, slots=True)
class Vectors:
    """An instant vector at each step: `value` and `present` (N, T). What is not present means nothing."""

    labels: list[Labels]
    value: Floats
    present: Bools

    @classmethod
    def empty(cls, steps: int) -> Vectors:
        """No series at all."""
        return cls([], np.empty((0, steps)), np.empty((0, steps), dtype=np.bool_))

    def rows(self, keep: Bools | Ints) -> Vectors:
        """The chosen series only."""
        chosen = np.flatnonzero(keep) if keep.dtype == np.bool_ else keep
        return Vectors([self.labels[i] for i in chosen], self.value[chosen], self.present[chosen])


@dataclass(frozen=True, slots=True)
class Windows:
    """A range vector at each step: the samples of series i in step j are ``at[lo[i, j]:hi[i, j]]``.

    `lo`, `hi` (N, T) point into the flat columns `at` (ms) and `value`; `right` (T) is the right edge of the
    windows, ms, offset and @ applied; `span` their length, ms. Stale markers are not among the samples.
    """

    labels: list[Labels]
    at: Ints
    value: Floats
    lo: Ints
    hi: Ints
    right: Ints
    span: int


Evaluated = Scalars | Vectors | Windows | str


@dataclass(frozen=True, slots=True)
class Sample:
    """One element of an instant vector."""

    labels: Labels
    value: float


@dataclass(frozen=True, slots=True)
class Vector:
    """The answer of an instant query: samples at one time, ms."""

    at: int
    samples: list[Sample]


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a matrix: `at` (n) in ms, `value` (n)."""

    labels: Labels
    at: Ints
    value: Floats


@dataclass(frozen=True, slots=True)
class Matrix:
    """The answer of a range query, or of a range selector."""

    series: list[Series]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A number at one time, ms."""

    at: int
    value: float


@dataclass(frozen=True, slots=True)
class String:
    """A text at one time, ms."""

    at: int
    value: str


Value = Vector | Matrix | Scalar | String


def key(labels: Labels) -> tuple[tuple[str, str], ...]:
    """What two equal label sets have in common; sorts as Prometheus sorts them."""
    return tuple(sorted(labels.items()))


def seen(present: Bools) -> Bools:
    """Which rows have a value at any step."""
    rows: Bools = np.any(present, axis=1)
    return rows


def united(vectors: Vectors) -> Vectors:
    """Rows with equal labels made one. Raises `QueryError` where two have a value at the same step."""
    rows: dict[tuple[tuple[str, str], ...], list[int]] = {}
    for i, labels in enumerate(vectors.labels):
        rows.setdefault(key(labels), []).append(i)
    if len(rows) == len(vectors.labels):
        return vectors
    value, present = vectors.value.copy(), vectors.present.copy()
    first = np.array([same[0] for same in rows.values()], dtype=np.int64)
    for same in rows.values():
        for other in same[1:]:
            if (present[same[0]] & present[other]).any():
                raise QueryError(SAME_LABELS)
            value[same[0]] = np.where(present[other], value[other], value[same[0]])
            present[same[0]] |= present[other]
    return Vectors([vectors.labels[i] for i in first], value[first], present[first])


def nonempty(vectors: Vectors) -> Vectors:
    """Only the rows that have a value at any step."""
    rows = seen(vectors.present)
    return vectors if rows.all() else vectors.rows(rows)


def unnamed(vectors: Vectors, *, ever: bool) -> Vectors:
    """Without `__name__`, and rows with equal labels made one.

    Raises `QueryError` where two of these have a value at the same step, or, with `ever`, at any steps.
    """
    labels = []
    names = set()
    for one in vectors.labels:
        if "__name__" in one:
            names.add(one["__name__"])
            one = one.copy()
            del one["__name__"]
        else:
            names.add("")
        labels.append(one)
    found = nonempty(Vectors(labels, vectors.value, vectors.present))
    if len(names) < 2:  # label sets that differed still do
        return found
    if ever and len({key(one) for one in found.labels}) < len(found.labels):
        raise QueryError(SAME_LABELS)
    return united(found)


def blocks(sizes: Ints, most: int) -> Iterator[slice]:
    """Slices over the rows, each of rows whose sizes sum to about `most` (one row at least)."""
    ends = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        before = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + most, side="right")))
        yield slice(start, stop)
        start = stop
