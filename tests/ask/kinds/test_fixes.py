"""Fixes that recur, that nobody measures, that change nothing, or that harm others are asked about."""

from __future__ import annotations

import random
from typing import Any

import pytest

DAY = 86_400.0
HOUR = 3_600.0
NOW = 20_000 * DAY
OLD = NOW - 400 * DAY
DB = {"name": "db", "owner": "storage", "tier": 1, "since": OLD}
BOT = {"name": "bot", "owner": "platform", "function": "restart", "level": 3, "since": OLD}


def acts(n: int, every: float = 2 * DAY, **more: Any) -> list[dict[str, Any]]:
    """Runs of one function on one target, the last of them a period ago, each over after a minute."""
    return [
        {
            "id": f"x{i}",
            "at": NOW - (i + 1) * every,
            "finished": NOW - (i + 1) * every + 60,
            "automation": "bot",
            "actor": "bot",
            "actor_kind": "automation",
            "function": "restart",
            "target": "db",
            "outcome": "verified",
        }
        | more
        for i in range(n)
    ]


def returning(n: int, k: int, after: float = 5 * HOUR, **more: Any) -> list[dict[str, Any]]:
    return [row | ({"back": row["at"] + after} if i < k else {}) for i, row in enumerate(acts(n, **more))]


def test_the_same_fix_again(ask: Any) -> None:
    (found,) = ask("same-fix-again", action=returning(6, 4), component=[DB], automation=[BOT])
    assert (found.subject, found.component, found.owner) == ("restart on db", "db", "platform")
    assert (found.values["n"], found.values["k"]) == (6, 4)


def test_it_belongs_to_the_component_where_no_automation_is_named(ask: Any) -> None:
    rows = returning(6, 6, automation=None)
    (found,) = ask("same-fix-again", action=rows, component=[DB])
    assert found.owner == "storage"


@pytest.mark.parametrize(
    "rows",
    [
        returning(6, 6, cure_until=NOW + 9 * DAY),
        returning(4, 4),
        returning(6, 3),
        returning(5, 3),
        returning(6, 6, after=30 * HOUR),
        returning(6, 6, mode="dry"),
        returning(6, 6, test=True),
        returning(6, 6, every=5 * DAY),
        returning(6, 6, after=-HOUR),
        returning(6, 6, target=None),
    ],
    ids=["twin", "few", "half", "three-of-five", "late", "dry", "test", "spread", "wrong-order", "no-target"],
)
def test_a_fix_that_holds(ask: Any, rows: list[dict[str, Any]]) -> None:
    assert ask("same-fix-again", action=rows, component=[DB], automation=[BOT]) == []


def called(n: int, every: float = 2 * DAY, **more: Any) -> list[dict[str, Any]]:
    """Acts, each for an alert."""
    return [row | {"alert": f"a{row['id']}"} | more for row in acts(n, every)]


def calls(rows: list[dict[str, Any]], **more: Any) -> list[dict[str, Any]]:
    """What called for them, and was over a quarter of an hour after."""
    return [
        {"id": row["alert"], "check": "slow", "component": "db", "started": row["at"] - 60,
         "ended": row["at"] + 900} | more
        for row in rows
    ]  # fmt: skip


def test_a_fix_after_which_the_next_alert_tells_that_it_is_back(ask: Any) -> None:
    rows = called(6, 0.9 * DAY)
    (found,) = ask("same-fix-again", action=rows, alert=calls(rows), automation=[BOT])
    assert (found.values["n"], found.values["k"]) == (6, 5)
    other = [one | {"check": f"check {i}"} for i, one in enumerate(calls(rows))]
    assert len(ask("same-fix-again", action=rows, alert=other)) == 1  # each called for the same fix
    unlinked = [*calls(called(6)), *calls([row | {"alert": f"b{row['id']}"} for row in acts(6)])]
    later = [one | {"started": one["started"] + 9 * HOUR * (one["id"][0] == "b")} for one in unlinked]
    assert ask("same-fix-again", action=called(6), alert=later)[0].values["k"] == 6


def test_a_fix_after_which_no_alert_tells_that_it_is_back(ask: Any) -> None:
    rows = called(6)
    assert ask("same-fix-again", action=rows, alert=calls(rows)) == []  # two days later
    rows = called(6, 0.9 * DAY)
    told = {"at": NOW - 300 * DAY, "back": NOW - 299 * DAY}
    assert ask("same-fix-again", action=[*rows, told | {"function": "restart"}], alert=calls(rows)) == []
    assert len(ask("same-fix-again", action=[*rows, told | {"function": "drain"}], alert=calls(rows))) == 1
    elsewhere = [row | {"target": f"db{i % 3}"} for i, row in enumerate(called(15, 0.9 * DAY))]
    assert ask("same-fix-again", action=elsewhere, alert=calls(elsewhere)) == []


RESTART = {"name": "restart", "owner": "platform", "post_condition": "the port answers", "since": OLD}


def test_runs_that_nobody_looks_at(ask: Any) -> None:
    rows = acts(12, outcome="unverified") + acts(8)
    (found,) = ask("unverified", action=rows, function=[RESTART])
    assert (found.subject, found.owner, found.component) == ("restart", "platform", "db")
    assert (found.values["k"], found.values["n"]) == (12, 20)


def test_a_function_that_measures_nothing(ask: Any) -> None:
    bare = RESTART | {"post_condition": None}
    assert ask("unverified", action=acts(4, outcome=None), function=[bare]) == []  # nobody writes any down
    (found,) = ask("unverified", action=acts(4, outcome=None), function=[bare, RESTART | {"name": "drain"}])
    assert (found.values["k"], found.values["n"]) == (4, 4)


@pytest.mark.parametrize(
    ("rows", "function"),
    [
        (acts(20, outcome="unverified", checked_by="port"), RESTART),
        (acts(20, outcome="unverified", checked_by="port"), RESTART | {"post_condition": None}),
        (acts(9, outcome="unknown"), RESTART),
        (acts(30) + acts(3, outcome="unknown"), RESTART),
        (acts(30), RESTART | {"post_condition": None}),
        (acts(30, outcome="failed"), RESTART),
        (acts(30, outcome=None), RESTART),
        (acts(30, outcome=None, actor_kind="person"), RESTART),
        (acts(30, outcome="unknown", finished=NOW + DAY), RESTART),
        (acts(30, outcome="unknown", mode="dry"), RESTART),
        (acts(30, every=60.0, outcome="unknown"), RESTART),
        ([], RESTART | {"post_condition": None}),
    ],
    ids=[
        "twin",
        "twin-bare",
        "few",
        "seldom",
        "measured",
        "failed",
        "not-told",
        "person",
        "running",
        "dry",
        "fresh",
        "never-ran",
    ],
)
def test_runs_that_are_measured(ask: Any, rows: Any, function: Any) -> None:
    assert ask("unverified", action=rows, function=[function]) == []


def test_what_runs_no_more(ask: Any) -> None:
    rows = [row | {"at": row["at"] - 46 * DAY} for row in acts(20, outcome="unverified")]
    assert ask("unverified", action=rows, function=[RESTART]) == []
    facts = both(cases(25, 30, 1), cases(15, 30, 2, mode="blocked"))
    for row in facts["action"]:
        row["at"] -= 46 * DAY
    for row in facts["alert"]:
        row["ended"] -= 46 * DAY
    assert ask("placebo", function=[RESTART], **facts) == []


def cases(n: int, minutes: float, seed: int, **more: Any) -> dict[str, list[dict[str, Any]]]:
    """Alerts of one check that end after about so many minutes, each with one act."""
    draw = random.Random(seed)
    rows, alerts = [], []
    for i in range(n):
        at = NOW - (i + 2) * 3 * DAY - seed * HOUR
        end = at + 60 * minutes * draw.lognormvariate(0, 0.4)
        alerts.append(
            {"id": f"a{seed}-{i}", "check": "slow", "component": "db", "started": at - 60, "ended": end}
        )
        rows.append({"id": f"x{seed}-{i}", "at": at, "function": "restart", "alert": f"a{seed}-{i}"} | more)
    return {"alert": alerts, "action": rows}


def both(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    return {name: left[name] + right[name] for name in left}


def test_a_fix_without_effect(ask: Any) -> None:
    facts = both(cases(25, 30, 1), cases(15, 30, 2, mode="blocked"))
    (found,) = ask("placebo", function=[RESTART], **facts)
    assert (found.subject, found.owner, found.component) == ("restart", "platform", "db")
    assert (found.values["n1"], found.values["n0"]) == (25, 15)
    assert found.values["t1"] == pytest.approx(1800, rel=0.3)


def test_cases_may_be_matched_by_their_class_and_end_told_by_the_act(ask: Any) -> None:
    facts = both(cases(12, 30, 1, trigger="slow"), cases(12, 30, 2, trigger="slow", mode="dry"))
    rows = [
        row | {"alert": None, "recovered": alert["ended"]}
        for row, alert in zip(facts["action"], facts["alert"], strict=True)
    ]
    assert len(ask("placebo", action=rows)) == 1


@pytest.mark.parametrize(
    "facts",
    [
        both(cases(9, 30, 1), cases(9, 30, 2, mode="blocked")),
        both(cases(40, 30, 1), cases(9, 30, 2, mode="dry")),
        both(cases(15, 5, 1), cases(15, 60, 2, mode="blocked")),
        cases(40, 30, 1),
        both(cases(15, 30, 1), cases(15, 30, 2, mode="suggested")),
        both(cases(15, 30, 1, alert=None), cases(15, 30, 2, mode="dry", alert=None)),
    ],
    ids=["twin", "few-untreated", "effect", "always-treated", "suggested", "unmatched"],
)
def test_a_fix_that_helps_or_of_which_little_is_known(ask: Any, facts: dict[str, Any]) -> None:
    assert ask("placebo", function=[RESTART], **facts) == []


EDGES = [{"src": "web", "dst": "db", "kind": "hard"}, {"src": "api", "dst": "db"}]


def irregular(n: int, seed: int = 3) -> list[float]:
    """Times at any hour of the last fifty days, hours apart."""
    draw = random.Random(seed)
    return [NOW - (i + 1) * 50 / n * DAY + draw.uniform(0, 10 * HOUR) for i in range(n)]


def ran(times: list[float], function: str = "restart", target: str = "db") -> list[dict[str, Any]]:
    return [{"id": f"{function}{t}", "at": t, "function": function, "target": target} for t in times]


def alerts(times: list[float], component: str) -> list[dict[str, Any]]:
    return [{"id": f"{component}{t}", "component": component, "started": t} for t in times]


NOISE = [NOW - i * 1.7 * DAY for i in range(30)]


def test_a_fix_that_harms_others(ask: Any) -> None:
    times = irregular(16)
    raised = (
        alerts([t + 240 for t in times[:10]], "web") + alerts(NOISE, "web") + alerts([times[3] + 60], "api")
    )
    (found,) = ask("harmful", action=ran(times), alert=raised, edge=EDGES * 2, function=[RESTART])
    assert (found.subject, found.component, found.values["downstream"]) == ("restart", "db", "web")
    assert found.values["k"] == 11
    assert found.values["base"] < 3


MANY = irregular(80)
NIGHTS = [NOW - i * DAY - 22 * HOUR for i in range(60)]


@pytest.mark.parametrize(
    ("times", "raised"),
    [
        (NIGHTS[::3], alerts([t + 300 for t in NIGHTS], "web")),
        (NIGHTS, alerts([t + 300 for t in NIGHTS], "web")),
        (irregular(16), alerts([t - 300 for t in irregular(16)] + [t + 240 for t in irregular(16)], "web")),
        (irregular(16), alerts([t + 1000 for t in irregular(16)], "web")),
        (irregular(16), alerts([t + 240 for t in irregular(16)], "elsewhere")),
        (irregular(16), alerts([irregular(16)[0] + i for i in range(9)], "web")),
        (irregular(4), alerts([t + 240 for t in irregular(4)], "web")),
        (irregular(7), alerts([t + 240 for t in irregular(7)], "web")),
        (MANY, alerts([t + 240 for t in MANY[:48]] + [t - 300 for t in MANY[:20]], "web")),
        (irregular(16), alerts(NOISE, "web")),
        (irregular(16), []),
    ],
    ids=[
        "twin",
        "every-night",
        "failing-before",
        "late",
        "elsewhere",
        "one-storm",
        "few",
        "chance",
        "twice-as-many",
        "noise",
        "nothing",
    ],
)
def test_a_fix_that_harms_nobody(ask: Any, times: list[float], raised: list[dict[str, Any]]) -> None:
    assert ask("harmful", action=ran(times), alert=raised, edge=EDGES, function=[RESTART]) == []


def test_many_harmless_functions(ask: Any) -> None:
    """Of two hundred that do nothing to their neighbours none is asked about."""
    rows, raised, edges = [], [], []
    for i in range(200):
        draw = random.Random(i)
        rows += ran([NOW - draw.uniform(0.1, 55) * DAY for _ in range(12)], f"f{i}", f"c{i}")
        raised += alerts([NOW - draw.uniform(0, 65) * DAY for _ in range(60)], f"d{i}")
        edges.append({"src": f"d{i}", "dst": f"c{i}"})
    assert ask("harmful", action=rows, alert=raised, edge=edges) == []
