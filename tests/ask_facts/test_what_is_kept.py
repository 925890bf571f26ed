"""How long days and definitions are kept."""

from __future__ import annotations

import sqlite3

from gadfly.store import facts
from gadfly.store.facts import Daily
from gadfly.store.past import LOOKS, SEVERAL
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
        looks = [Daily(LOOKS, TODAY + one, "", {}) for one in range(SEVERAL + 1)]
        facts.keep_days(connection, looks)
        for name, until in (("old", (TODAY - 401) * DAY), ("past", (TODAY - 399) * DAY), ("now", None)):
            connection.execute(
                "INSERT INTO fact_declared (tbl, name, digest, body, since, until)"
                " VALUES ('check', ?, '', '{}', 0, ?)",
                (name, until),
            )
        assert facts.prune(connection, (TODAY + SEVERAL) * DAY) == 5
        assert [TODAY - one.day for one in facts.days(connection, "heartbeat_daily")] == [39, 1]
        assert [TODAY - one.day for one in facts.days(connection, "sample_daily")] == [399, 41, 39, 1]
        assert [one.name for one in facts.declared(connection, "check")] == ["past", "now"]
    connection.close()


def test_a_clock_that_is_set_wrong_forgets_only_that_it_was_looked_then() -> None:
    with sqlite3.connect(":memory:") as connection:
        migrate(connection)
        day = Daily("sample_daily", TODAY - 1, "x", {})
        looks = [Daily(LOOKS, TODAY - ago, "", {}) for ago in range(20)]
        facts.keep_days(connection, [day, *looks, Daily(LOOKS, TODAY + 3_750, "", {})])
        assert facts.prune(connection, (TODAY + 3_750) * DAY) == 0, "ahead"
        assert facts.prune(connection, (TODAY - 10) * DAY) == 10, "and back: days that are still to come"
        assert facts.last_day(connection, LOOKS) == Daily(LOOKS, TODAY - 9, "", {})
        assert list(facts.days(connection, "sample_daily")) == [day]
    connection.close()
