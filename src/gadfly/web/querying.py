"""What all handlers of Prometheus' HTTP API share: parameters, errors, threads."""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import NamedTuple, TypeVar
from urllib.parse import parse_qsl

from starlette.responses import Response

from gadfly.errors import LimitError, QueryError, StoreError
from gadfly.promql import Source
from gadfly.web import prometheus
from gadfly.web.asking import Asking, Gone, Now
from gadfly.web.prometheus import BadData, failure
from gadfly.web.route import Call, read_body

T = TypeVar("T")
Handler = Callable[[Call], Awaitable[Response]]

FORM = "application/x-www-form-urlencoded"
FIELDS = 1000
"""Parameters of a request."""
COMPRESSED_FROM = 1024
"""Bytes; a smaller answer fits a packet or two as it is."""
EARLIEST, LATEST = "-292273086-05-16T16:47:06Z", "292277025-08-18T07:12:54.999999999Z"
"""What Prometheus' own clients write for "since ever" and "for ever"."""


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
        return understood(name, prometheus.parse_time, text)

    def span(self) -> tuple[int | None, int | None]:
        """From when until when, ms, where that was said."""
        start, end = self.time("start", None), self.time("end", None)
        if start is not None and end is not None and end < start:
            raise BadData('invalid parameter "end": end timestamp must not be before start time')
        return start, end


def understood(name: str, parse: Callable[[str], T], text: str) -> T:
    try:
        return parse(text)
    except BadData as error:
        raise BadData(f'invalid parameter "{name}": {error}') from None


async def parameters(call: Call) -> Asked:
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


def telling(handler: Handler) -> Handler:
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


def kept(call: Call) -> Source:
    source = call.node.series.source
    if source is None:
        raise StoreError(call.node.series.trouble)
    return source


async def answered(call: Call, work: Callable[[Now], bytes]) -> Response:
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
