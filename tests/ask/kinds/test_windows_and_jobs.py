"""Maintenance that runs over or covers too much, and jobs that outgrow their schedule, are asked about."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

DAY = 86_400.0
HOUR = 3_600.0
NOW = 20_000 * DAY
DB = {"name": "db", "owner": "storage", "tier": 1, "since": NOW - 400 * DAY}


def windows(overs: list[float | None], **more: Any) -> list[dict[str, Any]]:
    """One a week, an hour long, the last of them a day ago; None: nobody knows when it was finished."""
    return [
        {
            "id": f"w{i}",
            "component": "db",
            "starts": NOW - (7 * i + 1) * DAY,
            "ends": NOW - (7 * i + 1) * DAY + HOUR,
            "finished": None if over is None else NOW - (7 * i + 1) * DAY + HOUR + over,
            "created": NOW - 300 * DAY,
            **more,
        }
        for i, over in enumerate(overs)
    ]


def test_windows_that_run_over(ask: Any) -> None:
    (found,) = ask("window-overrun", window=windows([1800, 1800, -60, 1800, 1800, 9000]), component=[DB])
    assert (found.subject, found.owner, found.values["n"], found.values["k"]) == ("db", "storage", 5, 4)
    assert found.values["over"] == pytest.approx(1800)
    assert found.values["planned"] == pytest.approx(3600)
    assert found.values["real"] == pytest.approx(5400)


def test_a_window_that_is_still_open_is_not_judged(ask: Any) -> None:
    begun = {"component": "db", "starts": NOW - HOUR, "ends": NOW + HOUR, "finished": NOW - 60}
    assert (
        len(ask("window-overrun", window=[*windows([-60, -60, 900, 900, 900]), begun], component=[DB])) == 1
    )


@pytest.mark.parametrize(
    "rows",
    [
        windows([1800, -600, -600, -600, -600]),
        windows([1800] * 4, incident=True),
        windows([1800, None, None, 1800, None]),
        windows([170] * 5),
        windows([-9000] * 5),
        windows([None] * 5),
        [
            {"id": f"f{i}", "component": "db", "starts": NOW + i * DAY, "ends": NOW + i * DAY + 60}
            for i in range(5)
        ],
        windows([1800]) * 5,
    ],
    ids=[
        "once",
        "incident",
        "unknown",
        "seconds",
        "backwards",
        "never-finished",
        "to-come",
        "one-told-five-times",
    ],
)
def test_windows_that_end_in_time(ask: Any, rows: list[dict[str, Any]]) -> None:
    assert ask("window-overrun", window=rows, component=[DB]) == []


def nightly(hours: float) -> list[dict[str, Any]]:
    return [
        {"component": "db", "starts": NOW - i * DAY - 8 * HOUR, "ends": NOW - i * DAY - (8 - hours) * HOUR}
        for i in range(1, 60)
    ]


FAILED = [{"id": "i1", "component": "db", "began": NOW - 3 * DAY - 7 * HOUR}]


def test_half_the_night_excused(ask: Any) -> None:
    overlapping = [
        {"component": "db", "created": NOW - 4 * DAY, "starts": NOW - 3 * DAY - 8 * HOUR, "ends": NOW + DAY,
         "ended": NOW - 3 * DAY - 2 * HOUR}
    ]  # fmt: skip
    (found,) = ask(
        "always-maintenance",
        window=nightly(6) * 2,
        silence=overlapping,
        incident=FAILED,
        spell=[{"component": "db", "kind": "down", "began": NOW - 3 * DAY - 7 * HOUR + 5}],
        component=[DB],
    )
    assert found.values["k"] == 1
    assert found.values["share"] == pytest.approx(0.25, abs=0.01)


def test_a_long_silence_excuses_as_well(ask: Any) -> None:
    hush = [{"component": "db", "created": NOW - 9 * DAY, "ends": NOW + DAY}]
    down = [{"component": "db", "kind": "down", "began": NOW - 2 * DAY}]
    (found,) = ask("always-maintenance", silence=hush, spell=down, component=[DB])
    assert found.values["share"] == pytest.approx(9 / 28, abs=0.01)


@pytest.mark.parametrize(
    ("component", "window", "incident"),
    [
        (DB | {"environment": "staging"}, nightly(6), FAILED),
        (DB | {"tier": 3}, nightly(6), FAILED),
        (DB | {"tier": None}, nightly(6), FAILED),
        (DB, nightly(4), FAILED),
        (DB, nightly(6), []),
        (DB, nightly(6), [{"id": "i1", "component": "db", "began": NOW - 3 * DAY - HOUR}]),
        (DB, [], FAILED),
        (DB, [{"component": "db", "starts": NOW - DAY, "ends": NOW - 20 * DAY}], FAILED),
    ],
    ids=["twin", "tier", "no-tier", "short", "no-failure", "outside", "no-window", "wrong-order"],
)
def test_excused_and_all_right(ask: Any, component: Any, window: Any, incident: Any) -> None:
    assert ask("always-maintenance", window=window, incident=incident, component=[component]) == []


def runs(n: int, took: Any, late: float = 0.0, period: float = DAY, **more: Any) -> list[dict[str, Any]]:
    """`took(i)` hours of the run i periods ago; None: it did not begin."""
    rows = []
    for i in range(1, n + 1):
        due = NOW - i * period
        hours = took(i)
        rows.append(
            {"job": "report", "due": due, "period": period, **more}
            | ({} if hours is None else {"began": due + late, "ended": due + late + hours * HOUR})
        )
    return rows


def grown(i: int) -> float:
    return 20 - 0.07 * i + 0.3 * (-1) ** i


def level(seed: int) -> Callable[[int], float]:
    """Twenty hours, more or less, without growth."""
    draw = random.Random(seed)
    hours = [draw.gauss(20.5, 0.8) for _ in range(121)]
    return hours.__getitem__


JOB = [{"name": "report", "kind": "job", "owner": "finance", "since": NOW - 400 * DAY}]


def test_a_job_that_grows_towards_its_period(ask: Any) -> None:
    (found,) = ask("job-drift", job_run=runs(120, grown), component=JOB)
    assert (found.subject, found.owner) == ("report", "finance")
    assert found.values["growth"] == pytest.approx(2.1 * HOUR, rel=0.2)


def test_a_job_that_no_longer_begins(ask: Any) -> None:
    (found,) = ask("job-drift", job_run=runs(30, lambda i: None if i <= 3 else 2.0), component=JOB)
    assert (found.values["missed"], found.values["took"]) == (3, 2 * HOUR)


def test_a_job_that_begins_at_another_time(ask: Any) -> None:
    rows = [row | {"period": None} for row in runs(30, lambda i: 1.0, late=7 * HOUR)]
    (found,) = ask("job-drift", job_run=rows, component=[JOB[0] | {"period": DAY}])
    assert found.values["late"] == 7 * HOUR


@pytest.mark.parametrize(
    "rows",
    [
        *(runs(120, level(seed), lock=True) for seed in range(6)),
        runs(120, lambda i: 2 - 0.005 * i),
        runs(30, lambda i: None if i in (1, 2, 9) else 2.0),
        runs(30, lambda i: None if i == 1 else 1.0, late=300),
        runs(60, lambda i: None, period=DAY)[40:],
        runs(6, lambda i: 20 - i),
        [{"job": "report", "due": NOW - i * 60.0, "period": DAY} for i in range(9)],
        [{"job": "report", "due": NOW - i * DAY} for i in range(9)],
        [{"job": "report", "period": DAY}],
    ],
    ids=[
        *(f"twin-{seed}" for seed in range(6)),
        "short",
        "twice",
        "late",
        "retired",
        "young",
        "only-just-due",
        "no-period",
        "no-time",
    ],
)
def test_a_job_that_keeps_its_schedule(ask: Any, rows: list[dict[str, Any]]) -> None:
    assert ask("job-drift", job_run=rows, component=JOB) == []
