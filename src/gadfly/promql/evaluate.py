"""From tree to values: every node for all steps at once."""

from __future__ import annotations

import dataclasses

import numpy as np

from gadfly.errors import QueryError
from gadfly.promql.aggregate import aggregate, count_values
from gadfly.promql.binary import binary
from gadfly.promql.budget import Budget
from gadfly.promql.call import call
from gadfly.promql.fixed import is_fixed
from gadfly.promql.labels import is_label_name
from gadfly.promql.rank import ranked
from gadfly.promql.select import last_values, windows
from gadfly.promql.source import Selects
from gadfly.promql.tree import (
    Aggregate,
    Anchor,
    Binary,
    Call,
    Node,
    Number,
    Paren,
    Selector,
    String,
    Subquery,
    Unary,
    Window,
)
from gadfly.promql.values import (
    Evaluated,
    Floats,
    Ints,
    Scalars,
    Steps,
    Vectors,
    Windows,
    unnamed,
)

_FURTHEST = 2**60


class Evaluation:
    """One query: where it reads, what it may use, and its first and last step (ms) for start() and end()."""

    def __init__(self, source: Selects, budget: Budget, start: int, end: int) -> None:
        self.budget = budget
        self._source = source
        self._start, self._end = start, end

    def evaluate(self, node: Node, steps: Steps) -> Evaluated:
        """The node at each step. Raises `QueryError`, `LimitError`."""
        self.budget.on()
        if len(steps) > 1 and is_fixed(node):
            return repeated(self._evaluate(node, Steps(steps.at[:1], steps.step)), len(steps))
        return self._evaluate(node, steps)

    def _evaluate(self, node: Node, steps: Steps) -> Evaluated:
        match node:
            case Number():
                return Scalars(np.full(len(steps), node.value))
            case String():
                return node.value
            case Paren():
                return self.evaluate(node.inner, steps)
            case Unary():
                return _signed(node, self.evaluate(node.inner, steps))
            case Selector():
                return self.last(node, steps)[0]
            case Window():
                return self._window(node, steps)
            case Subquery():
                return self._subquery(node, steps)
            case Call():
                return call(self, node, steps)
            case Aggregate():
                return self._aggregate(node, steps)
            case Binary():
                left, right = self.evaluate(node.left, steps), self.evaluate(node.right, steps)
                assert isinstance(left, Scalars | Vectors)
                assert isinstance(right, Scalars | Vectors)
                return binary(node, left, right, self.budget)

    def scalars(self, node: Node, steps: Steps) -> Floats:
        """A node of type scalar: its value (T)."""
        result = self.evaluate(node, steps)
        assert isinstance(result, Scalars)
        return result.value

    def vectors(self, node: Node, steps: Steps) -> Vectors:
        """A node of type instant vector."""
        result = self.evaluate(node, steps)
        assert isinstance(result, Vectors)
        return result

    def _times(self, at: Anchor, offset: int, steps: Steps) -> Ints:
        """The times that a selector looks at (T), ms."""
        if at is None:
            possible(int(steps.at[0]) - offset)
            return steps.at - offset
        anchor = self._start if at == "start" else self._end if at == "end" else at
        # Nothing was ever sampled so far away: any such time does as well.
        return np.full(len(steps), max(-_FURTHEST // 2, min(_FURTHEST // 2, anchor - offset)), dtype=np.int64)

    def last(self, node: Selector, steps: Steps) -> tuple[Vectors, Ints]:
        """An instant selector, and when each of its values was sampled (N, T), ms."""
        times = self._times(node.at, node.offset, steps)
        limits = self.budget.limits
        chunk = self._source.select(
            node.matchers, int(times.min()) - limits.lookback_ms - 1, int(times.max()), self.budget.left()
        )
        self.budget.read(len(chunk.at))
        self.budget.hold(len(chunk.labels) * len(steps))
        return last_values(chunk, times, limits.lookback_ms)

    def _window(self, node: Window, steps: Steps) -> Windows:
        right = self._times(node.selector.at, node.selector.offset, steps)
        chunk = self._source.select(
            node.selector.matchers,
            int(right.min()) - node.span - 1,
            int(right.max()),
            self.budget.left(),
        )
        self.budget.read(len(chunk.at))
        self.budget.hold(len(chunk.labels) * len(steps))
        return windows(chunk.labels, chunk.at, chunk.value, chunk.offsets, right, node.span)

    def _subquery(self, node: Subquery, steps: Steps) -> Windows:
        """The inner expression at multiples of the step, however the outer steps lie."""
        right = self._times(node.at, node.offset, steps)
        step = node.step or self.budget.limits.subquery_step_ms
        first = -(-(int(right.min()) - node.span) // step) * step
        self.budget.hold((int(right.max()) - first) // step + 1)
        inner_steps = Steps.between(first, int(right.max()), step)
        inner = self.vectors(node.inner, inner_steps) if len(inner_steps) else Vectors.empty(0)
        self.budget.read(int(inner.present.sum()))
        row, column = np.nonzero(inner.present)
        offsets = np.concatenate(([0], np.cumsum(inner.present.sum(axis=1))))
        return windows(
            inner.labels, inner_steps.at[column], inner.value[row, column], offsets, right, node.span
        )

    def _aggregate(self, node: Aggregate, steps: Steps) -> Vectors:
        inner = self.vectors(node.inner, steps)
        if node.op == "count_values":
            label = self.evaluate(node.param, steps) if node.param else ""
            assert isinstance(label, str)
            if not is_label_name(label):
                raise QueryError(f"invalid label name {label!r}")
            return count_values(node, label, inner, self.budget)
        param = self.scalars(node.param, steps) if node.param else None
        if node.op in ("topk", "bottomk"):
            assert param is not None
            return ranked(node, inner, param)
        return aggregate(node, inner, param)


def possible(at: int) -> int:
    """The time, if arithmetic with it cannot overflow. Raises `QueryError` beyond some 36 million years."""
    if abs(at) > _FURTHEST:
        raise QueryError(f"the time {at / 1000:g} s is out of range", "bad_data")
    return at


def _signed(node: Unary, value: Evaluated) -> Evaluated:
    if node.op == "+":
        return value
    if isinstance(value, Scalars):
        return Scalars(-value.value)
    assert isinstance(value, Vectors)
    return unnamed(Vectors(value.labels, -value.value, value.present), ever=True)


def repeated(value: Evaluated, steps: int) -> Evaluated:
    """What was evaluated at one step, at each of so many."""
    if isinstance(value, str):
        return value
    if isinstance(value, Scalars):
        return Scalars(np.repeat(value.value, steps))
    if isinstance(value, Vectors):
        return Vectors(
            value.labels, np.repeat(value.value, steps, axis=1), np.repeat(value.present, steps, axis=1)
        )
    return dataclasses.replace(
        value,
        lo=np.repeat(value.lo, steps, axis=1),
        hi=np.repeat(value.hi, steps, axis=1),
        right=np.repeat(value.right, steps),
    )
