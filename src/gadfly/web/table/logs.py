"""The row of the API's table that gives lines of logs."""

from __future__ import annotations

from gadfly.web import logs
from gadfly.web.route import Endpoint, Query

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/v1/logs",
        handler=logs.lines,
        summary="Lines of logs, filtered and paged",
        query=(
            Query("q", str, "", "Words that stand in the line, whatever their case."),
            Query("match", str, "", "A regular expression (RE2) found in the line."),
            Query("host", str, "", "This host; `*` stands for any characters."),
            Query("unit", str, "", "This unit; `*` stands for any characters."),
            Query("source", str, "", "syslog, journald, otlp or file:NAME; `*` stands for any characters."),
            Query("severity", str, "debug", "At least this grave: emergency, alert, critical, error …"),
            Query("since", float, 0.0, "Written at or after it; seconds since the epoch."),
            Query("until", float, 0.0, "Written before it."),
            Query("after", int | None, None, "Lines with a greater number, the oldest first."),
            Query("before", int | None, None, "Lines with a smaller number, the newest first; so without."),
            Query("limit", int, 100, f"How many at most, up to {logs.MOST:,}."),
        ),
        gives=logs.LogPage,
        errors=(422, 429, 503),
        help="The newest first, unless `after` is given. To follow, ask again with `after` = the cursor.",
    ),
)
