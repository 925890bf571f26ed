"""The k greatest or smallest of each group, and vectors in the order of their values."""

from __future__ import annotations

import numpy as np

from gadfly.errors import QueryError
from gadfly.promql.aggregate import grouped
from gadfly.promql.tree import Aggregate
from gadfly.promql.values import Floats, Ints, Vectors, seen


def ranked(node: Aggregate, vectors: Vectors, k: Floats) -> Vectors:
    """topk or bottomk of each step, k (T) by step. NaN comes after every number; of equal ones the
    earlier series comes first.

    The series keep their labels. With one step they stand group after group, best first.
    """
    steps = vectors.value.shape[1]
    if np.isnan(k).any() or (np.abs(k) >= 2**63).any():
        raise QueryError(f"Scalar value {k[~(np.abs(k) < 2**63)][0]:f} overflows int64")
    groups = grouped(vectors.labels, node.labels, node.without)
    if not groups.labels:
        return Vectors.empty(steps)
    owner = np.empty(len(vectors.labels), dtype=np.int64)
    owner[groups.order] = np.repeat(np.arange(len(groups.labels)), groups.sizes)
    best_first = -vectors.value if node.op == "topk" else vectors.value
    series = np.broadcast_to(np.arange(len(owner))[:, None], best_first.shape)
    order = np.lexsort(
        (series, best_first, ~vectors.present, np.broadcast_to(owner[:, None], best_first.shape)), axis=0
    )  # within groups, from the best present one on
    place = np.arange(len(owner)) - groups.starts[:-1][np.repeat(np.arange(len(groups.labels)), groups.sizes)]
    chosen = np.zeros(vectors.present.shape, dtype=np.bool_)
    np.put_along_axis(chosen, order, place[:, None] < np.trunc(k)[None, :], axis=0)
    chosen &= vectors.present
    if steps == 1:
        column = order[:, 0]
        return Vectors(vectors.labels, vectors.value, chosen).rows(column[chosen[column, 0]])
    return Vectors(vectors.labels, vectors.value, chosen).rows(seen(chosen))


def ordered(vectors: Vectors, *, descending: bool) -> Vectors:
    """sort and sort_desc: by value with one step, NaN last; unchanged otherwise."""
    if vectors.value.shape[1] != 1:
        return vectors
    value = vectors.value[:, 0]
    order: Ints = np.argsort(-value if descending else value, kind="stable")
    return vectors.rows(order)
