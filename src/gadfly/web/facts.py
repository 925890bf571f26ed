"""Handlers: facts from outside, and a look at the data on demand."""

from __future__ import annotations

import asyncio

from starlette.responses import Response

from gadfly.ask.facts import TABLES
from gadfly.web.answers.facts import Look
from gadfly.web.auth import INGEST
from gadfly.web.problem import Trouble
from gadfly.web.route import Call, json, read_body

BODY = 8_000_000
"""Bytes of one request: some 40,000 rows."""
MOST = 1_000
"""Rows of one answer."""
LINES = "application/x-ndjson"
MEDIA = (LINES, "application/jsonl", "application/json", "application/octet-stream", "text/plain", "")
"""Media types that are read as lines of JSON: the right one, and what those say who say nothing."""
MEASURED = frozenset(
    {
        "rota",
        "sample_daily",
        "window",
        "job_run",
        "incident",
        "spell",
        "change",
        "edge",
        "resource",
        "resource_daily",
        "heartbeat_daily",
    }
)
"""Tables whose rows whoever may write telemetry may tell: what is measured, planned or happens elsewhere. All
others say what machines did and may do, who answers for what, and what was decided: from them follows who
gets a letter, what is not asked, and that an automation is lowered."""
RELOAD = "reload"


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
    table = call.path("table")
    if table in TABLES and table not in MEASURED and not call.who.gives(RELOAD):
        raise Trouble(
            403 if call.who.name else 401,
            f"Rows of {table} need a token with the scope {RELOAD!r}; with {INGEST!r} alone there are "
            f"{', '.join(sorted(MEASURED))}.",
        )
    body = await read_body(call.request, BODY)
    return json(await call.node.fact_keeping.put(table, body, call.who.name))


async def delete(call: Call) -> Response:
    """Forget one row, or all of a table."""
    table, key = call.path("table"), call.query["key"]
    return json(await call.node.fact_keeping.delete(table, key, call.who.name))


async def look(call: Call) -> Response:
    """Look at the data now. It is looked to the end, also where nobody waits for it any more: the next one
    would begin anew."""
    task = asyncio.ensure_future(call.node.fact_keeping.look(call.who.name))
    _looks.add(task)
    task.add_done_callback(_looked)
    return json(await asyncio.shield(task))


_looks: set[asyncio.Future[Look]] = set()
"""Kept, as the loop itself forgets what nobody waits for."""


def _looked(task: asyncio.Future[Look]) -> None:
    _looks.discard(task)
    if not task.cancelled():
        task.exception()  # who waits for it has it; otherwise nobody wants it
