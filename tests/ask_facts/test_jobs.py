"""Runs of jobs: noted as they are heard, with the time at which they were due, and those that do not come."""

from __future__ import annotations

from typing import Any

import pytest

from gadfly.ask_facts.catalogue import period
from gadfly.ask_facts.jobs import ran
from gadfly.config.component import Component
from gadfly.monitor.jobs import Plan, Run
from gadfly.store import facts

HOUR = 3600.0
CATALOGUE = """
[owner.ops]
contact = ["exec:/bin/true"]
[component.backup]
kind = "job"
owner = "ops"
schedule = "0 2 * * *"
grace = "10m"
[component.sync]
kind = "job"
owner = "ops"
schedule = "every 1h"
"""
pytestmark = pytest.mark.parametrize("place", [CATALOGUE], indirect=True, ids=["jobs"])


async def test_a_run_has_its_due_time_and_is_kept_once_begun_and_ended(place: Any) -> None:
    midnight = place.clock.wall()
    began = midnight + 2 * HOUR + 300
    place.jobs = [("backup", Plan(schedule="0 2 * * *"), Run(began))]
    await place.clock.advance(2 * HOUR + 301)
    await place.asking.turn()
    (run,) = place.facts("jobs")["job_run"]
    assert run == {"job": "backup", "due": midnight + 2 * HOUR, "began": began, "period": 24 * HOUR}
    place.jobs = [("backup", Plan(schedule="0 2 * * *"), Run(began, began + 60, 0, 60.0))]
    await place.asking.turn()
    (run,) = place.facts("jobs")["job_run"]
    assert run["ended"] == began + 60


async def test_those_that_do_not_come_are_missed_after_their_grace(place: Any) -> None:
    midnight = place.clock.wall()
    place.jobs = [
        ("backup", Plan(schedule="0 2 * * *"), Run(midnight + 2 * HOUR - 5, midnight + 3 * HOUR, 0))
    ]
    await place.clock.advance(2 * HOUR + 1)
    await place.asking.turn()
    await place.clock.advance(48 * HOUR)
    assert [one.get("began") is None for one in place.facts("jobs")["job_run"]] == [False, True]
    await place.clock.advance(600)
    runs = place.facts("jobs")["job_run"]
    assert [(one["due"] - midnight) / HOUR for one in runs] == [2.0, 26.0, 50.0]
    assert ["began" in one for one in runs] == [True, False, False]


async def test_a_job_without_a_time_of_day_is_due_when_it_begins(place: Any) -> None:
    began = place.clock.wall() + 100
    place.jobs = [("sync", Plan(every=HOUR), Run(began, began + 5, 0))]
    await place.clock.advance(200)
    await place.asking.turn()
    await place.clock.advance(2.5 * HOUR)
    first, missed, again = place.facts("jobs")["job_run"]
    assert (first["due"], first["period"]) == (began, HOUR)
    assert (missed["due"], again["due"]) == (began + HOUR, began + 2 * HOUR)


@pytest.mark.parametrize(
    ("schedule", "days"),
    [
        ("30 8 * * 1-5", 1),
        ("0 3 * * * Europe/Berlin", 1),
        ("0 9,17 * * *", 1 / 3),
        ("0 4 * * 1", 7),
        ("0 0 1 * *", 30),
        ("*/5 * * * *", 1 / 288),
        ("never", None),
    ],
)
async def test_a_schedule_has_one_period_on_each_day(place: Any, schedule: str, days: float | None) -> None:
    declared = Component(kind="job", schedule=schedule)
    expected = None if days is None else days * 24 * HOUR
    for day in range(0, 400, 3):
        began = place.clock.wall() + day * 24 * HOUR
        assert ran("backup", Plan(schedule=schedule), Run(began)).cells.get("period") == expected
    assert period(declared) == expected


async def test_of_runs_the_newest_are_kept(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "MOST_RUNS", 10)
    begin = place.clock.wall()
    runs = [ran("sync", Plan(every=HOUR), Run(begin + hour * HOUR)) for hour in range(0, 96, 6)]
    await place.db.write(lambda connection: facts.keep_days(connection, runs))
    assert await place.db.read(lambda connection: len(list(facts.days(connection, "job_run", 5)))) == 5
    gone = await place.db.write(lambda connection: facts.prune(connection, begin + 96 * HOUR))
    assert gone == 8
    left = await place.db.read(lambda connection: [one.day for one in facts.days(connection, "job_run")])
    assert left == [int(begin // facts.DAY) + day for day in (2, 2, 2, 2, 3, 3, 3, 3)]
