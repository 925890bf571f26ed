"""What a check reads: gone, missing for a while, averaged."""

from __future__ import annotations

from typing import Any

import pytest

DAY = 86_400.0
NOW = 20_000 * DAY
TODAY = 20_000
Rows = list[dict[str, Any]]


def check(**more: Any) -> dict[str, Any]:
    return {
        "name": "errors",
        "component": "shop",
        "owner": "web",
        "reads": "shop_errors_total",
        "interval": 60,
        "since": NOW - 500 * DAY,
    } | more


OTHER = check(name="other", component="db", reads="db_up")


def daily(first: int, last: int = 1, name: str = "errors", **more: Any) -> Rows:
    """Summaries from so many days ago to so many days ago."""
    row = {"coverage": 1.0, "p50": 5.0, "gap": 60.0, "gap_state": "ok"} | more
    return [{"check": name, "day": TODAY - i, **row} for i in range(last, first + 1)]


def beats(days: int, component: str = "shop", **more: Any) -> Rows:
    row = {"component": component, "listener": "l1", "beats": 8640} | more
    return [row | {"day": TODAY - i} for i in range(1, days + 1)]


STOPPED = daily(60, 11) + daily(60, name="other")
BLANK = daily(60, 11) + daily(10, coverage=0.0, p50=None) + daily(60, name="other")
NEVER = daily(60, coverage=0.0, p50=None) + daily(60, name="other")


@pytest.mark.parametrize(
    ("samples", "days"), [(STOPPED, 10), (BLANK, 10), (NEVER, 60)], ids=["rows-stopped", "blank", "never"]
)
def test_dead_metric_asks(ask: Any, samples: Rows, days: int) -> None:
    (found,) = ask("dead-metric", check=[check(), OTHER], sample_daily=samples, heartbeat_daily=beats(30))
    assert (found.subject, found.values["days"], found.values["alive"]) == ("errors", days, 7)
    assert found.values["date"] == NOW - days * DAY


def test_dead_metric_takes_other_data_for_life(ask: Any) -> None:
    sibling = daily(60, name="latency")
    facts = {"check": [check(), OTHER, check(name="latency")], "sample_daily": BLANK + sibling}
    assert [one.subject for one in ask("dead-metric", **facts)] == ["errors"]
    assert ask("dead-metric", **facts, heartbeat_daily=beats(30, beats=0)) == []


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"check": [check(sparse=True), OTHER]}, id="twin-sparse"),
        pytest.param({"check": [check(since=NOW - 3 * DAY), OTHER]}, id="new"),
        pytest.param({"heartbeat_daily": []}, id="life-not-known"),
        pytest.param({"heartbeat_daily": beats(30, beats=0)}, id="dead-too"),
        pytest.param({"sample_daily": daily(60, 6) + daily(60, name="other")}, id="five-days"),
        pytest.param({"sample_daily": daily(60, name="other")}, id="never-summed-up"),
        pytest.param(
            {"sample_daily": daily(60, 11) + daily(60, 11, name="other")}, id="all-summaries-stopped"
        ),
    ],
)
def test_dead_metric_is_silent(ask: Any, facts: dict[str, Rows]) -> None:
    seed = {"check": [check(), OTHER], "sample_daily": BLANK, "heartbeat_daily": beats(30)}
    assert ask("dead-metric", **(seed | facts)) == []


def with_gap(days_ago: int = 20, **more: Any) -> Rows:
    gap = {"gap": 7200.0, "coverage": 0.92} | more
    return daily(90, days_ago + 1) + daily(days_ago, days_ago, **gap) + daily(days_ago - 1)


def test_missing_is_green_asks(ask: Any) -> None:
    (found,) = ask("missing-is-green", check=[check()], sample_daily=with_gap())
    assert (found.values["gap"], found.values["n"], found.values["date"]) == (7200, 1, NOW - 20 * DAY)


def window(began: float, hours: float, **more: Any) -> dict[str, Any]:
    return {"id": "w", "component": "shop", "starts": began, "ends": began + hours * 3600} | more


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"window": [window(NOW - 19.9 * DAY, 3)]}, id="twin-maintenance"),
        pytest.param({"check": [check(no_data="unknown")]}, id="says-unknown"),
        pytest.param({"check": [check(no_data="fail")]}, id="says-fail"),
        pytest.param({"check": [check(sparse=True)]}, id="sparse"),
        pytest.param({"check": [check(interval=3600)]}, id="looks-by-the-hour"),
        pytest.param({"check": [check(since=NOW - 10 * DAY)]}, id="defined-after-it"),
        pytest.param({"component": [{"name": "shop", "period": 3600}]}, id="runs-by-the-hour"),
        pytest.param({"component": [{"name": "shop", "ephemeral": True}]}, id="ephemeral"),
        pytest.param({"sample_daily": with_gap(gap_state="firing")}, id="was-firing"),
        pytest.param({"sample_daily": with_gap(gap_state=None)}, id="state-not-known"),
        pytest.param({"sample_daily": with_gap(gap=300.0)}, id="short"),
        pytest.param({"check": [check(interval=15)], "sample_daily": with_gap(gap=149.0)}, id="nine-looks"),
        pytest.param({"sample_daily": with_gap()[:-5] + daily(5, coverage=0.0)}, id="gone-altogether"),
        pytest.param({"sample_daily": daily(100, 95, gap=7200.0)}, id="long-ago"),
    ],
)
def test_missing_is_green_is_silent(ask: Any, facts: dict[str, Rows]) -> None:
    assert ask("missing-is-green", **({"check": [check()], "sample_daily": with_gap()} | facts)) == []


def test_missing_is_green_asks_beside_a_short_window(ask: Any) -> None:
    short = [window(NOW - 19.9 * DAY, 0.5)]
    assert len(ask("missing-is-green", check=[check()], sample_daily=with_gap(), window=short)) == 1


AVERAGE = check(name="latency", aggregation="mean", unit="ms", reads="shop_seconds")
TAIL = daily(28, name="latency", mean=100.0, p99=3000.0, worst=1.5)
SPARSE = daily(28, name="latency", mean=0.02, p50=0.0, p99=1.0)
LONE = daily(28, 3, name="latency", mean=100.0, p99=300.0, worst=1.5) + daily(
    2, name="latency", mean=100.0, p99=300.0, worst=7.0
)


def test_average_hides_asks_of_a_count_near_its_limit(ask: Any) -> None:
    assert len(ask("average-hides", check=[AVERAGE | {"threshold": 2.0}], sample_daily=SPARSE)) == 1


@pytest.mark.parametrize(
    ("samples", "n", "high"), [(TAIL, 28, 3000), (LONE, 2, 700)], ids=["tail", "instance"]
)
def test_average_hides_asks(ask: Any, samples: Rows, n: int, high: float) -> None:
    (found,) = ask("average-hides", check=[AVERAGE], sample_daily=samples)
    assert (found.values["mean"], found.values["high"], found.values["n"]) == (100, high, n)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"check": [AVERAGE | {"purpose": "capacity"}]}, id="twin-capacity"),
        pytest.param({"check": [AVERAGE | {"aggregation": "p99"}]}, id="a-percentile"),
        pytest.param({"check": [AVERAGE | {"aggregation": None}]}, id="not-known"),
        pytest.param(
            {"sample_daily": TAIL[:9] + daily(28, 10, "latency", mean=100.0, p99=900.0)}, id="nine-days"
        ),
        pytest.param({"sample_daily": daily(28, name="latency", mean=0.0, p99=3000.0)}, id="nothing"),
        pytest.param({"sample_daily": daily(60, 30, "latency", mean=100.0, p99=3000.0)}, id="long-ago"),
        pytest.param({"check": [AVERAGE | {"since": NOW - 20 * DAY}]}, id="young"),
        pytest.param({"sample_daily": SPARSE}, id="a-count-that-is-mostly-zero"),
    ],
)
def test_average_hides_is_silent(ask: Any, facts: dict[str, Rows]) -> None:
    assert ask("average-hides", **({"check": [AVERAGE], "sample_daily": TAIL} | facts)) == []
