"""Checks that wait too long, not at all, or look too seldom."""

from __future__ import annotations

from typing import Any

import pytest

DAY = 86_400.0
NOW = 20_000 * DAY
Rows = list[dict[str, Any]]


def check(**more: Any) -> dict[str, Any]:
    return {
        "name": "errors",
        "component": "shop",
        "owner": "web",
        "kind": "symptom",
        "hold": 1800,
        "span": 300,
        "interval": 60,
        "since": NOW - 500 * DAY,
    } | more


def troubles(minutes: list[float], **more: Any) -> Rows:
    return [
        {"id": f"i{i}", "component": "shop", "began": (at := NOW - (i + 2) * DAY), "ended": at + 60 * one}
        | more
        for i, one in enumerate(minutes)
    ]


def test_for_longer_than_harm_asks_by_the_budget(ask: Any) -> None:
    (found,) = ask("for-longer-than-harm", check=[check(budget=900)])
    assert (found.values["detect"], found.values["limit"]) == (2160, 900)


def test_for_longer_than_harm_asks_by_past_incidents(ask: Any) -> None:
    (found,) = ask("for-longer-than-harm", check=[check()], incident=troubles([10, 12, 15, 20, 25, 30]))
    assert (found.values["k"], found.values["n"], found.values["limit"]) == (6, 6, 1050)


@pytest.mark.parametrize(
    ("checks", "incidents"),
    [
        pytest.param([check(kind="capacity", hold=7200, budget=900)], [], id="twin-slow-disk"),
        pytest.param(
            [check(kind="cause", purpose="capacity", hold=7200)], troubles([10] * 6), id="twin-purpose"
        ),
        pytest.param([check(budget=3600)], [], id="within-budget"),
        pytest.param([check(budget=None)], troubles([10] * 4), id="few-incidents"),
        pytest.param([check()], troubles([10, 10, 10, 10, 90, 90, 90]), id="not-sure"),
        pytest.param([check()], troubles([10] * 6, found_by="other"), id="another-check-finds-them"),
        pytest.param([check(hold=None, span=None)], troubles([0.5] * 6), id="wait-not-known"),
        pytest.param([check(budget=0)], [], id="no-budget"),
    ],
)
def test_for_longer_than_harm_is_silent(ask: Any, checks: Rows, incidents: Rows) -> None:
    assert ask("for-longer-than-harm", check=checks, incident=incidents) == []


def alerts(n: int, seconds: float, first: int = 0, **more: Any) -> Rows:
    return [
        {
            "id": f"a{i}",
            "check": "errors",
            "component": "shop",
            "started": (at := NOW - (i + 1) * DAY),
            "ended": at + seconds,
            "page": True,
        }
        | more
        for i in range(first, first + n)
    ]


HASTY = check(hold=0)
SHORT = alerts(12, 90) + alerts(2, 3600, 12)


def test_hair_trigger_asks(ask: Any) -> None:
    (found,) = ask("hair-trigger", check=[HASTY], alert=SHORT)
    assert (found.values["k"], found.values["n"], found.values["wait"]) == (12, 14, 180)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"alert": alerts(14, 90, acted=NOW - DAY, actor="machine")}, id="twin-machine-acted"),
        pytest.param({"alert": alerts(14, 90, end_reason="machine")}, id="twin-machine-ended"),
        pytest.param(
            {"action": [{"id": f"x{i}", "at": 1.0, "alert": f"a{i}"} for i in range(14)]}, id="twin-action"
        ),
        pytest.param({"check": [check(hold=300)]}, id="waits"),
        pytest.param({"alert": alerts(7, 90)}, id="few"),
        pytest.param({"alert": alerts(7, 90) + alerts(5, 3600, 7)}, id="half"),
        pytest.param({"alert": [one | {"ended": None} for one in SHORT]}, id="still-firing"),
        pytest.param({"alert": alerts(14, 90, 61)}, id="long-ago"),
    ],
)
def test_hair_trigger_is_silent(ask: Any, facts: dict[str, Rows]) -> None:
    assert ask("hair-trigger", **({"check": [HASTY], "alert": SHORT} | facts)) == []


def test_hair_trigger_does_not_count_rehearsals(ask: Any) -> None:
    dry = [{"id": f"x{i}", "at": 1.0, "alert": f"a{i}", "mode": "dry"} for i in range(14)]
    assert len(ask("hair-trigger", check=[HASTY], alert=SHORT, action=dry)) == 1


PROBE = check(name="probe", kind="blackbox", hold=0, interval=600)


def spells(*minutes: float) -> Rows:
    return [{key: value for key, value in one.items() if key != "id"} for one in troubles(list(minutes))]


@pytest.mark.parametrize(
    "facts",
    [{"spell": spells(3, 4, 4, 5, 4)}, {"incident": troubles([3, 4, 4, 5, 4])}],
    ids=["spells", "incidents"],
)
def test_blind_window_asks(ask: Any, facts: dict[str, Rows]) -> None:
    (found,) = ask("blind-window", check=[PROBE], **facts)
    assert (found.values["n"], found.values["limit"]) == (5, 240)


HEART = [{"component": "shop", "listener": "l", "day": 19_999, "dead_after": 30.0, "beats": 1}]


def test_blind_window_asks_of_a_heartbeat_looked_at_too_seldom(ask: Any) -> None:
    (found,) = ask("blind-window", check=[check(kind="heartbeat", interval=60)], heartbeat_daily=HEART)
    assert found.values["limit"] == 30


@pytest.mark.parametrize(
    ("checks", "bad"),
    [
        pytest.param(
            [PROBE | {"name": "certificate", "interval": 3600}], spells(3, 4, 4, 5, 4), id="twin-certificate"
        ),
        pytest.param([PROBE | {"kind": "capacity"}], spells(3, 4, 4, 5, 4), id="capacity"),
        pytest.param([PROBE | {"interval": 60}], spells(3, 4, 4, 5, 4), id="often-enough"),
        pytest.param([PROBE], spells(3, 4, 4, 5), id="few"),
        pytest.param([PROBE], spells(30, 40, 40, 50, 40), id="long-spells"),
        pytest.param([PROBE | {"interval": None}], spells(3, 4, 4, 5, 4), id="not-known"),
    ],
)
def test_blind_window_is_silent(ask: Any, checks: Rows, bad: Rows) -> None:
    assert ask("blind-window", check=checks, spell=bad, heartbeat_daily=HEART) == []
