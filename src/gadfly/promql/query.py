"""The two questions: what is it now, and what was it at each step between two times?"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from gadfly.errors import QueryError
from gadfly.promql.budget import Budget
from gadfly.promql.check import check
from gadfly.promql.evaluate import Evaluation, possible
from gadfly.promql.limits import Limits
from gadfly.promql.parse import parse
from gadfly.promql.source import Selects
from gadfly.promql.tree import NAMES, Node
from gadfly.promql.values import (
    Evaluated,
    Matrix,
    Sample,
    Scalar,
    Scalars,
    Series,
    Steps,
    String,
    Value,
    Vector,
    Vectors,
    Windows,
    key,
)

Now = Callable[[], float]


def instant(
    source: Selects, text: str, at: int, limits: Limits | None = None, now: Now = time.monotonic
) -> Value:
    """The expression at one time, ms since the epoch. Raises `QueryError`, `LimitError`.

    `now` (seconds) is what the limit of time is counted by; a clock that jumps ahead ends the evaluation.
    """
    steps = Steps(np.array([possible(at)], dtype=np.int64), 1)
    value = _evaluated(source, parse(text), steps, limits or Limits(), now)
    if isinstance(value, str):
        return String(at, value)
    if isinstance(value, Scalars):
        return Scalar(at, float(value.value[0]))
    if isinstance(value, Windows):
        return _matrix_of(value)
    present = value.present[:, 0]
    return Vector(
        at,
        [
            Sample(labels, number)
            for labels, number, there in zip(
                value.labels, value.value[:, 0].tolist(), present.tolist(), strict=True
            )
            if there
        ],
    )


def range_query(
    source: Selects,
    text: str,
    start: int,
    end: int,
    step: int,
    limits: Limits | None = None,
    now: Now = time.monotonic,
) -> Matrix:
    """The expression at start, start + step, … up to end (all ms). Raises `QueryError`, `LimitError`.

    The series are in the order of their labels.
    """
    limits = limits or Limits()
    if step <= 0:
        raise QueryError(
            "zero or negative query resolution step widths are not accepted. Try a positive integer",
            "bad_data",
        )
    if end < start:
        raise QueryError("end timestamp must not be before start time", "bad_data")
    if (end - start) // step > limits.points:  # one more than that, as Prometheus counts them
        raise QueryError(
            f"exceeded maximum resolution of {limits.points:,} points per timeseries. "
            "Try decreasing the query resolution (?step=XX)",
            "bad_data",
        )
    node = parse(text)
    kind = check(node, text)
    if kind not in ("scalar", "vector"):
        raise QueryError(
            f'invalid expression type "{NAMES[kind]}" for range query, must be Scalar or instant Vector',
            "bad_data",
        )
    steps = Steps.between(possible(start), possible(end), step)
    # `end()` is the end that was asked for, also where the last step comes before it.
    value = _evaluated(source, node, steps, limits, now, end=possible(end))
    if isinstance(value, Scalars):
        return Matrix([Series({}, steps.at, value.value)])
    assert isinstance(value, Vectors)
    series = []
    for labels, row, present in zip(value.labels, value.value, value.present, strict=True):
        if present.all():
            series.append(Series(labels, steps.at, row))
        elif present.any():
            series.append(Series(labels, steps.at[present], row[present]))
    series.sort(key=lambda one: key(one.labels))
    return Matrix(series)


def _evaluated(
    source: Selects, node: Node, steps: Steps, limits: Limits, now: Now, end: int | None = None
) -> Evaluated:
    last = int(steps.at[-1]) if end is None else end
    evaluation = Evaluation(source, Budget(limits, now), int(steps.at[0]), last)
    with np.errstate(all="ignore"):  # what is infinite or not a number is an answer here, not an accident
        return evaluation.evaluate(node, steps)


def _matrix_of(windows: Windows) -> Matrix:
    series = [
        Series(labels, windows.at[low:high], windows.value[low:high])
        for labels, low, high in zip(
            windows.labels, windows.lo[:, 0].tolist(), windows.hi[:, 0].tolist(), strict=True
        )
        if high > low
    ]
    series.sort(key=lambda one: key(one.labels))
    return Matrix(series)
