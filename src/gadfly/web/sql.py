"""Handler: series in SQL, for those who prefer it."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response

from gadfly.errors import QueryError
from gadfly.web.asking import SECONDS, Asking, Gone, Now
from gadfly.web.problem import Trouble
from gadfly.web.prometheus import STATUS
from gadfly.web.querying import kept
from gadfly.web.route import Call

LENGTH = 60_000
"""Characters of a query."""


class SqlQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One SELECT over the views `samples`, `series`, `minutes` and `hours`."""

    sql: str
    rows: int = 1000
    """At most, up to 10,000."""


class SqlAnswer(msgspec.Struct, frozen=True):
    """A table. Times are in UTC; NaN and infinity are null."""

    columns: list[str]
    types: list[str]
    """DuckDB's."""
    rows: list[list[Any]]
    more: bool
    """Whether there are more rows."""


async def select(call: Call) -> Response:
    """The answer, from a snapshot of the store; in the places that queries have, and in their time."""
    asked: SqlQuery = call.body
    source = kept(call)
    if len(asked.sql) > LENGTH:
        raise Trouble(422, f"A query has at most {LENGTH:,} characters.")

    def work(now: Now) -> bytes:
        until = now() + SECONDS
        return source.sql(asked.sql, asked.rows, lambda: now() > until)

    asking: Asking = call.request.app.state.asking
    try:
        body = await asking.run(call.request, work)
    except QueryError as error:
        raise Trouble(STATUS.get(error.kind, 422), str(error)) from None
    except Gone:
        raise Trouble(499, "The client went away.") from None
    return Response(body, 200, None, "application/json")
