"""What a component says of its own health, and from where it is looked at."""

from __future__ import annotations

from typing import Any

import pytest

DAY = 86_400.0
NOW = 20_000 * DAY
Rows = list[dict[str, Any]]

SHOP = {"name": "shop", "owner": "web", "tier": 1, "users": True}


def checks(*sorts: str) -> Rows:
    return [{"name": f"c{i}", "component": "shop", "kind": one} for i, one in enumerate(sorts)]


def told(n: int, **more: Any) -> Rows:
    return [
        {
            "id": f"i{i}",
            "component": "shop",
            "began": (at := NOW - (10 + i) * DAY),
            "reported": at + 300,
            "first_alert": at + 900,
            "ended": at + 3600,
        }
        | more
        for i in range(n)
    ]


def test_internal_only_asks(ask: Any) -> None:
    (found,) = ask(
        "internal-only", component=[SHOP], check=checks("cause", "cause", "cause", "health"), incident=told(2)
    )
    assert (found.subject, found.values["n"], found.values["k"]) == ("shop", 3, 2)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"component": [SHOP | {"users": False}]}, id="twin-library"),
        pytest.param({"component": [SHOP | {"users": None}]}, id="users-not-known"),
        pytest.param({"check": checks("cause", "cause", "cause", "blackbox")}, id="looked-at-from-outside"),
        pytest.param({"check": checks("cause", "cause", "cause", "symptom")}, id="symptoms"),
        pytest.param({"check": checks("cause", "cause")}, id="few-checks"),
        pytest.param({"incident": told(2, first_alert=NOW - 200 * DAY)}, id="alert-first"),
        pytest.param({"incident": told(2, reported=None)}, id="not-told"),
        pytest.param({"incident": []}, id="no-incident"),
    ],
)
def test_internal_only_is_silent(ask: Any, facts: dict[str, Rows]) -> None:
    seed = {"component": [SHOP], "check": checks("cause", "cause", "cause"), "incident": told(1)}
    assert ask("internal-only", **(seed | facts)) == []


def spells(n: int, minutes: float = 20, **more: Any) -> Rows:
    return [
        {
            "component": "shop",
            "kind": "errors",
            "began": (at := NOW - (5 + 10 * i) * DAY),
            "ended": at + 60 * minutes,
            "errors": 0.4,
            "normal": 0.001,
            "health": "ok",
        }
        | more
        for i in range(n)
    ]


def test_healthcheck_too_shallow_asks(ask: Any) -> None:
    (found,) = ask("healthcheck-too-shallow", component=[SHOP], spell=spells(4))
    assert (found.subject, found.owner, found.values["k"], found.values["errors"]) == ("shop", "web", 4, 0.4)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(spells(4, cause="tenant"), id="twin-one-bad-tenant"),
        pytest.param(spells(2), id="twice"),
        pytest.param(spells(4, minutes=3), id="short"),
        pytest.param(spells(4, health="fail"), id="health-told"),
        pytest.param(spells(4, errors=0.005), id="few-errors"),
        pytest.param(spells(4, errors=None), id="errors-not-known"),
        pytest.param(spells(4, errors=0.08, normal=None), id="normal-not-known"),
        pytest.param(spells(2) + spells(4, began=NOW - 100 * DAY, ended=NOW - 99 * DAY), id="long-ago"),
    ],
)
def test_healthcheck_too_shallow_is_silent(ask: Any, rows: Rows) -> None:
    assert ask("healthcheck-too-shallow", component=[SHOP], spell=rows) == []


SICK = {
    "kind": "down",
    "health": "fail",
    "sick": 0.95,
    "after": "db",
    "within": 45.0,
    "removed": 8,
    "remover": "balancer",
}
HARD = [{"src": "shop", "dst": "db", "kind": "hard", "declared": True}]


def test_healthcheck_too_deep_asks(ask: Any) -> None:
    (found,) = ask("healthcheck-too-deep", component=[SHOP], spell=spells(2, **SICK), edge=HARD)
    assert (found.values["k"], found.values["n"], found.values["dependency"]) == (2, 16, "db")


def test_healthcheck_too_deep_asks_of_a_soft_dependency_despite_a_limit(ask: Any) -> None:
    soft = [HARD[0] | {"kind": "soft"}]
    assert len(ask("healthcheck-too-deep", spell=spells(2, **(SICK | {"limited": True})), edge=soft)) == 1


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(spells(2, **(SICK | {"limited": True})), id="twin-useless-without-and-limited"),
        pytest.param(spells(1, **SICK), id="once"),
        pytest.param(spells(2, **(SICK | {"sick": 0.5})), id="half-sick"),
        pytest.param(spells(2, **(SICK | {"within": 600.0})), id="much-later"),
        pytest.param(spells(2, **(SICK | {"removed": 0, "remover": None})), id="nobody-removes"),
        pytest.param(spells(2, **(SICK | {"after": None})), id="no-dependency"),
        pytest.param(spells(1, **SICK) + spells(1, **(SICK | {"after": "dns"})), id="two-dependencies"),
    ],
)
def test_healthcheck_too_deep_is_silent(ask: Any, rows: Rows) -> None:
    assert ask("healthcheck-too-deep", component=[SHOP], spell=rows, edge=HARD) == []
