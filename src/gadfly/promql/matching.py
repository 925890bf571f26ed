"""Vector matching: which elements of two vectors belong together, and how the pair is labelled."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from gadfly.errors import QueryError
from gadfly.promql.source import Labels
from gadfly.promql.tree import Matching
from gadfly.promql.values import Bools, Ints, Vectors

TWO_ON_ONE_SIDE = "many-to-many matching not allowed: matching labels must be unique on one side"
NOT_EXPLICIT = "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
NOT_UNIQUE = "multiple matches for labels: grouping labels must ensure unique matches"


def signatures(labels: list[Labels], matching: Matching) -> list[Hashable]:
    """What two elements must have in common to match."""
    if matching.on:
        return [tuple([one.get(name, "") for name in matching.labels]) for one in labels]
    ignored = {*matching.labels, "__name__"}
    return [frozenset([item for item in one.items() if item[0] not in ignored]) for one in labels]


def present_by_signature(vectors: Vectors, matching: Matching, wanted: list[Hashable]) -> Bools:
    """For each wanted signature, at which steps some element has it (len(wanted), T)."""
    numbers: dict[Hashable, int] = {}
    codes = [numbers.setdefault(one, len(numbers)) for one in signatures(vectors.labels, matching)]
    there = np.zeros((len(numbers) + 1, vectors.present.shape[1]), dtype=np.bool_)  # the last: never there
    if len(set(codes)) == len(codes):
        there[:-1] = vectors.present
    else:
        np.logical_or.at(there, codes, vectors.present)
    return there[[numbers.get(one, len(numbers)) for one in wanted]]


def pairs(many: Vectors, one: Vectors, matching: Matching) -> tuple[Ints, Ints, list[Hashable]]:
    """Rows of both sides that have the same signature, and that signature.

    Raises `QueryError` where the one side has two of a signature at a step at which the other has anything.
    """
    rows: dict[Hashable, list[int]] = {}
    for row, signature in enumerate(signatures(one.labels, matching)):
        rows.setdefault(signature, []).append(row)
    anything = many.present.any(axis=0)
    for signature, same in rows.items():
        if len(same) > 1 and ((one.present[same].sum(axis=0) > 1) & anything).any():
            side = "left" if matching.many == "right" else "right"
            raise QueryError(
                f"found duplicate series for the match group {_shown(signature, matching)} on the {side} "
                f"hand-side of the operation: {[one.labels[row] for row in same[:2]]};{TWO_ON_ONE_SIDE}"
            )
    left: list[int] = []
    right: list[int] = []
    shared: list[Hashable] = []
    for row, signature in enumerate(signatures(many.labels, matching)):
        for other in rows.get(signature, ()):
            left.append(row)
            right.append(other)
            shared.append(signature)
    return np.array(left, dtype=np.int64), np.array(right, dtype=np.int64), shared


def _shown(signature: Hashable, matching: Matching) -> str:
    if isinstance(signature, tuple):
        return str(dict(zip(matching.labels, signature, strict=True)))
    assert isinstance(signature, frozenset)
    return str(dict(sorted(signature)))


def paired_labels(many: Labels, one: Labels, matching: Matching, *, keeps_name: bool) -> Labels:
    """How the result of a pair is labelled."""
    result = dict(many)
    if not keeps_name:
        result.pop("__name__", None)
    if matching.many is None:
        if matching.on:
            result = {name: value for name, value in result.items() if name in matching.labels}
        else:
            for name in matching.labels:
                result.pop(name, None)
    for name in matching.include:
        if name in one:
            result[name] = one[name]
        else:
            result.pop(name, None)
    return result


def unambiguous(found: Vectors, shared: list[Hashable], matching: Matching) -> bool:
    """Whether each result stands for another match, or label set.

    Raises `QueryError` where, at one step, several stand for the same.
    """
    if matching.many is None and len(set(shared)) == len(shared):
        return True
    rows: dict[Hashable, list[int]] = {}
    for row, (labels, signature) in enumerate(zip(found.labels, shared, strict=True)):
        same = signature if matching.many is None else (signature, frozenset(labels.items()))
        rows.setdefault(same, []).append(row)
    if len(rows) == len(shared):
        return True
    for several in rows.values():
        if len(several) > 1 and (found.present[several].sum(axis=0) > 1).any():
            raise QueryError(NOT_EXPLICIT if matching.many is None else NOT_UNIQUE)
    return False
