"""Handlers: what series there are, as Prometheus tells it; clients ask it to offer names and to know us."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import msgspec
from starlette.responses import Response

from gadfly import promql
from gadfly.errors import QueryError
from gadfly.promql import Matcher, Source
from gadfly.web import prometheus
from gadfly.web.asking import Now
from gadfly.web.prometheus import BadData
from gadfly.web.query import LIMITS
from gadfly.web.querying import Asked, answered, kept, parameters, telling
from gadfly.web.route import Call

VERSION = "2.42.0"
"""The Prometheus whose API this is; clients choose by it what they may ask for."""
TOP = 10
"""Entries of each list of the store's statistics, as in Prometheus."""
NO_EXEMPLARS = "exemplars are not kept: senders may leave them out"
CUT = "results truncated due to limit"
"""In the words of Prometheus."""


def _limit(asked: Asked) -> float:
    """How many entries are wanted. Nought is none of a description, and as many as there are of names."""
    text = asked.one("limit")
    if not text:
        return math.inf
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise BadData("limit must be a number")
    return int(text)


def _matchers(texts: Sequence[str]) -> list[Sequence[Matcher]]:
    found: list[Sequence[Matcher]] = []
    for text in texts:
        try:
            found.append(promql.parse_selector(text))
        except QueryError as error:
            raise BadData(f'invalid parameter "match[]": {error}') from None
    return found


Listing = Callable[[Source, list[Sequence[Matcher]], int | None, int | None], Sequence[object]]


async def _list(call: Call, asked: Asked, make: Listing) -> Response:
    """Names, values or series: made of the matchers and the time that were given."""
    start, end = asked.span()
    limit, source, texts = _limit(asked) or math.inf, kept(call), asked.all("match[]")

    def work(now: Now) -> bytes:
        found = make(source, _matchers(texts), start, end)
        if len(found) <= limit:
            return prometheus.success(msgspec.json.encode(found))
        return prometheus.success(msgspec.json.encode(found[: int(limit)]), [CUT])

    return await answered(call, work)


@telling
async def labels(call: Call) -> Response:
    return await _list(call, await parameters(call), lambda source, *given: source.label_names(*given))


@telling
async def label_values(call: Call) -> Response:
    name = call.path("name")
    if not (name.isascii() and name.isidentifier()):
        raise BadData(f'invalid label name: "{name[:100]}"')
    return await _list(call, await parameters(call), lambda source, *given: source.label_values(name, *given))


@telling
async def series(call: Call) -> Response:
    asked = await parameters(call)
    if not asked.all("match[]"):
        raise BadData("no match[] parameter provided")

    def make(
        source: Source, matchers: list[Sequence[Matcher]], start: int | None, end: int | None
    ) -> list[object]:
        return [dict(sorted(one.items())) for one in source.series(matchers, start, end, LIMITS)]

    return await _list(call, asked, make)


@telling
async def metadata(call: Call) -> Response:
    asked = await parameters(call)
    limit = _limit(asked)
    source, metric = kept(call), asked.one("metric") or None

    def work(now: Now) -> bytes:
        found = source.metadata(metric)
        shown = {
            name: [one._asdict() for one in found[name]]
            for number, name in enumerate(sorted(found))
            if number < limit
        }
        return prometheus.success(msgspec.json.encode(shown))

    return await answered(call, work)


@telling
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


@telling
async def exemplars(call: Call) -> Response:
    """None, and why; a mistake in the expression is told all the same."""
    asked = await parameters(call)
    asked.span()
    promql.parse(asked.one("query"))
    return Response(prometheus.success(b"[]", [NO_EXEMPLARS]), 200, None, "application/json")


@telling
async def targets_metadata(call: Call) -> Response:
    """What the metrics are, one a row. Not by target: the newest description of a metric counts."""
    asked = await parameters(call)
    limit, metric = _limit(asked), asked.one("metric") or None
    source = kept(call)

    def work(now: Now) -> bytes:
        found = source.metadata(metric)
        rows = [
            {"target": {}, "metric": name, **one._asdict()} for name in sorted(found) for one in found[name]
        ]
        return prometheus.success(msgspec.json.encode(rows[: None if limit == math.inf else int(limit)]))

    return await answered(call, work)


@telling
async def tsdb(call: Call) -> Response:
    """Of what there are how many series: where cardinality comes from. Chunks are Prometheus' own."""
    asked = await parameters(call)
    limit = _limit(asked)
    source = kept(call)

    def work(now: Now) -> bytes:
        found = source.cardinality(TOP if limit == math.inf else min(int(limit), 10_000))

        def listed(rows: Sequence[tuple[str, int]]) -> list[dict[str, str | int]]:
            return [{"name": name, "value": value} for name, value in rows]

        told = {
            "headStats": {
                "numSeries": found.series,
                "numLabelPairs": found.pairs,
                "chunkCount": 0,
                "minTime": found.oldest or 0,
                "maxTime": found.newest or 0,
            },
            "seriesCountByMetricName": listed(found.by_metric),
            "labelValueCountByLabelName": listed(found.values),
            "memoryInBytesByLabelName": listed(found.bytes),
            "seriesCountByLabelValuePair": listed(found.by_pair),
        }
        return prometheus.success(msgspec.json.encode(told))

    return await answered(call, work)
