"""What was foretold, gauges with a limit, runs of schedules and changes, as facts."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from gadfly.ledger.entry import Entry
from gadfly.monitor.subject import Subject
from gadfly.store import predictions
from gadfly.store.predictions import Row, Verdict

DAY = 86_400.0
CATALOGUE = """
[owner.ops]
contact = ["exec:/bin/true"]
[prediction.disk]
of = "disk_used_bytes"
full = "100"
act = "8h"
owner = "ops"
because = "Nothing can be written to a disk that is full."
"""
pytestmark = pytest.mark.parametrize("place", [CATALOGUE], indirect=True, ids=["disk"])


async def test_a_prediction_tells_what_became_of_it_and_how_long_its_owner_needs(place: Any) -> None:
    at = place.clock.wall()
    row = Row(
        predictor="disk", series="disk_used_bytes", component="db", owner="ops", made=at - 5 * DAY,
        deadline=at - 4 * DAY, probability=0.8, base=0.1, told=True,
    )  # fmt: skip

    def work(connection: sqlite3.Connection) -> None:
        first, second = predictions.add(connection, [row, row])
        predictions.resolve(
            connection, [Verdict(id=first.id, outcome="came true", resolved=at, happened=at - 4.5 * DAY)]
        )
        predictions.resolve(connection, [Verdict(id=second.id, outcome="did not", resolved=at)])
        for number, action, ago in ((1, "notify", 4.9), (2, "command", 4.8)):
            connection.execute(
                "INSERT INTO intent (id, entry, plan, body, principal, automation, owner, action, symptom,"
                " cost, at, ends) VALUES (?, ?, '', '', 'program:x', '', '', ?, '', 0, ?, 0)",
                (number, number, action, at - ago * DAY),
            )
            connection.execute(
                "INSERT INTO reservation (intent, target, automation, action, symptom, grp, cell,"
                " environment, disturbs, well, at) VALUES (?, 'db', '', ?, '', '', '', '', 0, 1, ?)",
                (number, action, at - ago * DAY),
            )

    await place.db.write(work)
    second, first = place.facts("predictions")["prediction"]
    assert (first["outcome"], second["outcome"]) == ("true", "false")
    assert first["happened"] == at - 4.5 * DAY
    assert (first["to_act"], first["class"], first["predictor"]) == (8 * 3600.0, "capacity", "disk")
    assert first["acted"] == at - 4.8 * DAY  # to tell somebody is no act


async def test_a_gauge_has_its_limit_and_the_median_of_each_day(place: Any) -> None:
    place.know(Subject(name="db"))
    place.sample(3, 300.0, lambda day: 10 + 10 * day, __name__="disk_used_bytes", component="db")
    await place.clock.advance(3 * DAY)
    found = place.facts("predictions")
    (disk,) = found["resource"]
    assert (disk["component"], disk["hard_limit"], disk["watched"]) == ("db", 100.0, True)
    assert "remedy" not in disk  # how long it took last time nobody wrote down
    assert [round(one["value"]) for one in found["resource_daily"]] == [15, 25, 35]


async def test_runs_of_a_schedule_tell_their_due_time_also_those_that_were_skipped(place: Any) -> None:
    at = place.clock.wall()

    def work(connection: sqlite3.Connection) -> None:
        for number in (1, 2, 3):
            due = at - (4 - number) * 3600
            state = "skipped" if number == 2 else "done"
            connection.execute(
                "INSERT INTO invocation (id, function, called, key, event, created, due, allowed, state,"
                " overlap) VALUES (?, 'tidy', 'schedule: 0 * * * *', ?, x'', ?, ?, 1, ?, 'skip')",
                (number, str(number), due, due, state),
            )
            if number != 2:
                connection.execute(
                    "INSERT INTO attempt (invocation, number, began, ended, outcome)"
                    " VALUES (?, 1, ?, ?, 'ok')",
                    (number, due + 2, due + 62),
                )

    await place.db.write(work)
    newest, skipped, oldest = place.facts("jobs")["job_run"]
    assert (newest["job"], newest["period"], newest["began"] - newest["due"]) == ("tidy", 3600.0, 2.0)
    assert newest["ended"] - newest["began"] == 60.0
    assert "began" not in skipped
    assert oldest["lock"] is True


async def test_a_reload_and_a_deployment_are_changes_of_what_they_name(place: Any) -> None:
    lines = ["rule hot: for 5m → 1m", "component db added", "component shop: owner ops → web"]
    body = {"event": "read again", "changes": 3, "lines": lines, "configuration": "x"}
    deployed = {"event": "deployed", "version": "x"}
    at = place.clock.wall()
    await place.db.write(
        lambda connection: place.recorder.log.append(
            connection,
            [
                Entry(kind="configuration", who="node", body=body, at=at),
                Entry(kind="function", who="node", about=("function:tidy",), body=deployed, at=at),
            ],
        )
    )
    found = [(one["subject"], one["kind"]) for one in place.facts("changes")["change"]]
    assert found == [("hot", "edit"), ("db", "edit"), ("shop", "owner"), ("tidy", "deploy")]
