"""Handlers: PromQL over the node's series, as Prometheus answers it; its clients need no translator."""

from __future__ import annotations

import dataclasses

from starlette.responses import Response

from gadfly import promql
from gadfly.errors import LimitError
from gadfly.promql import Limits, Matrix, Value, Vector
from gadfly.promql.format import data_json
from gadfly.web import prometheus
from gadfly.web.asking import SECONDS, Now
from gadfly.web.noted import Noted
from gadfly.web.prometheus import BadData
from gadfly.web.querying import Asked, answered, kept, parameters, telling, understood
from gadfly.web.route import Call

ANSWER = 2_000_000
"""Samples of one answer: some 60 MB as JSON, more than any chart shows."""
LIMITS = Limits(samples=20_000_000, series=200_000, seconds=SECONDS)
"""20 million samples are 320 MB while they are read; a dashboard needs a hundredth of it."""


def _limits(asked: Asked) -> Limits:
    """The node's, with the time that the client gives where that is less."""
    seconds = SECONDS
    if text := asked.one("timeout"):
        seconds = min(seconds, understood("timeout", prometheus.parse_duration, text) / 1000)
    lookback = LIMITS.lookback_ms
    if text := asked.one("lookback_delta"):
        lookback = understood("lookback_delta", prometheus.parse_duration, text)
        if lookback <= 0:
            raise BadData('invalid parameter "lookback_delta": it must be longer than nothing')
    return dataclasses.replace(LIMITS, seconds=seconds, lookback_ms=lookback)


@telling
async def instant(call: Call) -> Response:
    asked = await parameters(call)
    at = asked.time("time", None)
    if at is None:
        at = round(call.node.clock.wall() * 1000)
    text, limits, source = asked.one("query"), _limits(asked), kept(call)

    def work(now: Now) -> bytes:
        noted = Noted(source)
        data = _written(promql.instant(noted, text, at, limits, now))
        return prometheus.success(data, noted.lacking())

    return await answered(call, work)


@telling
async def ranged(call: Call) -> Response:
    asked = await parameters(call)
    start, end = (understood(name, prometheus.parse_time, asked.one(name)) for name in ("start", "end"))
    if end < start:
        raise BadData('invalid parameter "end": end timestamp must not be before start time')
    step = understood("step", prometheus.parse_duration, asked.one("step"))
    if step <= 0:
        raise BadData(
            'invalid parameter "step": zero or negative query resolution step widths are not accepted. '
            "Try a positive integer"
        )
    text, limits, source = asked.one("query"), _limits(asked), kept(call)
    if (end - start) // step > limits.points:
        raise BadData(
            f"exceeded maximum resolution of {limits.points:,} points per timeseries. "
            "Try decreasing the query resolution (?step=XX)"
        )

    def work(now: Now) -> bytes:
        noted = Noted(source)
        data = _written(promql.range_query(noted, text, start, end, step, limits, now))
        return prometheus.success(data, noted.lacking())

    return await answered(call, work)


def _written(value: Value) -> bytes:
    """What an expression came to, as the `data` of the answer."""
    if isinstance(value, Vector):
        _bounded(len(value.samples))
    elif isinstance(value, Matrix):
        _bounded(sum(len(one.at) for one in value.series))
    return data_json(value)


def _bounded(samples: int) -> None:
    if samples > ANSWER:
        raise LimitError(
            f"the answer has {samples:,} samples, more than {ANSWER:,}: aggregate, or ask for less"
        )
