"""A thing is as old as its first row: another one of the same definition makes it no younger."""

from __future__ import annotations

from typing import Any

import pytest

DAY = 86_400.0
TODAY = 20_000
NOW = TODAY * DAY
OLD = NOW - 400 * DAY
CHECK = {
    "name": "slow",
    "component": "shop",
    "threshold": 1000.0,
    "aggregation": "mean",
    "expr": "latency > 1000",
    "interval": 60,
}
GRANT = {"id": "g", "principal": "bot", "function": "restart", "scope": "db"}


def daily(days: int, name: str = "slow", **more: Any) -> list[dict[str, Any]]:
    row = {"coverage": 1.0, "min": 10.0, "p50": 50.0, "p99": 90.0, "p999": 100.0, "max": 120.0} | more
    return [{"check": name, "day": TODAY - 1 - i, **row} for i in range(days)]


def peer(name: str) -> dict[str, Any]:
    return CHECK | {"name": name, "published": "rule", "since": OLD}


def uses() -> list[dict[str, Any]]:
    return [{"grant": "other", "principal": "x", "at": NOW - i * DAY} for i in range(120)]


CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "never-near": ("check", CHECK, {"threshold": 90.0}, {"sample_daily": daily(90)}),
    "always-near": ("check", CHECK, {"threshold": 90.0}, {"sample_daily": daily(28, near=0.3)}),
    "average-hides": ("check", CHECK, {"expr": "x"}, {"sample_daily": daily(28, mean=1.0)}),
    "borrowed-default": (
        "check",
        CHECK | {"published": "rule"},
        {"threshold": 90.0},
        {"sample_daily": daily(28) + daily(28, "a", p50=1.0, p99=2.0) + daily(28, "b", p50=1.1, p99=2.2)},
    ),
    "missing-is-green": (
        "check",
        CHECK,
        {"no_data": "fail"},
        {"sample_daily": daily(60, gap=10.0)[:40] + daily(60, gap=9000.0, gap_state="ok")[40:41]},
    ),
    "unused-grant": ("grant", GRANT, {"scope": "web"}, {"use": uses()}),
    "timeless-grant": ("grant", GRANT, {"scope": "web"}, {}),
    "wider-than-used": (
        "grant",
        GRANT | {"targets": 200},
        {"scope": "web"},
        {"use": [{"grant": "g", "at": NOW - i * DAY, "target": "t"} for i in range(1, 40)]},
    ),
    "owner-gone": (
        "component",
        {"name": "shop", "owner": "a"},
        {"owner": "b"},
        {
            "change": [
                {"subject": "shop", "kind": "deploy", "owner": "z", "at": NOW - i * DAY} for i in range(1, 9)
            ]
        },
    ),
}


@pytest.mark.parametrize("kind", CASES)
def test_an_earlier_row_makes_it_older(ask: Any, kind: str) -> None:
    table, row, other, facts = CASES[kind]
    more = [peer("a"), peer("b")] if kind == "borrowed-default" else []
    cut = NOW - 10 * DAY
    first, second = row | {"since": OLD, "until": cut}, row | {"since": cut}
    found = [one.subject for one in ask(kind, **{table: [first, second, *more]}, **facts)]
    assert found == [row.get("name", row.get("id"))]
    if kind == "timeless-grant":
        assert ask(kind, grant=[first, second])[0].values["days"] == 400
        assert ask(kind, grant=[first | other, second])[0].values["days"] == 10
    else:
        assert ask(kind, **{table: [first | other, second, *more]}, **facts) == []
