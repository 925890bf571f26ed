"""What may reach too far, cannot be undone or stopped, or acts on another plan than was looked at."""

from __future__ import annotations

from typing import Any

import pytest

DAY = 86_400.0
NOW = 20_000 * DAY
OLD = NOW - 400 * DAY
WIPE = {"name": "wipe", "owner": "storage", "destructive": True, "reversible": False, "since": OLD}
BOT = {"name": "bot", "owner": "platform", "function": "wipe", "level": 4, "since": OLD, "level_since": OLD}


def runs(targets: list[int], end: float, days: float, **more: Any) -> list[dict[str, Any]]:
    """So many targets each, evenly over the days before `end` days ago."""
    step = days / len(targets)
    return [
        {"id": f"x{end}-{i}", "at": NOW - (end + (i + 0.5) * step) * DAY, "function": "wipe",
         "automation": "bot", "target": "db", "targets": n} | more
        for i, n in enumerate(targets)
    ]  # fmt: skip


BEFORE = runs([3, 4, 5, 4] * 5, 30, 90)


def test_a_radius_that_grew(ask: Any) -> None:
    rows = BEFORE + runs([9, 10, 11, 10, 4, 12], 0, 30)
    (found,) = ask("radius-creep", action=rows, function=[WIPE], automation=[BOT | {"target_limit": 20}])
    assert (found.subject, found.owner, found.values["limit"]) == ("wipe", "storage", "20")
    assert (found.values["old"], found.values["new"]) == (5, 12)


def test_a_limit_that_is_now_reached(ask: Any) -> None:
    rows = runs([6, 5, 6] * 5, 30, 90, target_limit=10) + runs([8, 9, 8, 6], 0, 30, target_limit=10)
    assert len(ask("radius-creep", action=rows, function=[WIPE])) == 1


@pytest.mark.parametrize(
    "rows",
    [
        runs([4, 5] * 8, 30, 90, group_size=50) + runs([8, 10] * 5, 0, 30, group_size=100),
        runs([4, 5] * 8, 30, 90, fleet=0.1, target_limit=12)
        + runs([10, 10] * 5, 0, 30, fleet=0.1, target_limit=12),
        BEFORE + runs([4, 5, 3, 4], 0, 30),
        BEFORE + runs([4, 5, 30, 4, 4], 0, 30),
        runs([4, 5] * 10, 30, 90, group_size=50) + runs([20, 20], 0, 30, group_size=50),
        runs([1] * 20, 30, 90, target_limit=1) + runs([1] * 9, 0, 30, target_limit=1),
        runs([5, 4], 30, 90) + runs([20] * 9, 0, 30),
        BEFORE + runs([20] * 9, 0, 30, mode="dry"),
        BEFORE + runs([20] * 9, 0, 30, test=True),
        BEFORE,
        runs([20] * 9, 0, 30),
    ],
    ids=[
        "twin",
        "twin-share",
        "as-before",
        "one-large",
        "two-large",
        "limit-of-one",
        "few-before",
        "dry",
        "test",
        "nothing-new",
        "only-new",
    ],
)
def test_a_radius_as_it_was(ask: Any, rows: list[dict[str, Any]]) -> None:
    assert ask("radius-creep", action=rows, function=[WIPE]) == []


def test_an_empty_list_seen(ask: Any) -> None:
    rows = [*runs([3, 0, 2, 0], 0, 30), {"id": "p", "at": NOW - DAY, "function": "wipe", "planned": []}]
    (found,) = ask("empty-means-all", function=[WIPE], action=rows)
    assert (found.subject, found.values["k"], found.values["n"]) == ("wipe", 3, 5)


def test_an_empty_list_that_is_known_not_to_be_refused(ask: Any) -> None:
    (found,) = ask("empty-means-all", function=[WIPE | {"refuses_empty": False}])
    assert (found.values["k"], found.values["n"]) == (0, 0)


@pytest.mark.parametrize(
    ("function", "targets"),
    [
        (WIPE | {"refuses_empty": True}, [0, 0]),
        (WIPE, [1, 2]),
        (WIPE | {"destructive": False, "refuses_empty": False}, [0]),
        (WIPE | {"destructive": None}, [0]),
    ],
    ids=["twin", "never-empty", "harmless", "unknown"],
)
def test_an_empty_list_that_is_nothing(ask: Any, function: Any, targets: list[int]) -> None:
    assert ask("empty-means-all", function=[function], action=runs(targets, 0, 30)) == []


def test_an_empty_list_of_which_nothing_is_known_though_it_is_of_others(ask: Any) -> None:
    unknown, known = WIPE | {"refuses_empty": None}, {"name": "restart", "refuses_empty": True}
    assert [one.subject for one in ask("empty-means-all", function=[unknown, known])] == [WIPE["name"]]


UNDO = WIPE | {"rollback": "restore"}


@pytest.mark.parametrize(
    "function",
    [WIPE, UNDO, UNDO | {"destructive": False}, UNDO | {"reversible": None}],
    ids=["none", "never-run", "irreversible", "destructive"],
)
def test_no_way_back(ask: Any, function: Any) -> None:
    failed = [{"kind": "rollback", "subject": "wipe", "at": NOW - 9 * DAY, "ok": False}]
    (found,) = ask(
        "no-way-back", function=[function], automation=[BOT], action=runs([1] * 6, 0, 30), drill=failed
    )
    assert (found.subject, found.owner, found.values["k"], found.values["level"]) == (
        "wipe",
        "platform",
        0,
        4,
    )


def drill(days: float, subject: str = "wipe", kind: str = "rollback", **more: Any) -> list[dict[str, Any]]:
    return [{"kind": kind, "subject": subject, "at": NOW - days * DAY, "ok": True} | more]


@pytest.mark.parametrize(
    "tables",
    [
        {"function": [UNDO], "automation": [BOT], "drill": drill(20)},
        {"function": [UNDO], "automation": [BOT], "drill": drill(20, "restore")},
        {"function": [UNDO], "automation": [BOT], "drill": drill(20, "bot")},
        {"function": [UNDO], "automation": [BOT],
         "action": [{"id": "u", "at": NOW - 99 * DAY, "function": "restore"}]},
        {"function": [WIPE], "automation": [BOT | {"level": 2}]},
        {"function": [WIPE], "automation": [BOT | {"level": None}]},
        {"function": [WIPE | {"destructive": False, "reversible": True}], "automation": [BOT]},
        {"function": [WIPE | {"destructive": None, "reversible": None}], "automation": [BOT]},
        {"function": [WIPE], "automation": [BOT, BOT | {"level": 1, "since": NOW - DAY}]},
        {"function": [WIPE]},
    ],
    ids=["twin", "undo-drilled", "automation-drilled", "undone", "level", "no-level", "reversible", "unknown",
         "lowered", "alone"],
)  # fmt: skip
def test_a_way_back(ask: Any, tables: dict[str, Any]) -> None:
    assert ask("no-way-back", **tables) == []


STOP = BOT | {"stop_needs": ["switch"], "can_touch": ["db"]}
PATH = [{"src": "switch", "dst": "net", "kind": "hard"}, {"src": "net", "dst": "db"}]


@pytest.mark.parametrize(
    ("tables", "but"),
    [
        ({"automation": [STOP]}, "as far as is known it never was"),
        (
            {"automation": [STOP], "drill": drill(99, "bot", "stop")},
            "in the last 90 of them it acted 0 times",
        ),
        (
            {"automation": [STOP], "drill": drill(9, "bot", "stop", took=90, promised=30)},
            "when it last was it took 90 s of 30 promised",
        ),
        (
            {"automation": [STOP], "drill": drill(9, "bot", "stop", ok=False)},
            "when it last was it did not work",
        ),
        (
            {
                "automation": [STOP],
                "drill": drill(9, "bot", "stop"),
                "edge": [*PATH, {"src": "db", "dst": "net"}],
            },
            "it needs switch, which lies within its own reach",
        ),
        (
            {"automation": [STOP | {"stop_needs": ["db"]}], "drill": drill(9, "bot", "stop")},
            "it needs db, which lies within its own reach",
        ),
    ],
    ids=["never", "long-ago", "slow", "failed", "path", "itself"],
)
def test_a_stop_that_may_not_work(ask: Any, tables: dict[str, Any], but: str) -> None:
    (found,) = ask("stop-button-cold", **tables)
    assert (found.subject, found.owner, found.values["but"]) == ("bot", "platform", but)


@pytest.mark.parametrize(
    "tables",
    [
        {"automation": [STOP], "drill": [row for i in range(6) for row in drill(30 * i + 5, "bot", "stop")]},
        {"automation": [STOP], "drill": drill(9, "bot", "stop", took=9, promised=30), "edge": PATH[:1]},
        {
            "automation": [STOP],
            "drill": drill(9, "bot", "stop"),
            "edge": [PATH[0], PATH[1] | {"kind": "soft"}],
        },
        {"automation": [STOP | {"since": NOW - 50 * DAY, "level_since": NOW - 20 * DAY}]},
        {"automation": [STOP | {"level": 2}]},
        {"automation": [STOP | {"since": None, "level_since": None}]},
    ],
    ids=["twin", "in-time", "soft", "young", "level", "unknown-age"],
)
def test_a_stop_that_is_known_to_work(ask: Any, tables: dict[str, Any]) -> None:
    assert ask("stop-button-cold", **tables) == []


def planned(pairs: list[tuple[str, str]], gap: float = 120, **more: Any) -> list[dict[str, Any]]:
    """Targets are letters; the newest run first."""
    return [
        {"id": f"x{i}", "at": NOW - (i + 1) * DAY, "planned_at": NOW - (i + 1) * DAY - gap,
         "function": "wipe", "target": plan[:1], "planned": list(plan), "touched": list(done)} | more
        for i, (plan, done) in enumerate(pairs)
    ]  # fmt: skip


def test_a_run_that_was_not_the_rehearsed_one(ask: Any) -> None:
    rows = planned([("abc", "abc"), ("abc", "abcde"), ("abcd", "abcdefgh"), ("a", "a")])
    (found,) = ask("dry-run-differs", action=rows, function=[WIPE])
    assert (found.subject, found.values["k"], found.values["n"]) == ("wipe", 2, 4)
    assert (found.values["a"], found.values["b"], found.values["gap"]) == (4, 8, 120)


def test_a_run_of_former_times(ask: Any) -> None:
    rows = [row | {"at": row["at"] - 50 * DAY} for row in planned([("abc", "abcde")] * 3)]
    assert ask("dry-run-differs", action=rows, function=[WIPE]) == []


def test_a_run_long_after_its_rehearsal(ask: Any) -> None:
    (found,) = ask("dry-run-differs", action=planned([("ab", "ab")] * 3, gap=3600), function=[WIPE])
    assert found.values["gap"] == 3600


@pytest.mark.parametrize(
    "rows",
    [
        planned([("abcdef", "abcde")] * 5, gone_targets=1),
        planned([("abcdef", "abcdefgh")] + [("abc", "cba")] * 9),
        planned([("abc", "abc")] * 10 + [("abc", "ab")] * 5),
        planned([("abc", "abd")] * 5, mode="dry"),
        planned([("abc", "abd")] * 5, touched=None),
        planned([("", "")] * 5, planned_at=None),
    ],
    ids=["twin", "once", "before", "dry", "unknown", "empty"],
)
def test_a_run_as_rehearsed(ask: Any, rows: list[dict[str, Any]]) -> None:
    assert ask("dry-run-differs", action=rows, function=[WIPE]) == []
