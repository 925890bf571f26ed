"""Silences that never end, hush too much, or hush nothing."""

from __future__ import annotations

from typing import Any

import pytest

DAY = 86_400.0
NOW = 20_000 * DAY
Rows = list[dict[str, Any]]


def silence(begin: float, end: float, **more: Any) -> dict[str, Any]:
    """From so many days ago to so many days ago; less than nothing: ahead."""
    return {
        "id": f"s{begin}",
        "owner": "web",
        "matchers": 'alertname="DiskFull"',
        "component": "db",
        "reason": "known, ticket is open",
        "created": NOW - begin * DAY,
        "starts": NOW - begin * DAY,
        "ends": NOW - end * DAY,
    } | more


RENEWED = [silence(1 + 2 * i, 2 * i - 1) for i in range(5)]
LONG = silence(20, -5)


def test_immortal_silence_asks_of_renewals(ask: Any) -> None:
    (found,) = ask("immortal-silence", silence=RENEWED)
    assert (found.subject, found.owner) == ('alertname="DiskFull"', "web")
    assert (found.values["k"], found.values["days"]) == (4, 9)


def test_immortal_silence_asks_of_a_long_one(ask: Any) -> None:
    (found,) = ask("immortal-silence", silence=[LONG])
    assert (found.values["k"], found.values["days"]) == (0, 20)


def decided(**more: Any) -> dict[str, Rows]:
    return {
        "decision": [{"id": "d", "at": NOW - DAY, "subject": LONG["matchers"], "until": NOW + DAY} | more]
    }


@pytest.mark.parametrize(
    ("rows", "facts"),
    [
        pytest.param([LONG | {"project": "move to the new racks, until March"}], {}, id="twin-project"),
        pytest.param([LONG], decided(), id="decided"),
        pytest.param([silence(10, -5)], {}, id="ten-days"),
        pytest.param(RENEWED[:3], {}, id="two-renewals"),
        pytest.param([silence(40, 10)], {}, id="over"),
        pytest.param([LONG | {"ended": NOW - 8 * DAY}], {}, id="ended-early"),
        pytest.param([silence(2 * i + 0.5, 2 * i) for i in range(2, 12, 2)], {}, id="days-between"),
        pytest.param([silence(-2, -30, created=NOW - 20 * DAY)], {}, id="not-begun"),
        pytest.param([LONG | {"matchers": None}], {}, id="of-what-not-known"),
    ],
)
def test_immortal_silence_is_silent(ask: Any, rows: Rows, facts: dict[str, Rows]) -> None:
    assert ask("immortal-silence", silence=rows, **facts) == []


def test_immortal_silence_asks_when_the_decision_is_over(ask: Any) -> None:
    assert len(ask("immortal-silence", silence=[LONG], **decided(until=NOW - 3600))) == 1


def hushed(*components: str, **more: Any) -> dict[str, Rows]:
    alerts = [
        {"id": f"a{i}", "check": f"k{i}", "component": one, "owner": "web", "started": NOW - 2 * DAY} | more
        for i, one in enumerate(components)
    ]
    told = [{"silence": "s3", "alert": one["id"], "at": NOW - 2 * DAY} for one in alerts]
    return {"silence": [silence(3, 1)], "alert": alerts, "silenced": told}


DB = [{"name": "db", "owner": "web"}]
OWNERS = hushed("db", "shop", "cart")
OWNERS["alert"][1]["owner"], OWNERS["alert"][2]["owner"] = "sales", "carts"
CRITICAL = {"severity": "critical"}


@pytest.mark.parametrize(
    ("facts", "m", "k"),
    [
        pytest.param(hushed("db", "shop", "cart", "mail", "mail"), 3, 0, id="components"),
        pytest.param(OWNERS, 2, 0, id="owners"),
        pytest.param(hushed("db", "shop", **CRITICAL), 1, 1, id="first-critical"),
    ],
)
def test_wide_silence_asks(ask: Any, facts: dict[str, Rows], m: int, k: int) -> None:
    (found,) = ask("wide-silence", **facts, component=DB)
    assert (found.subject, found.owner) == ("s3", "web")
    assert (found.values["m"], found.values["k"]) == (m, k)


BEFORE = {"id": "b", "check": "k1", "component": "shop", "started": NOW - 50 * DAY}
REPEATED = hushed("db", "shop", **CRITICAL)
REPEATED["alert"].append(BEFORE)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(
            hushed("a", "b", "c", "d") | {"silence": [silence(3, 1, broad=True)]}, id="twin-whole-site"
        ),
        pytest.param(hushed("db", "db", "db", **CRITICAL), id="only-what-was-meant"),
        pytest.param(hushed("db", "shop", "cart"), id="two-more"),
        pytest.param(REPEATED, id="critical-that-fired-before"),
        pytest.param(hushed("a", "b", "c") | {"silence": [silence(3, 1, component=None)]}, id="none-named"),
        pytest.param(hushed("db", "a", "b", "c") | {"silence": []}, id="silence-not-known"),
    ],
)
def test_wide_silence_is_silent(ask: Any, facts: dict[str, Rows]) -> None:
    assert ask("wide-silence", **facts, component=DB) == []


FORGOTTEN = silence(12, -30)


def test_dead_silence_asks(ask: Any) -> None:
    (found,) = ask("dead-silence", silence=[FORGOTTEN])
    assert (found.values["days"], found.values["left"]) == (12, 30 * DAY)


@pytest.mark.parametrize(
    ("rows", "matches"),
    [
        pytest.param([FORGOTTEN | {"work_at": NOW + 6 * DAY}], [], id="twin-scheduled-work"),
        pytest.param([FORGOTTEN | {"project": "new racks"}], [], id="project"),
        pytest.param([FORGOTTEN], [{"silence": "s12", "alert": "a", "at": NOW - 9 * DAY}], id="matched"),
        pytest.param([silence(5, -30)], [], id="five-days"),
        pytest.param([silence(12, -3)], [], id="soon-over"),
        pytest.param([FORGOTTEN | {"ended": NOW - DAY}], [], id="ended"),
        pytest.param([silence(12, -30, starts=NOW + DAY)], [], id="not-begun"),
    ],
)
def test_dead_silence_is_silent(ask: Any, rows: Rows, matches: Rows) -> None:
    assert ask("dead-silence", silence=rows, silenced=matches) == []
