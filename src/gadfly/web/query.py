"""Handlers: Prometheus' HTTP API over the node's series, so that its clients need no translator."""

from __future__ import annotations

import dataclasses
import gzip
import math
from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from typing import NamedTuple, TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.responses import Response

from gadfly import promql
from gadfly.errors import LimitError, QueryError, StoreError
from gadfly.promql import Limits, Matcher, Matrix, Source, Value, Vector
from gadfly.promql.format import data_json
from gadfly.web import prometheus
from gadfly.web.asking import SECONDS, Asking, Gone, Now
from gadfly.web.noted import Noted
from gadfly.web.prometheus import BadData, failure
from gadfly.web.route import Call, read_body

T = TypeVar("T")
Handler = Callable[[Call], Awaitable[Response]]

FORM = "application/x-www-form-urlencoded"
FIELDS = 1000
"""Parameters of a request."""
ANSWER = 2_000_000
"""Samples of one answer: some 60 MB as JSON, more than any chart shows."""
LIMITS = Limits(samples=20_000_000, series=200_000, seconds=SECONDS)
"""20 million samples are 320 MB while they are read; a dashboard needs a hundredth of it."""
COMPRESSED_FROM = 1024
"""Bytes; a smaller answer fits a packet or two as it is."""
EARLIEST, LATEST = "-292273086-05-16T16:47:06Z", "292277025-08-18T07:12:54.999999999Z"
"""What Prometheus' own clients write for "since ever" and "for ever"."""
VERSION = "2.42.0"
"""The Prometheus whose API this is; clients choose by it what they may ask for."""


class Asked(NamedTuple):
    """The parameters of a request, from its address and from a form; the first of each name counts."""

    pairs: list[tuple[str, str]]

    def one(self, name: str) -> str:
        return next((text for key, text in self.pairs if key == name), "")

    def all(self, name: str) -> list[str]:
        return [text for key, text in self.pairs if key == name]

    def time(self, name: str, default: int | None) -> int | None:
        text = self.one(name)
        if text in ("", EARLIEST, LATEST):
            return default
        return _understood(name, prometheus.parse_time, text)


def _understood(name: str, parse: Callable[[str], T], text: str) -> T:
    try:
        return parse(text)
    except BadData as error:
        raise BadData(f'invalid parameter "{name}": {error}') from None


async def _asked(call: Call) -> Asked:
    pairs = call.request.query_params.multi_items()
    if call.request.method == "POST":
        body = await read_body(call.request)
        if call.request.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM:
            try:
                form = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FIELDS)
            except ValueError:
                raise BadData("error parsing form values: this is not a form in UTF-8") from None
            pairs = [*form, *pairs]
    return Asked(pairs)


def _telling(handler: Handler) -> Handler:
    """Every error that a handler raises on purpose, in Prometheus' form."""

    @wraps(handler)
    async def answer(call: Call) -> Response:
        try:
            return await handler(call)
        except BadData as error:
            return failure("bad_data", str(error))
        except QueryError as error:
            said = f'invalid parameter "query": {error}' if error.kind == "bad_data" else str(error)
            return failure(error.kind, said)
        except LimitError as error:
            return failure("execution", str(error))
        except StoreError as error:
            return failure("unavailable", str(error))
        except Gone:
            return failure("canceled", "the client went away", 499)

    return answer


def _source(call: Call) -> Source:
    source = call.node.series.source
    if source is None:
        raise StoreError(call.node.series.trouble)
    return source


async def _run(call: Call, work: Callable[[Now], bytes]) -> Response:
    """The answer that `work` makes in a thread; compressed there, too, where the client can read that."""
    packing = "gzip" in call.request.headers.get("accept-encoding", "")

    def whole(now: Now) -> tuple[bytes, dict[str, str]]:
        body = work(now)
        if packing and len(body) >= COMPRESSED_FROM:
            return gzip.compress(body, 1), {"content-encoding": "gzip", "vary": "accept-encoding"}
        return body, {}

    asking: Asking = call.request.app.state.asking
    body, headers = await asking.run(call.request, whole)
    return Response(body, 200, headers, "application/json")


def _limits(asked: Asked) -> Limits:
    """The node's, with the time that the client gives where that is less."""
    seconds = SECONDS
    if text := asked.one("timeout"):
        seconds = min(seconds, _understood("timeout", prometheus.parse_duration, text) / 1000)
    lookback = LIMITS.lookback_ms
    if text := asked.one("lookback_delta"):
        lookback = _understood("lookback_delta", prometheus.parse_duration, text)
        if lookback <= 0:
            raise BadData('invalid parameter "lookback_delta": it must be longer than nothing')
    return dataclasses.replace(LIMITS, seconds=seconds, lookback_ms=lookback)


@_telling
async def instant(call: Call) -> Response:
    asked = await _asked(call)
    at = asked.time("time", None)
    if at is None:
        at = round(call.node.clock.wall() * 1000)
    text, limits, source = asked.one("query"), _limits(asked), _source(call)

    def work(now: Now) -> bytes:
        noted = Noted(source)
        data = _written(promql.instant(noted, text, at, limits, now))
        return prometheus.success(data, noted.lacking())

    return await _run(call, work)


@_telling
async def ranged(call: Call) -> Response:
    asked = await _asked(call)
    start, end = (_understood(name, prometheus.parse_time, asked.one(name)) for name in ("start", "end"))
    if end < start:
        raise BadData('invalid parameter "end": end timestamp must not be before start time')
    step = _understood("step", prometheus.parse_duration, asked.one("step"))
    if step <= 0:
        raise BadData(
            'invalid parameter "step": zero or negative query resolution step widths are not accepted. '
            "Try a positive integer"
        )
    text, limits, source = asked.one("query"), _limits(asked), _source(call)
    if (end - start) // step > limits.points:
        raise BadData(
            f"exceeded maximum resolution of {limits.points:,} points per timeseries. "
            "Try decreasing the query resolution (?step=XX)"
        )

    def work(now: Now) -> bytes:
        noted = Noted(source)
        data = _written(promql.range_query(noted, text, start, end, step, limits, now))
        return prometheus.success(data, noted.lacking())

    return await _run(call, work)


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


def _matchers(texts: Sequence[str]) -> list[Sequence[Matcher]]:
    found: list[Sequence[Matcher]] = []
    for text in texts:
        try:
            found.append(promql.parse_selector(text))
        except QueryError as error:
            raise BadData(f'invalid parameter "match[]": {error}') from None
    return found


Listing = Callable[[Source, list[Sequence[Matcher]], int | None, int | None], object]


async def _list(call: Call, asked: Asked, make: Listing) -> Response:
    """Names, values or series: made of the matchers and the time that were given."""
    start, end = asked.time("start", None), asked.time("end", None)
    if start is not None and end is not None and end < start:
        raise BadData('invalid parameter "end": end timestamp must not be before start time')
    source, texts = _source(call), asked.all("match[]")

    def work(now: Now) -> bytes:
        found = make(source, _matchers(texts), start, end)
        return prometheus.success(msgspec.json.encode(found))

    return await _run(call, work)


@_telling
async def labels(call: Call) -> Response:
    return await _list(call, await _asked(call), lambda source, *given: source.label_names(*given))


@_telling
async def label_values(call: Call) -> Response:
    name = call.path("name")
    if not (name.isascii() and name.isidentifier()):
        raise BadData(f'invalid label name: "{name[:100]}"')
    return await _list(call, await _asked(call), lambda source, *given: source.label_values(name, *given))


@_telling
async def series(call: Call) -> Response:
    asked = await _asked(call)
    if not asked.all("match[]"):
        raise BadData("no match[] parameter provided")

    def make(source: Source, matchers: list[Sequence[Matcher]], start: int | None, end: int | None) -> object:
        return [dict(sorted(one.items())) for one in source.series(matchers, start, end, LIMITS)]

    return await _list(call, asked, make)


@_telling
async def metadata(call: Call) -> Response:
    asked = await _asked(call)
    limit = math.inf
    if text := asked.one("limit"):
        if not (text.isascii() and text.isdecimal() and len(text) < 10):
            raise BadData("limit must be a number")
        limit = int(text)
    source, metric = _source(call), asked.one("metric") or None

    def work(now: Now) -> bytes:
        found = source.metadata(metric)
        shown = {
            name: [one._asdict() for one in found[name]]
            for number, name in enumerate(sorted(found))
            if number < limit
        }
        return prometheus.success(msgspec.json.encode(shown))

    return await _run(call, work)


@_telling
async def buildinfo(call: Call) -> Response:
    about = {
        "version": VERSION,
        "revision": "",
        "branch": "",
        "buildUser": "",
        "buildDate": "",
        "goVersion": "",
    }
    return Response(prometheus.success(msgspec.json.encode(about)), 200, None, "application/json")
