"""Automations that fight, that act while blind, and levels of autonomy that their record does not bear."""

from __future__ import annotations

import random
from typing import Any

import pytest

DAY = 86_400.0
HOUR = 3_600.0
NOW = 20_000 * DAY
OLD = NOW - 400 * DAY
BOT = {"name": "bot", "owner": "platform", "function": "scale", "level": 3, "since": OLD, "level_since": OLD}


def sets(steps: list[tuple[float, str, str]], **more: Any) -> list[dict[str, Any]]:
    """Hours ago, who, and to what."""
    return [
        {"id": f"x{hours}", "at": NOW - hours * HOUR, "actor": who, "target": "web", "field": "replicas",
         "value": value} | more
        for hours, who, value in steps
    ]  # fmt: skip


def fight(n: int, gap: float = 0.5, every: float = 48) -> list[tuple[float, str, str]]:
    """The deployer sets 4, the scaler 10, so many times."""
    return [
        step
        for i in range(n)
        for step in ((every * i + 9, "deploy", "4"), (every * i + 9 - gap, "scaler", "10"))
    ]


def test_two_hands(ask: Any) -> None:
    (found,) = ask(
        "two-hands", action=sets(fight(5)), component=[{"name": "web", "owner": "shop", "since": OLD}]
    )
    assert (found.subject, found.component, found.owner) == ("deploy and scaler on web", "web", "shop")
    assert found.values["n"] == 5


def test_two_hands_that_take_turns_slowly(ask: Any) -> None:
    (found,) = ask("two-hands", action=sets(fight(4, gap=4, every=8)))
    assert found.values["n"] >= 4


def test_two_hands_by_day_and_by_night(ask: Any) -> None:
    assert ask("two-hands", action=sets(fight(5, gap=12, every=24)))[0].values["n"] >= 4


@pytest.mark.parametrize(
    "rows",
    [
        sets(fight(5), test=True),
        [row | {"test": row["actor"] == "scaler"} for row in sets(fight(5))],
        sets(fight(2)),
        sets(fight(20, gap=26, every=60)),
        sets([(90 - i * 0.4, "deploy" if i % 2 else "scaler", str(i)) for i in range(20)]),
        sets([(hours, "scaler", value) for hours, _, value in fight(9)]),
        sets(fight(5), mode="dry"),
        sets(fight(5), value=None),
        sets(fight(5), target=None),
        sets([(hours + 24 * 40, who, value) for hours, who, value in fight(5)]),
        sets([(hours, who, "4") for hours, who, _ in fight(9)]),
    ],
    ids=[
        "twin",
        "reverted",
        "twice",
        "days-apart",
        "one-way",
        "one-hand",
        "dry",
        "no-value",
        "no-target",
        "long-ago",
        "agreed",
    ],
)
def test_hands_that_do_not_fight(ask: Any, rows: Any) -> None:
    assert ask("two-hands", action=rows) == []


def acts(n: int, days: float = 20, **more: Any) -> list[dict[str, Any]]:
    rows = []
    for i in range(n):
        at = NOW - (i + 1.1) * days / n * DAY
        rows.append(
            {"id": f"a{i}", "at": at, "finished": at + 60, "automation": "bot", "actor_kind": "automation",
             "function": "scale", "target": "web", "outcome": "verified"} | more
        )  # fmt: skip
    return rows


def test_acts_while_blind(ask: Any) -> None:
    (found,) = ask("acts-on-blindness", automation=[BOT], action=acts(3, stale=0.4) + acts(9, stale=0.02))
    assert (found.subject, found.owner, found.component) == ("bot", "platform", "web")
    assert (found.values["n"], found.values["m"], found.values["stale"]) == (3, 0, 0.4)


def test_acts_while_its_monitoring_fails(ask: Any) -> None:
    (found,) = ask("acts-on-blindness", automation=[BOT], action=acts(1, monitor_alert=True))
    assert (found.values["n"], found.values["m"]) == (1, 1)


@pytest.mark.parametrize(
    "more",
    [
        {"stale": 0.6, "stale_unread": True},
        {"stale": 0.19},
        {"stale": 0.6, "mode": "blocked"},
        {"stale": 0.6, "test": True},
        {"stale": 0.6, "automation": None},
        {"stale": None, "monitor_alert": False},
        {"stale": 0.6, "days": 900},
    ],
    ids=["twin", "little", "refused", "test", "person", "unknown", "long-ago"],
)
def test_acts_with_open_eyes(ask: Any, more: dict[str, Any]) -> None:
    assert ask("acts-on-blindness", automation=[BOT], action=acts(9, **more)) == []


def suggested(k: int, other: int, **more: Any) -> list[dict[str, Any]]:
    rows = acts(k + other, days=55, mode="suggested", unchanged=True, **more)
    for i, row in enumerate(rows[k:]):
        row |= {"id": f"o{i}", "unchanged": False}
    return rows


SUGGESTS = BOT | {"level": 1}


@pytest.mark.parametrize("level", [1, 2])
def test_suggestions_that_are_always_taken(ask: Any, level: int) -> None:
    (found,) = ask("manual-mirror", automation=[BOT | {"level": level}], action=suggested(44, 1))
    assert (found.subject, found.owner, found.values["k"], found.values["n"]) == ("bot", "platform", 44, 45)


def test_where_a_save_is_told_the_others_are_none(ask: Any) -> None:
    rows = suggested(80, 2, saved=False)
    assert len(ask("manual-mirror", automation=[SUGGESTS], action=rows)) == 1
    for row in rows[80:]:
        row["saved"] = True
    assert ask("manual-mirror", automation=[SUGGESTS], action=rows) == []


def test_saves_of_longer_ago_are_reasons_too(ask: Any) -> None:
    """29 of 30 are taken; two that were not, months ago, may have kept harm away."""
    rows = suggested(29, 1)
    assert len(ask("manual-mirror", automation=[SUGGESTS], action=rows)) == 1
    before = [row | {"id": f"b{i}", "at": NOW - (90 + i) * DAY} for i, row in enumerate(rows[-1:] * 2)]
    assert ask("manual-mirror", automation=[SUGGESTS], action=rows + before) == []


def test_a_person_s_act_may_tell_it(ask: Any) -> None:
    rows = acts(25, days=55, actor_kind="person", unchanged=True)
    told_twice = acts(25, days=55, mode="suggested", unchanged=None)
    (found,) = ask("manual-mirror", automation=[SUGGESTS], action=rows + told_twice)
    assert (found.values["k"], found.values["n"]) == (25, 25)


@pytest.mark.parametrize(
    ("automation", "rows"),
    [
        (SUGGESTS, suggested(38, 2)),
        (SUGGESTS, suggested(12, 0)),
        (SUGGESTS, suggested(30, 4)),
        (BOT, suggested(44, 1)),
        (SUGGESTS | {"level": None}, suggested(44, 1)),
        (SUGGESTS, acts(40, days=55, mode="suggested")),
        (SUGGESTS, acts(40, days=55)),
        (SUGGESTS, [row | {"at": row["at"] - 90 * DAY} for row in suggested(44, 1)]),
    ],
    ids=["twin", "few", "refused", "acts", "no-level", "not-taken", "no-suggestion", "long-ago"],
)
def test_suggestions_that_are_looked_at(ask: Any, automation: Any, rows: Any) -> None:
    assert ask("manual-mirror", automation=[automation], action=rows) == []


RAISED = BOT | {"level_since": NOW - 30 * DAY}
HISTORY = [{"id": "first", "at": NOW - 170 * DAY, "function": "other"}]


@pytest.mark.parametrize(
    ("rows", "k"),
    [
        ([], 0),
        (acts(12, days=100), 9),
        (acts(12, days=100) + acts(60, days=100, outcome="unverified"), 9),
        (acts(60, days=29), 0),
        (acts(60, days=100, finished=NOW + DAY), 0),
    ],
    ids=["by-hand", "few", "unverified", "only-since", "never-finished"],
)
def test_a_level_that_is_not_earned(ask: Any, rows: Any, k: int) -> None:
    (found,) = ask("promotion-unearned", automation=[RAISED], action=HISTORY + rows)
    assert (found.subject, found.owner, found.values["k"]) == ("bot", "platform", k)


def test_an_old_level_with_a_bad_record(ask: Any) -> None:
    rows = acts(20) + acts(20, outcome="failed")
    (found,) = ask("promotion-unearned", automation=[BOT], action=HISTORY + rows)
    assert (found.values["k"], found.values["n"]) == (20, 40)


@pytest.mark.parametrize(
    ("automation", "rows"),
    [
        (RAISED, acts(90, days=140)),
        (BOT, acts(3)),
        (BOT | {"level_since": None}, acts(60)),
        (BOT, acts(60) + acts(4, outcome="failed")),
        (RAISED | {"level": 2}, []),
        (RAISED | {"level": None}, []),
        (RAISED | {"level_since": NOW - 165 * DAY}, []),
    ],
    ids=["twin", "before-the-data", "unknown-since", "ordinary", "suggests", "no-level", "record-cut-off"],
)
def test_a_level_that_is_earned(ask: Any, automation: Any, rows: Any) -> None:
    assert ask("promotion-unearned", automation=[automation], action=HISTORY + rows) == []


def test_ordinary_automations_are_left_alone(ask: Any) -> None:
    """A hundred of them: mostly right, a few targets each, inputs that are fresh but for a little."""
    draw = random.Random(7)
    automations, rows = [], HISTORY[:]
    for i in range(100):
        automations.append(BOT | {"name": f"bot{i}", "function": f"f{i}"})
        for j in range(60):
            at = NOW - draw.uniform(0.1, 170) * DAY
            rows.append(
                {"id": f"{i}-{j}", "at": at, "finished": at + 60, "automation": f"bot{i}",
                 "function": f"f{i}", "actor_kind": "automation", "target": f"c{draw.randrange(5)}",
                 "targets": draw.randint(1, 4), "target_limit": 5, "stale": draw.uniform(0, 0.1),
                 "field": "replicas",
                 "value": str(draw.randint(2, 5)), "actor": f"bot{i}",
                 "outcome": draw.choices(("verified", "failed", "unverified"), (94, 4, 2))[0]}
            )  # fmt: skip
    for kind in (
        "two-hands",
        "acts-on-blindness",
        "promotion-unearned",
        "radius-creep",
        "same-fix-again",
        "unverified",
    ):
        assert ask(kind, automation=automations, action=rows) == [], kind
