"""How long days and definitions are kept."""

from __future__ import annotations

import sqlite3

from gadfly.store import facts
from gadfly.store.facts import Daily
from gadfly.store.schema import migrate

DAY = 86_400.0
TODAY = 20_000


def test_what_is_too_old_goes_and_heartbeats_go_sooner() -> None:
    with sqlite3.connect(":memory:") as connection:
        migrate(connection)
        facts.keep_days(
            connection,
            [
                Daily(table, TODAY - ago, "x", {"beats": 1})
                for table in ("sample_daily", "heartbeat_daily")
                for ago in (1, 39, 41, 399, 401)
            ],
        )
        for name, until in (("old", (TODAY - 401) * DAY), ("past", (TODAY - 399) * DAY), ("now", None)):
            connection.execute(
                "INSERT INTO fact_declared (tbl, name, digest, body, since, until)"
                " VALUES ('check', ?, '', '{}', 0, ?)",
                (name, until),
            )
        assert facts.prune(connection, (TODAY + 0.5) * DAY) == 5
        assert [TODAY - one.day for one in facts.days(connection, "heartbeat_daily")] == [39, 1]
        assert [TODAY - one.day for one in facts.days(connection, "sample_daily")] == [399, 41, 39, 1]
        assert [one.name for one in facts.declared(connection, "check")] == ["past", "now"]
    connection.close()
