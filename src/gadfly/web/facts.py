"""Handlers: facts from outside, and a look at the data on demand."""

from __future__ import annotations

from starlette.responses import Response

from gadfly.web.problem import Trouble
from gadfly.web.route import Call, json, read_body

BODY = 8_000_000
"""Bytes of one request: some 40,000 rows."""
MOST = 1_000
"""Rows of one answer."""
LINES = "application/x-ndjson"
MEDIA = (LINES, "application/jsonl", "application/json", "application/octet-stream", "text/plain", "")
"""Media types that are read as lines of JSON: the right one, and what those say who say nothing."""


async def facts(call: Call) -> Response:
    """Tables and kinds."""
    return json(await call.node.fact_keeping.facts())


async def rows(call: Call) -> Response:
    """Rows that came over the API."""
    limit = call.query["limit"]
    if not 1 <= limit <= MOST:
        raise Trouble(422, f"Parameter 'limit' is 1 to {MOST:,}.")
    found = await call.node.fact_keeping.rows(call.path("table"), after=call.query["after"], limit=limit)
    return json(found)


async def put(call: Call) -> Response:
    """Add or replace rows."""
    media = call.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in MEDIA:
        raise Trouble(415, f"Facts are lines of JSON, one object a row: Content-Type: {LINES}.")
    body = await read_body(call.request, BODY)
    return json(await call.node.fact_keeping.put(call.path("table"), body, call.who.name))


async def delete(call: Call) -> Response:
    """Forget one row, or all of a table."""
    table, key = call.path("table"), call.query["key"]
    return json(await call.node.fact_keeping.delete(table, key, call.who.name))


async def look(call: Call) -> Response:
    """Look at the data now."""
    return json(await call.node.fact_keeping.look(call.who.name))
