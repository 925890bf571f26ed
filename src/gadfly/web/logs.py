"""Lines of logs, filtered and paged by their numbers."""

from __future__ import annotations

import re

import msgspec
from starlette.responses import Response

from gadfly.errors import QueryError, StoreError
from gadfly.store.logs.line import SEVERITIES, Kept, severity_name
from gadfly.store.logs.query import Query
from gadfly.web.problem import Trouble
from gadfly.web.route import Call, json

MOST = 1_000
"""Lines of one page."""


class LogLine(msgspec.Struct, frozen=True):
    """A line as it was taken. What of it came from outside is whatever its sender wrote."""

    number: int
    """Its place: a later line has a greater one."""
    at: float
    """When it was written, as its sender says."""
    source: str
    """`syslog`, `journald`, `file:NAME` or `otlp`."""
    host: str
    unit: str
    severity: str
    text: str
    fields: dict[str, str] = {}


class LogPage(msgspec.Struct, frozen=True):
    """Lines, and how to go on."""

    lines: list[LogLine]
    cursor: int
    """For the next page: as `after` where that was given, else as `before`."""
    more: bool
    """Whether something is left in that direction. A page may have few lines, or none, and still be told to
    go on: a search ends after some seconds, and says how far it came."""
    newest: int
    """The number of the newest line there is: to follow, give it as `after`."""
    unread: list[str] = []
    """Parts that could not be read, and why."""


async def lines(call: Call) -> Response:
    """A page of lines."""
    given = call.query
    if given["after"] is not None and given["before"] is not None:
        raise Trouble(422, "Give `after` or `before`, not both.")
    if not 1 <= given["limit"] <= MOST:
        raise Trouble(422, f"`limit` is 1 to {MOST:,}.")
    if given["severity"] not in SEVERITIES:
        raise Trouble(422, f"`severity` is one of {', '.join(SEVERITIES)}.")
    if given["q"] and given["match"]:
        raise Trouble(422, "Give `q` or `match`, not both.")
    query = Query(
        since=given["since"],
        until=given["until"],
        source=given["source"],
        host=given["host"],
        unit=given["unit"],
        severity=SEVERITIES.index(given["severity"]),
        pattern=given["match"] or (f"(?i){re.escape(given['q'])}" if given["q"] else ""),
        after=given["after"],
        before=given["before"],
        limit=given["limit"],
    )
    logs = call.node.logs
    newest = logs.last
    try:
        page = await logs.read(query)
    except QueryError as error:
        raise Trouble(422, f"{error}.") from None
    except StoreError as error:
        raise Trouble(503, str(error), {"retry-after": "2"}) from None
    shown = [_shown(line) for line in page.lines]
    return json(LogPage(shown, page.cursor, page.more, newest, list(page.unread)))


def _shown(line: Kept) -> LogLine:
    fields = msgspec.json.decode(line.fields, type=dict[str, str]) if line.fields else {}
    return LogLine(
        line.number,
        line.at,
        line.source,
        line.host,
        line.unit,
        severity_name(line.severity),
        line.text,
        fields,
    )
