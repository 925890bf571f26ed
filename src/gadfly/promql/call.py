"""Calls of functions: what each takes from its arguments, and which labels its result has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from gadfly.errors import QueryError
from gadfly.promql import dates, elementwise, over_time, rate, regression
from gadfly.promql.budget import Budget
from gadfly.promql.histogram import histogram_quantile
from gadfly.promql.labels import joined, replaced
from gadfly.promql.rank import ordered
from gadfly.promql.signatures import DATES, NATIVE_HISTOGRAM
from gadfly.promql.source import Labels
from gadfly.promql.tree import Call, Node, Selector, Window, bare
from gadfly.promql.values import (
    Bools,
    Evaluated,
    Floats,
    Ints,
    Scalars,
    Steps,
    Vectors,
    Windows,
    nonempty,
    united,
    unnamed,
)


class Evaluator(Protocol):
    """What a function needs to evaluate its arguments."""

    budget: Budget

    def evaluate(self, node: Node, steps: Steps) -> Evaluated: ...
    def scalars(self, node: Node, steps: Steps) -> Floats: ...
    def vectors(self, node: Node, steps: Steps) -> Vectors: ...
    def last(self, node: Selector, steps: Steps) -> tuple[Vectors, Ints]: ...


OVER_WINDOWS: dict[str, Callable[[Windows, Budget], tuple[Floats, Bools]]] = {
    "avg_over_time": over_time.avg_over_time,
    "changes": rate.changes,
    "count_over_time": over_time.count_over_time,
    "delta": rate.delta,
    "deriv": regression.deriv,
    "idelta": rate.idelta,
    "increase": rate.increase,
    "irate": rate.irate,
    "last_over_time": over_time.last_over_time,
    "max_over_time": over_time.max_over_time,
    "min_over_time": over_time.min_over_time,
    "present_over_time": over_time.present_over_time,
    "rate": rate.rate,
    "resets": rate.resets,
    "stddev_over_time": over_time.stddev_over_time,
    "stdvar_over_time": over_time.stdvar_over_time,
    "sum_over_time": over_time.sum_over_time,
}


def call(evaluator: Evaluator, node: Call, steps: Steps) -> Scalars | Vectors:
    """The function's result at each step. Raises `QueryError`."""
    name = node.name
    if name in NATIVE_HISTOGRAM:
        raise QueryError(f"{name}() is for native histograms, which are not kept here", "execution", node.pos)
    if name in OVER_WINDOWS or name in _WITH_PARAMETERS:
        return _over_windows(evaluator, node, steps)
    if name in DATES:
        if not node.args:
            return Vectors([{}], dates.part(name, steps.at / 1000)[None, :], _always(steps))
        vectors = evaluator.vectors(node.args[0], steps)
        return _unnamed(vectors, dates.part(name, vectors.value))
    if name in elementwise.FUNCTIONS:
        vectors = evaluator.vectors(node.args[0], steps)
        return _unnamed(vectors, elementwise.FUNCTIONS[name](vectors.value))
    return _OTHERS[name](evaluator, node, steps)


def _always(steps: Steps) -> Bools:
    return np.ones((1, len(steps)), dtype=np.bool_)


def _unnamed(vectors: Vectors, value: Floats, present: Bools | None = None) -> Vectors:
    found = Vectors(vectors.labels, value, vectors.present if present is None else present)
    return unnamed(found, ever=False)


def _over_windows(evaluator: Evaluator, node: Call, steps: Steps) -> Vectors:
    name = node.name
    windows = evaluator.evaluate(node.args[1 if name == "quantile_over_time" else 0], steps)
    assert isinstance(windows, Windows)
    if name == "absent_over_time":
        return _absent(node.args[0], windows.hi > windows.lo)
    if not windows.labels:
        return Vectors.empty(len(steps))
    if name in OVER_WINDOWS:
        value, present = OVER_WINDOWS[name](windows, evaluator.budget)
    elif name == "quantile_over_time":
        quantile = evaluator.scalars(node.args[0], steps)
        value, present = over_time.quantile_over_time(windows, quantile, evaluator.budget)
    elif name == "predict_linear":
        ahead = evaluator.scalars(node.args[1], steps)
        value, present = regression.predict_linear(windows, ahead, steps.at, evaluator.budget)
    else:
        factors = [evaluator.scalars(arg, steps) for arg in node.args[1:]]
        value, present = regression.holt_winters(windows, factors[0], factors[1], evaluator.budget)
    found = Vectors(windows.labels, value, present)
    return nonempty(found) if name == "last_over_time" else unnamed(found, ever=True)


_WITH_PARAMETERS = frozenset(("absent_over_time", "holt_winters", "predict_linear", "quantile_over_time"))


def _absent(node: Node, there: Bools) -> Vectors:
    """1 where no row of `there` (N, T) is, with the labels that the selector's equalities tell."""
    labels: Labels = {}
    node = bare(node)
    if isinstance(node, Window):
        node = node.selector
    if isinstance(node, Selector):
        told: set[str] = set()
        for matcher in node.matchers:
            if matcher.name == "__name__":
                continue
            if matcher.op == "=" and matcher.name not in told:
                told.add(matcher.name)
                labels[matcher.name] = matcher.value
            else:
                labels.pop(matcher.name, None)
    labels = {name: value for name, value in labels.items() if value}
    return Vectors([labels], np.ones((1, there.shape[1])), ~np.any(there, axis=0, keepdims=True))


def _absent_now(evaluator: Evaluator, node: Call, steps: Steps) -> Vectors:
    return _absent(node.args[0], evaluator.vectors(node.args[0], steps).present)


def _clamp(evaluator: Evaluator, node: Call, steps: Steps) -> Vectors:
    vectors = evaluator.vectors(node.args[0], steps)
    bounds = [evaluator.scalars(arg, steps) for arg in node.args[1:]]
    if node.name == "clamp_min":
        return _unnamed(vectors, elementwise.maximum(vectors.value, bounds[0]))
    if node.name == "clamp_max":
        return _unnamed(vectors, elementwise.minimum(vectors.value, bounds[0]))
    low, high = bounds
    value = elementwise.maximum(low, elementwise.minimum(high, vectors.value))
    return _unnamed(vectors, value, vectors.present & ~(high < low))


def _round(evaluator: Evaluator, node: Call, steps: Steps) -> Vectors:
    vectors = evaluator.vectors(node.args[0], steps)
    to = evaluator.scalars(node.args[1], steps) if len(node.args) > 1 else np.ones(len(steps))
    return _unnamed(vectors, elementwise.rounded(vectors.value, to))


def _text(evaluator: Evaluator, node: Node, steps: Steps) -> str:
    text = evaluator.evaluate(node, steps)
    assert isinstance(text, str)
    return text


def _relabelled(evaluator: Evaluator, node: Call, steps: Steps) -> Vectors:
    vectors = evaluator.vectors(node.args[0], steps)
    texts = [_text(evaluator, arg, steps) for arg in node.args[1:]]
    if node.name == "label_replace":
        target, template, source, pattern = texts
        labels = replaced(vectors.labels, target, template, source, pattern)
    else:
        labels = joined(vectors.labels, texts[0], texts[1], tuple(texts[2:]))
    return united(Vectors(labels, vectors.value, vectors.present))


def _quantile(evaluator: Evaluator, node: Call, steps: Steps) -> Vectors:
    return histogram_quantile(evaluator.scalars(node.args[0], steps), evaluator.vectors(node.args[1], steps))


def _scalar(evaluator: Evaluator, node: Call, steps: Steps) -> Scalars:
    vectors = evaluator.vectors(node.args[0], steps)
    alone = vectors.present.sum(axis=0) == 1
    value = np.where(vectors.present, vectors.value, -0.0).sum(axis=0, initial=-0.0)  # leaves 0 and -0 as is
    return Scalars(np.where(alone, value, np.nan))


def _sorted(evaluator: Evaluator, node: Call, steps: Steps) -> Vectors:
    return ordered(evaluator.vectors(node.args[0], steps), descending=node.name == "sort_desc")


def _timestamp(evaluator: Evaluator, node: Call, steps: Steps) -> Vectors:
    """Of a selector, when its value was sampled; of any other vector, the time of evaluation."""
    arg = bare(node.args[0])
    if isinstance(arg, Selector):
        vectors, when = evaluator.last(arg, steps)
        return _unnamed(vectors, when / 1000)
    vectors = evaluator.vectors(arg, steps)
    return _unnamed(vectors, np.broadcast_to(steps.at / 1000, vectors.value.shape))


def _vector(evaluator: Evaluator, node: Call, steps: Steps) -> Vectors:
    return Vectors([{}], evaluator.scalars(node.args[0], steps)[None, :], _always(steps))


_OTHERS: dict[str, Callable[[Evaluator, Call, Steps], Scalars | Vectors]] = {
    "absent": _absent_now,
    "clamp": _clamp,
    "clamp_max": _clamp,
    "clamp_min": _clamp,
    "histogram_quantile": _quantile,
    "label_join": _relabelled,
    "label_replace": _relabelled,
    "pi": lambda _evaluator, _node, steps: Scalars(np.full(len(steps), np.pi)),
    "round": _round,
    "scalar": _scalar,
    "sort": _sorted,
    "sort_desc": _sorted,
    "time": lambda _evaluator, _node, steps: Scalars(steps.at / 1000),
    "timestamp": _timestamp,
    "vector": _vector,
}
