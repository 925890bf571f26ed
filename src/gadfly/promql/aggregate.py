"""Many series to one a group: sum, min, max, avg, group, count, stddev, stdvar, quantile, count_values."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from gadfly.promql.budget import Budget
from gadfly.promql.number import shortest
from gadfly.promql.over_time import interpolated
from gadfly.promql.ragged import where_ill
from gadfly.promql.source import Labels
from gadfly.promql.tree import Aggregate
from gadfly.promql.values import Floats, Ints, Vectors


class Groups(NamedTuple):
    """Which series go together: `order` lists them group after group, each group's in their own order;
    group g is ``order[starts[g]:starts[g + 1]]``; groups stand in the order in which they first appear."""

    labels: list[Labels]
    order: Ints
    starts: Ints

    @property
    def sizes(self) -> Ints:
        return np.diff(self.starts)


def grouped(labels: list[Labels], by: tuple[str, ...], without: bool) -> Groups:
    """The groups of the series. An empty `by` makes one of all."""
    codes = np.empty(len(labels), dtype=np.int64)
    numbers: dict[object, int] = {}
    kept: list[Labels] = []
    dropped = {*by, "__name__"}
    for i, one in enumerate(labels):
        if without:
            rest = {name: value for name, value in one.items() if name not in dropped}
            signature: object = frozenset(rest.items())
        else:
            signature = tuple([one.get(name, "") for name in by])
        number = numbers.setdefault(signature, len(numbers))
        if number == len(kept):
            kept.append(rest if without else {name: one[name] for name in by if one.get(name)})
        codes[i] = number
    order = np.argsort(codes, kind="stable")
    starts = np.concatenate(([0], np.cumsum(np.bincount(codes, minlength=len(kept)))))
    return Groups(kept, order, starts)


def aggregate(node: Aggregate, vectors: Vectors, param: Floats | None) -> Vectors:
    """The aggregation of each step. `param` (T) is the quantile's; topk and bottomk are in `rank`."""
    groups = grouped(vectors.labels, node.labels, node.without)
    if not groups.labels:
        return Vectors.empty(vectors.value.shape[1])
    value, present = vectors.value[groups.order], vectors.present[groups.order]
    count = np.add.reduceat(present.astype(np.int64), groups.starts[:-1], axis=0)
    if node.op == "quantile":
        assert param is not None
        result = _quantile(value, present, groups, count, param)
    else:
        result = _OPERATIONS[node.op](Members(value, present, groups.starts, count))
    return Vectors(groups.labels, result, count > 0)


class Members(NamedTuple):
    """The series of all groups, group after group (N, T), where each group starts, and how many of its
    members are present at each step (G, T)."""

    value: Floats
    present: np.ndarray[tuple[int, int], np.dtype[np.bool_]]
    starts: Ints
    seen: Ints

    def filled(self, with_what: float) -> Floats:
        """The values, with another number where there is none."""
        return self.value if self.present.all() else np.where(self.present, self.value, with_what)

    def reduce(self, ufunc: np.ufunc, value: Floats) -> Floats:
        """The ufunc over each group, member after member."""
        reduced: Floats = ufunc.reduceat(value, self.starts[:-1], axis=0)
        return reduced


def _sum(members: Members) -> Floats:
    return members.reduce(np.add, members.filled(0.0))


def _avg(members: Members) -> Floats:
    """The plain mean; where that lost digits or overflowed, the running mean of Prometheus."""
    value = members.filled(0.0)
    total = members.reduce(np.add, value)
    mean: Floats = total / np.maximum(members.seen, 1)
    ill = where_ill(total, members.reduce(np.add, np.abs(value)))
    for group, step in zip(*np.nonzero(ill), strict=True):
        rows = slice(members.starts[group], members.starts[group + 1])
        mean[group, step] = _running_mean(members.value[rows, step][members.present[rows, step]])
    return mean


def _running_mean(values: Floats) -> float:
    mean = 0.0
    for count, value in enumerate(values.tolist(), start=1):
        if np.isinf(mean) and (np.isfinite(value) or value == mean):
            continue
        mean += value / count - mean / count
    return mean


def _variance(members: Members) -> Floats:
    """Welford's running variance, one member of every group at a time, as Prometheus has it."""
    shape = members.seen.shape
    mean, squares, count = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    sizes = np.diff(members.starts)
    for k in range(int(sizes.max())):
        longer = np.flatnonzero(sizes > k)
        rows = members.starts[:-1][longer] + k
        there, value = members.present[rows], members.value[rows]
        now = count[longer] + there
        first = there & (now == 1)  # its mean is itself and its variance 0, even if it is not finite
        off = np.where(there & ~first, value - mean[longer], 0.0)
        moved = np.where(first, value, mean[longer] + off / np.maximum(now, 1))
        squares[longer] += np.where(off != 0, off * (value - moved), 0.0)
        mean[longer], count[longer] = moved, now
    return squares / np.maximum(count, 1)


_OPERATIONS: dict[str, Callable[[Members], Floats]] = {
    "sum": _sum,
    "avg": _avg,
    "min": lambda members: members.reduce(np.fmin, members.filled(np.nan)),
    "max": lambda members: members.reduce(np.fmax, members.filled(np.nan)),
    "count": lambda members: members.seen.astype(np.float64),
    "group": lambda members: np.ones(members.seen.shape),
    "stdvar": _variance,
    "stddev": lambda members: np.sqrt(_variance(members)),
}


def _quantile(value: Floats, present: np.ndarray, groups: Groups, count: Ints, quantile: Floats) -> Floats:
    """Values are put in order by step, group, presence, and size, NaN below all."""
    steps = value.shape[1]
    owner = np.repeat(np.arange(len(groups.labels)), groups.sizes)
    step, member = np.nonzero(present.T)
    seen = value[member, step]
    nan = np.isnan(seen)
    order = np.lexsort((~nan, np.where(nan, -np.inf, seen), owner[member], step))
    sizes = count.T.ravel()
    starts = np.cumsum(sizes) - sizes
    out = np.full(len(sizes), np.nan)
    some = sizes > 0
    wanted = np.repeat(quantile, len(groups.labels))
    out[some] = interpolated(wanted[some], seen[order], starts[some], sizes[some])
    return out.reshape(steps, len(groups.labels)).T


def count_values(node: Aggregate, label: str, vectors: Vectors, budget: Budget) -> Vectors:
    """How many members of each group have each value; the value is a label of the answer."""
    steps = vectors.value.shape[1]
    series, step = np.nonzero(vectors.present)
    if not len(series):
        return Vectors.empty(steps)
    # NaNs are one value, and so are the two zeros, but these are written differently.
    seen = vectors.value[series, step]
    seen = np.where(np.isnan(seen), np.nan, seen)
    bits, code = np.unique(seen.view(np.int64), return_inverse=True)
    budget.hold(len(bits) * steps)
    texts = [shortest(value) for value in bits.view(np.float64).tolist()]
    pairs, pair = np.unique(np.stack((series, code)), axis=1, return_inverse=True)
    labelled = [{**vectors.labels[i], label: texts[c]} for i, c in zip(*pairs.tolist(), strict=True)]
    by = node.labels if node.without else (*node.labels, label)
    groups = grouped(labelled, by, node.without)
    owner = np.empty(len(labelled), dtype=np.int64)
    owner[groups.order] = np.repeat(np.arange(len(groups.labels)), groups.sizes)
    count = np.bincount(owner[pair.ravel()] * steps + step, minlength=len(groups.labels) * steps)
    value = count.reshape(len(groups.labels), steps).astype(np.float64)
    return Vectors(groups.labels, value, value > 0)
