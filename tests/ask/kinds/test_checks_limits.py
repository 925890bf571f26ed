"""Limits that say nothing: out of reach, inside the ordinary day, of another time, of another system."""

from __future__ import annotations

from typing import Any

import pytest

from gadfly.ask.text import fill

DAY = 86_400.0
NOW = 20_000 * DAY
TODAY = 20_000
Rows = list[dict[str, Any]]


def check(**more: Any) -> dict[str, Any]:
    return {
        "name": "queue-long",
        "component": "shop",
        "owner": "web",
        "threshold": 1000.0,
        "unit": "ms",
        "kind": "cause",
        "interval": 60,
        "hold": 300,
        "since": NOW - 500 * DAY,
    } | more


def daily(days: int, name: str = "queue-long", **more: Any) -> Rows:
    """Summaries of the last so many days; a value that is a function is given the days that have passed."""
    row = {"coverage": 1.0, "min": 10.0, "p50": 50.0, "p99": 90.0, "p999": 100.0, "max": 120.0} | more
    return [
        {
            "check": name,
            "day": TODAY - 1 - i,
            **{key: value(i) if callable(value) else value for key, value in row.items()},
        }
        for i in range(days)
    ]


def alert(days_ago: float, **more: Any) -> dict[str, Any]:
    at = NOW - days_ago * DAY
    return {
        "id": f"a{days_ago}",
        "check": "queue-long",
        "component": "shop",
        "started": at,
        "ended": at + 600,
        "page": True,
    } | more


INCIDENT = {"id": "i", "component": "shop", "began": NOW - 30 * DAY, "ended": NOW - 29 * DAY}


def test_never_near_asks(ask: Any) -> None:
    (found,) = ask("never-near", check=[check()], sample_daily=daily(90))
    assert found.subject == "queue-long"
    assert found.values["max"] == 120
    assert found.worse == pytest.approx(18)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"alert": [alert(60, incident="i")]}, id="twin-fired-on-an-incident"),
        pytest.param({"alert": [alert(200, acted=NOW - 199 * DAY)]}, id="fired-rightly-before"),
        pytest.param({"incident": [INCIDENT | {"found_by": "other"}]}, id="another-check-found-it"),
        pytest.param({"check": [check(threshold=230.0)]}, id="near-enough"),
        pytest.param({"check": [check(since=NOW - 80 * DAY)]}, id="young"),
        pytest.param({"check": [check(above=False)]}, id="below"),
        pytest.param({"check": [check(threshold=None)]}, id="no-limit"),
        pytest.param({"check": [check(), check(threshold=150.0, since=NOW - 100 * DAY)]}, id="a-newer-row"),
        pytest.param({"sample_daily": daily(85)}, id="too-little-data"),
        pytest.param({"sample_daily": daily(90, coverage=0.9)}, id="gaps"),
        pytest.param({"sample_daily": daily(90, p50=1.0, p999=1.0)}, id="always-the-same"),
        pytest.param({"sample_daily": daily(90, p999=lambda i: 800.0 if i == 70 else 100.0)}, id="once-near"),
        pytest.param(
            {"sample_daily": daily(90, max=lambda i: 1100.0 if i == 5 else 120.0)}, id="once-beyond"
        ),
        pytest.param({"sample_daily": daily(90, p999=None, max=None)}, id="not-known"),
        pytest.param(
            {"check": [check(threshold=18.0)], "sample_daily": daily(90, p50=0.0, p999=3.0, max=4.0)},
            id="a-small-counter",
        ),
    ],
)
def test_never_near_is_silent(ask: Any, facts: dict[str, Rows]) -> None:
    assert ask("never-near", **({"check": [check()], "sample_daily": daily(90)} | facts)) == []


def test_never_near_asks_of_a_counter_far_off_and_of_small_fractions(ask: Any) -> None:
    small = daily(90, p50=0.0, p999=3.0, max=4.0)
    assert len(ask("never-near", check=[check(threshold=40.0)], sample_daily=small)) == 1
    parts = daily(90, p50=0.5, p999=3.5, max=4.0)
    assert len(ask("never-near", check=[check(threshold=18.0)], sample_daily=parts)) == 1


@pytest.mark.parametrize(("unit", "said"), [("ms", "above 1,000 ms. In"), (None, "above 1,000. In")])
def test_never_near_says_the_unit(ask: Any, every_kind: Any, unit: str | None, said: str) -> None:
    (found,) = ask("never-near", check=[check(unit=unit)], sample_daily=daily(90))
    assert said in fill(every_kind["never-near"].ask, found.values)


def test_never_near_forgets_old_noise_and_alerts_of_another_limit(ask: Any) -> None:
    assert len(ask("never-near", check=[check()], sample_daily=daily(90), alert=[alert(150)])) == 1
    facts = {
        "check": [check(edited=NOW - 120 * DAY)],
        "sample_daily": daily(90),
        "alert": [alert(150, acted=NOW - 149 * DAY)],
    }
    assert len(ask("never-near", **facts)) == 1


NEAR = {"p50": 900.0, "p99": 980.0, "near": 0.15, "past": 0.02}


def test_always_near_asks(ask: Any) -> None:
    (found,) = ask("always-near", check=[check()], sample_daily=daily(28, **NEAR), alert=[alert(3), alert(4)])
    assert found.values["pages"] == 2
    assert found.values["hours"] == pytest.approx(0.15 * 24 * 28)


def test_always_near_sees_what_waiting_hides(ask: Any) -> None:
    hidden = daily(28, p99=1100.0, near=0.01, past=0.03)
    assert len(ask("always-near", check=[check()], sample_daily=hidden)) == 1
    assert ask("always-near", check=[check(hold=0)], sample_daily=hidden) == []
    told = [alert(i + 0.5) for i in range(28)]
    assert ask("always-near", check=[check()], sample_daily=hidden, alert=told) == []


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"check": [check(scheduled=True)]}, id="twin-declared-batch"),
        pytest.param({"sample_daily": daily(28, **(NEAR | {"near": 0.08}))}, id="seldom"),
        pytest.param({"sample_daily": daily(20, **NEAR)}, id="too-little-data"),
        pytest.param({"sample_daily": daily(28, **(NEAR | {"near": None}))}, id="not-known"),
        pytest.param({"sample_daily": daily(28, **(NEAR | {"min": 1.0, "max": 1.0}))}, id="never-moves"),
        pytest.param({"check": [check(since=NOW - 10 * DAY)]}, id="young"),
    ],
)
def test_always_near_is_silent(ask: Any, facts: dict[str, Rows]) -> None:
    assert ask("always-near", **({"check": [check()], "sample_daily": daily(28, **NEAR)} | facts)) == []


def grown(i: int) -> float:
    return 150.0 - 100 * i / 180


def stepped(i: int) -> float:
    return 150.0 if i < 60 else 50.0


def steady(i: int) -> float:
    return 50.0 + 4 * (i % 7) / 7


def deploys(n: int) -> Rows:
    return [{"at": NOW - (i + 1) * DAY, "subject": "shop", "kind": "deploy"} for i in range(n)]


@pytest.mark.parametrize(
    "values", [grown, stepped, lambda i: 6000 / grown(i)], ids=["trend", "step", "downwards"]
)
def test_stale_threshold_asks(ask: Any, values: Any) -> None:
    (found,) = ask("stale-threshold", check=[check()], sample_daily=daily(180, p50=values), change=deploys(7))
    assert (found.values["age"], found.values["deploys"]) == (500, 7)
    assert found.worse > 2


def test_stale_threshold_asks_of_a_smaller_move_over_many_deploys(ask: Any) -> None:
    facts = {"check": [check()], "sample_daily": daily(180, p50=lambda i: 80.0 if i < 60 else 50.0)}
    assert ask("stale-threshold", **facts, change=deploys(20)) == []
    assert len(ask("stale-threshold", **facts, change=deploys(60))) == 1


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"sample_daily": daily(180, p50=steady), "change": deploys(100)}, id="twin-stable"),
        pytest.param({"check": [check(edited=NOW - 300 * DAY)]}, id="edited"),
        pytest.param({"check": [check(since=None)]}, id="age-not-known"),
        pytest.param({"sample_daily": daily(60, p50=grown)}, id="too-little-data"),
        pytest.param({"sample_daily": daily(180, p50=lambda i: 150.0 if i < 7 else 50.0)}, id="one-odd-week"),
        pytest.param({"sample_daily": daily(180, p50=lambda i: 0.0 if i > 90 else 5.0)}, id="from-nothing"),
    ],
)
def test_stale_threshold_is_silent(ask: Any, facts: dict[str, Rows]) -> None:
    assert (
        ask("stale-threshold", **({"check": [check()], "sample_daily": daily(180, p50=grown)} | facts)) == []
    )


RIGHTLY = alert(100, check="big", acted=NOW - 99 * DAY)


def copies(values: dict[str, float], **more: Any) -> dict[str, Rows]:
    checks = [check(name=name, component=f"c-{name}", published="DiskFull", threshold=80.0, unit="%", **more)
              for name in values]  # fmt: skip
    samples = [row for name, p50 in values.items() for row in daily(28, name, p50=p50, p99=1.4 * p50)]
    return {"check": checks, "sample_daily": samples}


def test_borrowed_default_asks(ask: Any) -> None:
    (found,) = ask("borrowed-default", **copies({"big": 2.0, "x": 40.0, "y": 55.0, "z": 70.0}))
    assert (found.subject, found.values["n_same"], found.values["others"]) == ("big", 3, 47.5)


@pytest.mark.parametrize(
    ("values", "more", "alerts"),
    [
        pytest.param({"big": 2.0, "x": 40.0, "y": 55.0}, {}, [RIGHTLY], id="twin-fired-rightly"),
        pytest.param({"big": 20.0, "x": 40.0, "y": 55.0}, {}, [], id="alike"),
        pytest.param({"big": 2.0, "x": 40.0}, {}, [], id="who-is-odd"),
        pytest.param({"big": 2.0, "p": 1.0, "x": 40.0, "y": 55.0}, {}, [], id="one-peer-alike"),
        pytest.param({"big": 2.0, "x": 40.0, "y": 55.0}, {"since": NOW - 10 * DAY}, [], id="young"),
        pytest.param({"big": 0.0, "x": 40.0, "y": 55.0}, {}, [], id="nothing"),
    ],
)  # fmt: skip
def test_borrowed_default_is_silent(
    ask: Any, values: dict[str, float], more: dict[str, Any], alerts: Rows
) -> None:
    assert ask("borrowed-default", **copies(values, **more), alert=alerts) == []
