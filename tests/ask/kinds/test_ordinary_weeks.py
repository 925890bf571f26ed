"""Half a year in which nothing is wrong with grants, predictors, heartbeats, edges and decisions."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import Any

import pytest

from gadfly.ask.evaluate import evaluate
from gadfly.ask.world import World

DAY = 86_400.0
FIRST = 20_000
DAYS = 180
COMPONENTS = 20
KINDS = range(52, 78)
Rows = list[dict[str, Any]]


def at(day: float) -> float:
    return (FIRST + day) * DAY


def components() -> Rows:
    return [
        {
            "name": f"c{i}",
            "kind": ("service", "host", "job", "library")[i % 4],
            "owner": f"team{i % 5}",
            "tier": 1 + i // 10,
            "declared": True,
            "slo": 0.99 + 0.002 * (i // 10),
            "on_call": True,
            "period": 7 * DAY if i % 4 == 2 else None,
            "since": at(-300),
        }
        for i in range(COMPONENTS)
    ]


def heartbeats(dice: random.Random) -> Rows:
    """Three listeners; loss differs, one restarts now and then, and some days are bad for all of them.
    Libraries never beat; jobs do once a week."""
    rows = []
    for i in range(COMPONENTS):
        period, loss = dice.choice([1, 5, 10, 60]), 10 ** dice.uniform(-4, -2.3)
        slack = dice.uniform(2.5, 8)
        for day in range(DAYS) if i % 4 < 2 else range(i % 7, DAYS, 7) if i % 4 == 2 else ():
            bad = 30 if dice.random() < 0.02 else 1
            for listener in "abc":
                due = int(86_400 / period)
                rate = min(loss * bad * dice.uniform(0.5, 1.5), 0.5)
                lost = max(0, round(due * rate + dice.gauss(0, math.sqrt(due * rate))))
                hourly = due / 24
                restarted = dice.random() < 0.02
                rows.append(
                    {
                        "component": f"c{i}",
                        "listener": listener,
                        "day": FIRST + day,
                        "beats": due - lost,
                        "lost": lost + (due // 10 if restarted else 0),
                        "gap_p50": period,
                        "gap_p999": period * dice.uniform(1.05, 1.6),
                        "dead_after": period * slack,
                        "worst_hour": min(1, (hourly * rate + 3 * math.sqrt(hourly * rate) + 1) / hourly),
                        "restarted": restarted,
                        "listeners": 3,
                    }
                )
    return rows


def edges(dice: random.Random) -> Rows:
    """From later to earlier ones of no weaker promise; a few soft ones."""
    return [
        {
            "src": f"c{src}",
            "dst": f"c{dst}",
            "kind": "soft" if dice.random() < 0.3 else "hard",
            "declared": True,
            "calls": dice.uniform(0, 100),
            "since": at(-300),
        }
        for src in range(1, 10)
        for dst in dice.sample(range(src), min(src, 2))
    ]


def spells(dice: random.Random, needs: Rows) -> Rows:
    rows = []
    for edge in needs:
        for _ in range(dice.randrange(4)):
            began = at(dice.uniform(0, DAYS))
            rows.append({"component": edge["dst"], "kind": "down", "began": began, "ended": began + 600})
            if edge["kind"] == "hard":
                rows.append(
                    {
                        "component": edge["src"],
                        "kind": "errors",
                        "began": began + 60,
                        "ended": began + 700,
                        "errors": dice.uniform(0.1, 0.9),
                        "normal": 0.001,
                        "after": edge["dst"],
                        "within": 60,
                    }
                )
    return rows


def grants(dice: random.Random) -> tuple[Rows, Rows]:
    given, used = [], []
    for i in range(30):
        targets = dice.randrange(2, 15)
        given.append(
            {
                "id": f"g{i}",
                "principal": f"bot{i}",
                "owner": f"team{i % 5}",
                "function": f"f{i % 7}",
                "scope": f"c{i}",
                "targets": targets,
                "purpose": "keep it running",
                "classes": ["disk", "memory"],
                "since": at(dice.uniform(-200, 100)),
                "renewed": at(-20),
                "expires": at(DAYS + dice.uniform(10, 150)),
                "review": at(DAYS + 20),
            }
        )
        day = dice.uniform(-100, -90)
        while (day := day + dice.expovariate(1 / dice.uniform(0.5, 5))) < DAYS:
            used.append(
                {
                    "grant": f"g{i}",
                    "principal": f"bot{i}",
                    "at": at(day),
                    "function": f"f{i % 7}",
                    "target": f"t{dice.randrange(targets)}",
                    "class": dice.choices(["disk", "memory", "by hand"], [60, 35, 5])[0],
                    "host": f"h{i}{dice.randrange(2)}",
                    "owner": f"team{i % 5}",
                }
            )
    return given, used


def predictions(dice: random.Random) -> Rows:
    """Calibrated; who is warned mostly does something in time."""
    rows = []
    for i in range(20):
        act = dice.uniform(300, 3600)
        for _ in range(dice.randrange(10, 120)):
            made, said = at(dice.uniform(0, DAYS)), dice.uniform(0.4, 0.97)
            came, lead = dice.random() < said, act * dice.lognormvariate(1.5, 0.5)
            rows.append(
                {
                    "predictor": f"p{i}",
                    "class": "disk",
                    "owner": f"team{i % 5}",
                    "made": made,
                    "deadline": made + 2 * DAY,
                    "probability": said,
                    "base": 0.3 if i % 2 else None,
                    "resolved": made + lead if came else made + 2 * DAY,
                    "outcome": "true" if came else "false",
                    "happened": made + lead if came else None,
                    "to_act": act,
                    "acted": made + act / 2 if dice.random() < 0.8 else None,
                }
            )
    return rows


def resources(dice: random.Random) -> tuple[Rows, Rows]:
    """Some grow, but not far enough; others come and go with the week or the season, or are emptied."""
    limits, values = [], []
    for i in range(40):
        remedy = dice.uniform(3, 20)
        limits.append({"name": f"r{i}", "owner": "team1", "hard_limit": 100, "remedy": remedy * DAY})
        base, noise = dice.uniform(20, 60), dice.uniform(0, 3)
        season = dice.choice([7, 30, 365]) if i % 4 < 2 else dice.uniform(5, 15)
        swing = dice.uniform(1, 12)
        for day in range(-90, DAYS):
            value = (
                base + swing * math.sin(2 * math.pi * day / season)
                if i % 4 < 2
                else base + swing * (day % season) / season
                if i % 4 == 2
                else base * 0.5 + (day + 90) * base / 900
            )
            values.append({"resource": f"r{i}", "day": FIRST + day, "value": value + dice.gauss(0, noise)})
    return limits, values


def decisions(dice: random.Random) -> tuple[Rows, Rows]:
    """Renewed in time; what was asked was mostly of use."""
    decided = [
        {
            "id": f"d{i}-{k}",
            "subject": f"c{i}",
            "kind": "never-near",
            "at": at(k * 60 - 100 + i),
            "until": at(k * 60 - 20 + i),
            "reason": "measured, and agreed with the users",
            "superseded": at(k * 60 - 40 + i),
            "cites": 2,
            "carries": 5,
            "then": 10,
            "now": dice.uniform(8, 12),
        }
        for i in range(20)
        for k in range(6)
    ]
    asked = []
    for i in range(300):
        day, answer = dice.uniform(-60, DAYS), dice.choices(["change", "accept", "wrong"], [60, 30, 10])[0]
        asked.append(
            {
                "id": f"q{i}",
                "kind": f"k{i % 9}",
                "subject": f"c{i % COMPONENTS}",
                "owner": f"team{i % 5}",
                "asked": at(day),
                "answered": at(day + 3),
                "answer": answer,
                "new_reason": dice.random() < 0.5,
                "before": 10,
                "measured": at(day + 33) if answer == "change" else None,
                "after": dice.uniform(0, 6),
                "complete": True,
            }
        )
    return decided, asked


@pytest.fixture(scope="module")
def fleet() -> Iterator[World]:
    dice = random.Random(7)
    given, used = grants(dice)
    limits, values = resources(dice)
    decided, asked = decisions(dice)
    needs = edges(dice)
    with World(threads=1) as world:
        world.rows("component", components())
        world.rows("heartbeat_daily", heartbeats(dice))
        world.rows("edge", needs)
        world.rows("spell", spells(dice, needs))
        world.rows("grant", given)
        world.rows("use", used)
        world.rows("prediction", predictions(dice))
        world.rows("resource", limits)
        world.rows("resource_daily", values)
        world.rows("decision", decided)
        world.rows("question", asked)
        world.rows("monitor", [{"name": "node", "dead_man": True, "since": at(-300)}])
        world.rows(
            "drill",
            [{"kind": "page", "subject": "node", "at": at(k * 7), "ok": True} for k in range(-9, DAYS // 7)],
        )
        world.rows(
            "function",
            [
                {"name": f"f{i}", "role": f"role{i // 2}", "permissions": 12, "permissions_used": 8 + i % 4}
                for i in range(7)
            ],
        )
        yield world


@pytest.mark.parametrize("day", [20, 80, 140, 179])
def test_nothing_is_asked(fleet: World, every_kind: Any, day: int) -> None:
    mine = {name: kind for name, kind in every_kind.items() if kind.number in KINDS}
    got = evaluate(fleet, mine, at(day))
    assert (got.findings, got.trouble) == ([], {})
    assert len(mine) == len(KINDS)
