"""One rule at one time: what it finds, and how near it is to firing. For any thread; no I/O of its own."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from gadfly.errors import QueryError
from gadfly.promql import Chunk, Limits, Matcher, instant
from gadfly.promql.binary import binary
from gadfly.promql.budget import Budget
from gadfly.promql.evaluate import Evaluation
from gadfly.promql.source import Selects
from gadfly.promql.tree import COMPARISONS, Binary, Node, bare
from gadfly.promql.values import Evaluated, Sample, Scalars, Steps, Vector, Vectors
from gadfly.rules.active import Active, Key
from gadfly.rules.go_value import TemplateError, Vague
from gadfly.rules.rule import Group, Rule
from gadfly.rules.template import Function, Template
from gadfly.rules.template_functions import functions

Read = tuple[tuple[Matcher, ...], int, int]


class Shared:
    """A source that reads each selection once. For the rules of a group, at one time."""

    def __init__(self, source: Selects) -> None:
        self._source = source
        self._read: dict[Read, Chunk] = {}

    def select(self, matchers: Sequence[Matcher], start: int, end: int, limit: Limits) -> Chunk:
        key = (tuple(matchers), start, end)
        found = self._read.get(key)
        if found is None:
            found = self._read[key] = self._source.select(matchers, start, end, limit)
        return found

    def forget(self) -> None:
        """Something was written: read anew."""
        self._read.clear()


class Near(msgspec.Struct, frozen=True, kw_only=True):
    """How near a comparison with a number is to holding, for the series that is nearest."""

    value: float
    op: str
    threshold: float
    part: float | None = None
    """1 where it holds; below, how far the value has come from 0 to the threshold. None: no such thing."""
    labels: dict[str, str] = {}
    series: int = 0
    """How many were compared."""


@dataclass(slots=True)
class Found:
    """What an expression came to."""

    samples: list[Sample]
    near: tuple[Near, ...] = ()


def expression(
    source: Selects, node: Node, at: int, limits: Limits, now: Callable[[], float] = time.monotonic
) -> Found:
    """The expression at one time, ms. Raises `QueryError`, `LimitError`."""
    steps = Steps(np.array([at], dtype=np.int64), 1)
    budget = Budget(limits, now)
    evaluation = Evaluation(source, budget, at, at)
    near: list[Near] = []
    with np.errstate(all="ignore"):
        value = _watched(evaluation, budget, node, steps, near)
    if isinstance(value, Scalars):
        return Found([Sample({}, float(value.value[0]))], tuple(near))
    if not isinstance(value, Vectors):
        raise QueryError("rule result is not a vector or scalar")
    return Found(_samples(value), tuple(near))


def _samples(value: Vectors) -> list[Sample]:
    if not len(value.labels):
        return []
    return [
        Sample(labels, number)
        for labels, number, there in zip(
            value.labels, value.value[:, 0].tolist(), value.present[:, 0].tolist(), strict=True
        )
        if there
    ]


def _watched(evaluation: Evaluation, budget: Budget, node: Node, steps: Steps, near: list[Near]) -> Evaluated:
    """As the evaluator does it; at a comparison with a number it looks at both sides before they meet."""
    inner = bare(node)
    if not isinstance(inner, Binary) or inner.returns_bool or inner.op not in WATCHED:
        return evaluation.evaluate(inner, steps)
    left, right = (_watched(evaluation, budget, side, steps, near) for side in (inner.left, inner.right))
    assert isinstance(left, Scalars | Vectors)
    assert isinstance(right, Scalars | Vectors)
    if inner.op in COMPARISONS:
        if isinstance(left, Vectors) and isinstance(right, Scalars):
            near += _near(left, inner.op, float(right.value[0]))
        elif isinstance(right, Vectors) and isinstance(left, Scalars):
            near += _near(right, MIRRORED[inner.op], float(left.value[0]))
    return binary(inner, left, right, budget)


WATCHED = COMPARISONS | {"and", "or", "unless"}
MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}


def _near(side: Vectors, op: str, threshold: float) -> list[Near]:
    there = np.flatnonzero(side.present[:, 0]) if len(side.labels) else np.empty(0, np.int64)
    values = side.value[there, 0] if len(there) else np.empty(0)
    known = ~np.isnan(values)
    there, values = there[known], values[known]
    if not len(values):
        return []
    if op in (">", ">="):
        place = int(np.argmax(values))
    elif op in ("<", "<="):
        place = int(np.argmin(values))
    else:
        place = int(np.argmin(np.abs(values - threshold)))
        if op == "!=":
            place = int(np.argmax(np.abs(values - threshold)))
    value = float(values[place])
    labels = {name: text for name, text in side.labels[int(there[place])].items() if name != "__name__"}
    return [
        Near(
            value=value,
            op=op,
            threshold=threshold,
            part=_part(value, op, threshold),
            labels=labels,
            series=len(values),
        )
    ]


def _part(value: float, op: str, threshold: float) -> float | None:
    """How much of the way is done: 1 where the comparison holds."""
    holds = {
        ">": value > threshold,
        ">=": value >= threshold,
        "<": value < threshold,
        "<=": value <= threshold,
        "==": value == threshold,
        "!=": value != threshold,
    }[op]
    if holds:
        return 1.0
    if not math.isfinite(value) or not math.isfinite(threshold) or op in ("==", "!="):
        return None
    if op in (">", ">="):  # upwards from 0
        return max(0.0, min(value / threshold, 0.999)) if threshold > 0 else None
    return max(0.0, min(threshold / value, 0.999)) if threshold > 0 and value > 0 else None


class Outcome(msgspec.Struct, kw_only=True):
    """What a rule came to at one time."""

    rows: list[tuple[Key, float]] = []
    """Of a recording rule: the series and their values, `__name__` among the labels."""
    holding: dict[Key, Active] = {}
    """Of an alerting rule: what holds."""
    near: tuple[Near, ...] = ()


def evaluated(source: Selects, group: Group, rule: Rule, at: int, limits: Limits, url: str = "") -> Outcome:
    """One rule at one time, ms. Raises `QueryError`, `LimitError`."""
    found = expression(source, rule.node, at, limits)
    if not found.samples and not rule.records:
        return Outcome(near=found.near)
    outcome = Outcome(near=found.near, holding={}, rows=[])
    if rule.records:
        outcome.rows = _recorded(rule, found.samples)
        count = len(outcome.rows)
    else:
        outcome.holding = _holding(source, rule, found.samples, at, limits, url)
        count = len(outcome.holding)
    if group.limit > 0 and count > group.limit:
        what = "series" if rule.records else "alerts"
        raise QueryError(f"exceeded limit of {group.limit} with {count} {what}")
    return outcome


def _recorded(rule: Rule, samples: Sequence[Sample]) -> list[tuple[Key, float]]:
    given = {name: value.text for name, value in rule.labels}
    rows: dict[Key, float] = {}
    for one in samples:
        labels = {**one.labels, "__name__": rule.name, **given}
        key = tuple(sorted((name, text) for name, text in labels.items() if text))
        if key in rows:
            raise QueryError("vector contains metrics with the same labelset after applying rule labels")
        rows[key] = one.value
    return list(rows.items())


def _holding(
    source: Selects, rule: Rule, samples: Sequence[Sample], at: int, limits: Limits, url: str
) -> dict[Key, Active]:
    def query(text: str) -> list[Sample]:
        value = instant(source, text, at, limits)
        if isinstance(value, Vector):
            return value.samples
        if hasattr(value, "value") and isinstance(value.value, float):
            return [Sample({}, value.value)]
        raise QueryError("query result is not a vector or scalar")

    callable_: dict[str, Function] = functions(url, query)
    found: dict[Key, Active] = {}
    for one in samples:
        own = {name: text for name, text in one.labels.items() if name != "__name__"}
        data = data_of(one.labels, one.value, url)
        for name, text in rule.labels:
            own[name] = said(text, data, callable_)
        own["alertname"] = rule.name
        labels = {name: text for name, text in own.items() if text}
        key = tuple(sorted(labels.items()))
        if key in found:
            raise QueryError("vector contains metrics with the same labelset after applying alert labels")
        annotations = {name: said(text, data, callable_) for name, text in rule.annotations}
        found[key] = Active(labels, annotations, one.value, at / 1000)
    return found


def data_of(labels: Mapping[str, str], value: float, url: str) -> dict[str, object]:
    """What a template sees."""
    return {"Labels": Vague(labels), "ExternalLabels": Vague(), "ExternalURL": url, "Value": value}


def said(text: Template, data: Mapping[str, object], callable_: Mapping[str, Function]) -> str:
    """The text of a template; where it cannot be written, why."""
    try:
        return text.expand(data, callable_)
    except TemplateError as error:
        return f"<error expanding template: {error}>"
