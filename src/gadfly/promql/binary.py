"""Operators between scalars and vectors: arithmetic, comparisons, and sets."""

from __future__ import annotations

import numpy as np

from gadfly.promql.budget import Budget
from gadfly.promql.elementwise import ARITHMETIC, COMPARISON
from gadfly.promql.matching import (
    paired_labels,
    pairs,
    present_by_signature,
    signatures,
    unambiguous,
)
from gadfly.promql.tree import COMPARISONS, SET_OPERATORS, Binary
from gadfly.promql.values import Bools, Floats, Scalars, Vectors, nonempty, united, unnamed

# Arithmetic makes another thing of a metric, which then has no name; atan2 was forgotten in Prometheus 2.42.
KEEPS_NAME = "atan2"


def binary(
    node: Binary, left: Scalars | Vectors, right: Scalars | Vectors, budget: Budget
) -> Scalars | Vectors:
    """`left op right` at each step."""
    if isinstance(left, Scalars):
        if isinstance(right, Scalars):
            return Scalars(_scalars(node.op, left.value, right.value))
        return _with_scalar(node, right, left.value, right.value, vector=right)
    if isinstance(right, Scalars):
        return _with_scalar(node, left, left.value, right.value, vector=left)
    if node.op in SET_OPERATORS:
        return _set(node, left, right)
    return _matched(node, left, right, budget)


def _scalars(op: str, left: Floats, right: Floats) -> Floats:
    if op in COMPARISONS:
        return COMPARISON[op](left, right).astype(np.float64)
    return ARITHMETIC[op](left, right)


def _with_scalar(node: Binary, of: Vectors, left: Floats, right: Floats, *, vector: Vectors) -> Vectors:
    """A comparison keeps the vector's value, on whichever side it stands."""
    if node.op in COMPARISONS:
        holds = COMPARISON[node.op](left, right)
        if not node.returns_bool:
            return nonempty(Vectors(of.labels, vector.value, of.present & holds))
        value = holds.astype(np.float64)
    else:
        value = ARITHMETIC[node.op](left, right)
    found = Vectors(of.labels, value, of.present)
    return found if node.op == KEEPS_NAME else unnamed(found, ever=False)


def _set(node: Binary, left: Vectors, right: Vectors) -> Vectors:
    if node.op == "or":
        there = present_by_signature(left, node.matching, signatures(right.labels, node.matching))
        added = nonempty(Vectors(right.labels, right.value, right.present & ~there))
        return united(
            Vectors(
                left.labels + added.labels,
                np.concatenate((left.value, added.value)),
                np.concatenate((left.present, added.present)),
            )
        )
    there = present_by_signature(right, node.matching, signatures(left.labels, node.matching))
    kept: Bools = left.present & (there if node.op == "and" else ~there)
    return nonempty(Vectors(left.labels, left.value, kept))


def _matched(node: Binary, left: Vectors, right: Vectors, budget: Budget) -> Vectors:
    matching = node.matching
    steps = left.value.shape[1]
    many, one = (right, left) if matching.many == "right" else (left, right)
    many_rows, one_rows, shared = pairs(many, one, matching)
    if not shared:
        return Vectors.empty(steps)
    budget.hold(len(shared) * steps)
    left_rows, right_rows = (one_rows, many_rows) if matching.many == "right" else (many_rows, one_rows)
    left_value, right_value = left.value[left_rows], right.value[right_rows]
    present = left.present[left_rows] & right.present[right_rows]
    keeps_name = node.op == KEEPS_NAME
    if node.op in COMPARISONS:
        holds = COMPARISON[node.op](left_value, right_value)
        if node.returns_bool:
            value = holds.astype(np.float64)
        else:
            value, keeps_name = left_value, True
            present &= holds
    else:
        value = ARITHMETIC[node.op](left_value, right_value)
    labels = [
        paired_labels(many.labels[i], one.labels[j], matching, keeps_name=keeps_name)
        for i, j in zip(many_rows.tolist(), one_rows.tolist(), strict=True)
    ]
    if node.returns_bool:  # not even a name that group_left took along
        for each in labels:
            each.pop("__name__", None)
    found = Vectors(labels, value, present)
    alone = unambiguous(found, shared, matching)
    found = nonempty(found)
    # What matches one to one has the labels that it matched by, so where the matches differ, the labels do.
    return found if alone and matching.many is None else united(found)
