"""Alerts among each other: pairs, turns, storms; and what people told first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gadfly.ask import kinds
from gadfly.ask.world import World

DAY = 86_400.0
NOW = 20_000 * DAY
Rows = list[dict[str, Any]]


def alert(check: str, at: float, **more: Any) -> dict[str, Any]:
    row = {"id": f"{check}@{at}", "check": check, "component": f"c-{check}", "started": at, "ended": at + 600}
    return row | {"page": True} | more


def twice(n: int, apart: float = 60, **more: Any) -> Rows:
    times = [NOW - (3 * i + 2) * DAY for i in range(n)]
    return [alert("a", at, **more) for at in times] + [alert("b", at + apart, **more) for at in times]


def test_always_together_asks(ask: Any) -> None:
    noise = [alert(f"x{i}", NOW - j * DAY + 977 * i) for i in range(5) for j in range(1, 30)]
    (found,) = ask("always-together", alert=twice(12) + noise)
    assert (found.subject, found.values["k"], found.values["n"]) == ("a + b", 12, 12)
    assert found.values["p"] < 1e-9


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(
            [*twice(12), alert("a", NOW - DAY, incident="i", acted=NOW - DAY + 60)],
            id="twin-alone-on-an-incident",
        ),
        pytest.param(twice(9), id="few"),
        pytest.param(twice(12, 400), id="apart"),
        pytest.param(twice(12, page=False), id="no-pages"),
        pytest.param(
            [*twice(12), *(alert("b", NOW - (3 * i + 3) * DAY) for i in range(3))], id="often-alone"
        ),
        pytest.param([one | {"started": one["started"] - 200 * DAY} for one in twice(12)], id="long-ago"),
        pytest.param([one for one in twice(12) if one["check"] == "a"] * 2, id="the-same-row-twice"),
    ],
)
def test_always_together_is_silent(ask: Any, rows: Rows) -> None:
    assert ask("always-together", alert=rows) == []


def test_always_together_leaves_one_that_found_an_incident_alone(ask: Any) -> None:
    facts = {"alert": [*twice(12), alert("b", NOW - DAY)]}
    assert len(ask("always-together", **facts)) == 1
    incident = {"id": "i", "component": "x", "began": NOW - DAY, "ended": NOW - DAY / 2, "found_by": "b"}
    assert ask("always-together", **facts, incident=[incident]) == []


def test_always_together_counts_many_pairs_within_its_memory() -> None:
    kind, crowd, rows = kinds.load()["always-together"], 200, 40_000
    at = NOW - 170 * DAY + np.arange(rows) // crowd * 900.0
    check = np.char.add("check ", np.random.default_rng(1).integers(0, 800, rows).astype(str))
    ids = np.char.add("a", np.arange(rows).astype(str))
    texts = {"id": ids.tolist(), "check": check.tolist(), "component": ["c"] * rows}
    with World(threads=1, memory="150MB") as world:
        world.add("alert", {**texts, "started": at, "page": np.ones(rows)})
        world.at(NOW)
        assert world.ask(kind.query, kind.threshold) == []


def test_always_together_asks_about_the_most_frequent_pairs_first(ask: Any) -> None:
    other = [{**one, "check": one["check"] * 2, "id": one["id"] * 2} for one in twice(15)]
    rows = [*twice(12), *({**one, "started": one["started"] - DAY} for one in other)]
    assert len(ask("always-together", alert=rows)) == 2
    (found,) = ask("always-together", alert=rows, thresholds={"pairs": 1})
    assert found.subject == "aa + bb"


def test_always_together_passes_over_what_fires_with_everything(ask: Any) -> None:
    assert ask("always-together", alert=twice(12), thresholds={"crowd": 1}) == []


def turns(days: int, a_day: int, first: int = 1) -> Rows:
    return [alert("a", NOW - (i + first) * DAY + 3600 * j) for i in range(days) for j in range(a_day)]


def test_flapping_asks(ask: Any) -> None:
    (found,) = ask("flapping", check=[{"name": "a"}], alert=turns(3, 4) + turns(1, 7, 10))
    assert (found.values["turns"], found.values["total"], found.values["date"]) == (14, 38, NOW - 10 * DAY)


def test_flapping_asks_of_nights_across_midnight(ask: Any) -> None:
    nights = [alert("a", NOW - i * DAY + 3600 * j) for i in (2, 9, 16) for j in (-2, -1, 1)]
    assert len(ask("flapping", check=[{"name": "a"}], alert=nights)) == 1


@pytest.mark.parametrize(
    ("check", "rows"),
    [
        pytest.param({"scheduled": True}, turns(5, 5), id="twin-declared-batch"),
        pytest.param({}, turns(2, 5), id="two-days"),
        pytest.param({}, turns(20, 2), id="two-a-day"),
        pytest.param({}, turns(5, 5, 30), id="long-ago"),
    ],
)
def test_flapping_is_silent(ask: Any, check: dict[str, Any], rows: Rows) -> None:
    assert ask("flapping", check=[{"name": "a"} | check], alert=rows) == []


EDGES = [{"src": "gate", "dst": "db", "kind": "hard"}] + [
    {"src": f"c-s{i}", "dst": "gate" if i % 2 else "db"} for i in range(30)
]


def storm(days_ago: float, n: int = 30, person: str | None = "p1", **more: Any) -> Rows:
    at = NOW - days_ago * DAY
    told = {"person": person, "owner": "web"} | more
    root = alert("down", at, component="db", **told)
    return [root, *(alert(f"s{i}", at + 20 + 10 * i, **told) for i in range(n))]


STORMS = storm(5) + storm(20, person="p2") + storm(40)


@pytest.mark.parametrize(
    "rows", [STORMS, [one | {"person": None} for one in STORMS]], ids=["one-person", "the-team"]
)
def test_storm_asks(ask: Any, rows: Rows) -> None:
    (found,) = ask("storm", alert=rows, edge=EDGES)
    assert (found.subject, found.values["storms"], found.values["n"]) == ("web", 3, 31)
    assert (found.values["root"], found.values["share"]) == ("db", 1)


def test_storm_finds_the_root_among_what_began_with_it(ask: Any) -> None:
    before = [alert("s1", NOW - days * DAY - 5, person="p1", owner="web") for days in (5, 40)]
    (found,) = ask("storm", alert=STORMS + before, edge=EDGES)
    assert found.values["root"] == "db"


@pytest.mark.parametrize(
    ("rows", "edges"),
    [
        pytest.param(STORMS, EDGES[:8], id="twin-independent"),
        pytest.param(STORMS, [], id="no-edges"),
        pytest.param(storm(5) + storm(20), EDGES, id="two"),
        pytest.param(storm(5, 15) + storm(20, 15) + storm(40, 15), EDGES, id="small"),
        pytest.param(storm(5) + storm(20) + storm(100), EDGES, id="long-ago"),
        pytest.param(storm(5) + storm(5.01) + storm(5.02), EDGES, id="one-long-storm"),
        pytest.param(
            [one | {"person": f"p{i}"} for i, one in enumerate(STORMS)], EDGES, id="each-to-another"
        ),
        pytest.param([one | {"person": None, "owner": None} for one in STORMS], EDGES, id="nobody-known"),
    ],
)
def test_storm_is_silent(ask: Any, rows: Rows, edges: Rows) -> None:
    assert ask("storm", alert=rows, edge=edges) == []


def test_storm_comes_to_an_end_in_a_circle(ask: Any) -> None:
    assert len(ask("storm", alert=STORMS, edge=[*EDGES, {"src": "db", "dst": "gate"}])) == 1


def told(n: int, **more: Any) -> Rows:
    return [
        {
            "id": f"i{i}",
            "component": "shop",
            "began": (at := NOW - (10 + i) * DAY),
            "reported": at + 300,
            "first_alert": at + 1140,
            "ended": at + 7500,
        }
        | more
        for i in range(n)
    ]


def test_late_telling_asks(ask: Any) -> None:
    (found,) = ask("late-telling", incident=told(2))
    assert (found.subject, found.values["k"], found.values["lead"]) == ("shop", 2, 840)


def test_late_telling_asks_where_no_alert_came_at_all(ask: Any) -> None:
    (found,) = ask("late-telling", incident=told(3, first_alert=None))
    assert (found.values["lead"], found.values["what"]) == (7200, "before it was over, without any alert")


FIRST = [one | {"first_alert": one["began"] + 60} for one in told(2)]
ELSEWHERE = [alert("a", one["began"] + 60, component="shop") for one in told(2)]


@pytest.mark.parametrize(
    ("rows", "alerts"),
    [
        pytest.param(FIRST, [], id="twin-alert-first"),
        pytest.param(told(1), [], id="once"),
        pytest.param(told(2, reported=None), [], id="not-told"),
        pytest.param(told(2, component=None), [], id="component-not-known"),
        pytest.param(told(2, first_alert=None), ELSEWHERE, id="alert-known-elsewhere"),
    ],
)
def test_late_telling_is_silent(ask: Any, rows: Rows, alerts: Rows) -> None:
    assert ask("late-telling", incident=rows, alert=alerts) == []
