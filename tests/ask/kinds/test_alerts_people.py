"""What people do with alerts: in the morning, late, not at all, always the same one, without the runbook."""

from __future__ import annotations

from typing import Any

import pytest

DAY = 86_400.0
HOUR = 3600.0
NOW = 20_000 * DAY
Rows = list[dict[str, Any]]

CHECK = {"name": "disk", "component": "db", "owner": "storage", "since": NOW - 500 * DAY}
COMPONENT = {"name": "db", "owner": "storage", "tier": 2}
TEAM = {"name": "storage", "zone": "UTC", "promise": 300, "members": 4}
KNOWN: dict[str, Rows] = {"check": [CHECK], "component": [COMPONENT], "owner": [TEAM]}


def pages(n: int, hour: float = 12, first: int = 1, **after: Any) -> Rows:
    """A page a day at that hour; times in `after` are seconds after it."""
    times = {"acked", "acted", "ended", "traced"}
    rows = []
    for i in range(first, first + n):
        at = NOW - i * DAY + hour * HOUR
        more = {
            key: at + value if key in times and value is not None else value for key, value in after.items()
        }
        rows.append({"id": f"a{i}", "check": "disk", "component": "db", "started": at, "page": True} | more)
    return rows


NEXT_DAY = pages(10, 2, acked=300, acted=6.5 * HOUR)
LATE_EVENING = pages(10, 23, 2, acked=300, acted=9.5 * HOUR)


@pytest.mark.parametrize("rows", [NEXT_DAY, LATE_EVENING], ids=["at-02", "at-23"])
def test_night_page_asks(ask: Any, rows: Rows) -> None:
    (found,) = ask("night-page", **KNOWN, alert=rows)
    assert (found.subject, found.owner, found.values["n"], found.values["k"]) == ("disk", "storage", 10, 10)
    assert found.values["time"] == 8.5 * HOUR


def test_night_page_counts_hours_where_the_team_is(ask: Any) -> None:
    tokyo = KNOWN | {"owner": [TEAM | {"zone": "Asia/Tokyo"}]}
    assert ask("night-page", **tokyo, alert=NEXT_DAY) == []
    (found,) = ask("night-page", **tokyo, alert=pages(10, 17, 2, acked=300, acted=7 * HOUR))
    assert found.values["time"] == 9 * HOUR


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(NEXT_DAY[:5] + pages(5, 2, 6, acked=300, acted=900), id="twin-half-of-them-at-once"),
        pytest.param(NEXT_DAY[:7] + pages(3, 2, 8, acked=300, acted=900), id="not-sure"),
        pytest.param(NEXT_DAY[:4], id="few"),
        pytest.param(pages(10, 2, acked=300), id="never-acted-on"),
        pytest.param(pages(10, 12, acked=300, acted=9 * HOUR), id="by-day"),
        pytest.param(pages(10, 2, page=False, acked=300, acted=7 * HOUR), id="no-pages"),
        pytest.param(pages(10, 2, 95, acked=300, acted=7 * HOUR), id="long-ago"),
        pytest.param(pages(10, 2, acked=None, acted=-60), id="acted-before-it"),
    ],
)
def test_night_page_is_silent(ask: Any, rows: Rows) -> None:
    assert ask("night-page", **KNOWN, alert=rows) == []


SLOW = pages(12, 10, acked=200) + pages(6, 15, 20, acked=1800)


def test_slow_ack_asks(ask: Any) -> None:
    (found,) = ask("slow-ack", **KNOWN, alert=SLOW)
    assert (found.subject, found.owner) == ("storage", "storage")
    assert (found.values["n"], found.values["p90"], found.worse) == (18, 1800, 6)


BIGGER = [{"id": "i", "component": "db", "began": NOW - 27 * DAY, "ended": NOW - 18 * DAY}]
PART = [one | {"incident": "i", "acted": NOW - DAY} for one in SLOW]
SHIFTS = [
    {
        "owner": "storage",
        "person": "p",
        "level": 1,
        "starts": NOW - i * DAY,
        "ends": NOW - i * DAY + 14 * HOUR,
    }
    for i in range(60)
]


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"incident": BIGGER}, id="twin-a-bigger-incident"),
        pytest.param({"incident": BIGGER, "alert": PART}, id="twin-part-of-a-bigger-incident"),
        pytest.param({"rota": SHIFTS}, id="off-hours"),
        pytest.param({"owner": [TEAM | {"away": True}]}, id="away"),
        pytest.param({"owner": [TEAM | {"promise": None}]}, id="no-promise"),
        pytest.param({"owner": [TEAM | {"promise": 1200}]}, id="slow-promise"),
        pytest.param({"alert": pages(7, acked=1800)}, id="few"),
        pytest.param({"alert": pages(30, acked=200) + pages(1, 12, 32, acked=9000)}, id="once"),
        pytest.param({"alert": pages(30)}, id="never-acknowledged"),
    ],
)
def test_slow_ack_is_silent(ask: Any, facts: dict[str, Rows]) -> None:
    assert ask("slow-ack", **(KNOWN | {"alert": SLOW} | facts)) == []


@pytest.mark.parametrize(
    "facts",
    [
        {"incident": [BIGGER[0] | {"component": "elsewhere", "owner": "web"}]},
        {"rota": [one | {"starts": NOW + DAY, "ends": NOW + 2 * DAY} for one in SHIFTS[:1]]},
    ],
    ids=["trouble-of-others", "rota-of-the-future-only"],
)
def test_slow_ack_asks_still(ask: Any, facts: dict[str, Rows]) -> None:
    assert len(ask("slow-ack", **KNOWN, alert=SLOW, **facts)) == 1


FORGOTTEN = pages(6, 12, 2, acked=300, ended=30 * HOUR) + pages(
    14, 12, 8, acked=300, acted=900, ended=2 * HOUR
)


def test_ack_and_forget_asks(ask: Any) -> None:
    (found,) = ask("ack-and-forget", **KNOWN, alert=FORGOTTEN)
    assert (found.subject, found.values["k"], found.values["n"]) == ("db", 6, 20)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(pages(6, acked=300, ended=30 * HOUR, traced=5 * HOUR), id="twin-ticket"),
        pytest.param(pages(6, acked=300, ended=30 * HOUR, acted=2 * HOUR), id="acted-on"),
        pytest.param(pages(6, acked=300, ended=20 * HOUR), id="less-than-a-day"),
        pytest.param(pages(2, acked=300, ended=30 * HOUR), id="two"),
        pytest.param(FORGOTTEN[:4] + FORGOTTEN[6:], id="a-small-share"),
        pytest.param(pages(6, ended=30 * HOUR), id="not-acknowledged"),
        pytest.param(pages(6, first=65, acked=300, ended=30 * HOUR), id="long-ago"),
    ],
)
def test_ack_and_forget_is_silent(ask: Any, rows: Rows) -> None:
    assert ask("ack-and-forget", **KNOWN, alert=rows) == []


def test_ack_and_forget_takes_an_act_for_a_trace(ask: Any) -> None:
    acts = [{"id": f"x{i}", "at": NOW - i * DAY + 13 * HOUR, "alert": f"a{i}"} for i in range(2, 8)]
    assert ask("ack-and-forget", **KNOWN, alert=FORGOTTEN, action=acts) == []


def ended(*who: str, every: int = 7) -> Rows:
    after = {"end_reason": "human", "ended": 900}
    return [row for i, one in enumerate(who) for row in pages(1, 12, 1 + every * i, resolver=one, **after)]


ROTA = [
    {"owner": "storage", "person": one, "level": 1, "starts": NOW - 20 * DAY, "ends": NOW - 13 * DAY}
    for one in ("ann", "bob", "cyd", "dee")
]
HERO = ended(*["ann"] * 11, "bob")


def test_one_hero_asks(ask: Any) -> None:
    (found,) = ask("one-hero", **KNOWN, rota=ROTA, alert=HERO)
    assert (found.values["k"], found.values["n"], found.values["rota"]) == (11, 12, 4)
    assert ask("one-hero", **KNOWN, alert=HERO)[0].values["rota"] == 4


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"rota": ROTA[:1]}, id="twin-team-of-one"),
        pytest.param({"owner": [TEAM | {"members": 1}], "rota": []}, id="twin-team-of-one-declared"),
        pytest.param({"alert": ended(*["ann"] * 9)}, id="few"),
        pytest.param({"alert": ended(*["ann"] * 7, *["bob"] * 5)}, id="shared"),
        pytest.param({"alert": ended(*["ann"] * 12, every=1)[:12]}, id="one-bad-fortnight"),
        pytest.param({"alert": [one | {"end_reason": "machine"} for one in HERO]}, id="machines"),
        pytest.param(
            {"rota": [*ROTA[1:], ROTA[1] | {"person": "eve"}, ROTA[0] | {"owner": "dba"}]},
            id="of-another-team",
        ),
    ],
)
def test_one_hero_is_silent(ask: Any, facts: dict[str, Rows]) -> None:
    assert ask("one-hero", **(KNOWN | {"rota": ROTA, "alert": HERO} | facts)) == []


BOOK = CHECK | {"runbook": "https://wiki/disk"}
UNREAD = pages(13, acked=300, acted=600, actor="human", action="restart db", runbook_opened=False)
READ = pages(3, 12, 14, acked=300, acted=600, actor="human", action="grow disk", runbook_opened=True)


def test_runbook_unread_asks(ask: Any) -> None:
    (found,) = ask("runbook-unread", **(KNOWN | {"check": [BOOK]}), alert=UNREAD + READ[:1])
    assert (found.values["n"], found.values["k"], found.values["action"]) == (14, 1, "“restart db”")


@pytest.mark.parametrize(
    "book",
    [{"runbook_state": "todo"}, {"runbook_state": "dead"}, {"runbook": "TODO"}],
    ids=["todo", "dead", "todo-by-name"],
)
def test_runbook_unread_asks_of_one_that_is_not_there(ask: Any, book: dict[str, str]) -> None:
    check = CHECK | book
    assert len(ask("runbook-unread", **(KNOWN | {"check": [check]}), alert=pages(12))) == 1


@pytest.mark.parametrize(
    ("check", "rows"),
    [
        pytest.param(BOOK, [one | {"actor": "machine"} for one in UNREAD], id="twin-auto-fixed"),
        pytest.param(
            BOOK | {"runbook_state": "todo"},
            pages(12, ended=60, end_reason="machine"),
            id="twin-auto-fixed-todo",
        ),
        pytest.param(CHECK, UNREAD, id="no-runbook"),
        pytest.param(BOOK, UNREAD[:9], id="few"),
        pytest.param(BOOK, UNREAD[:9] + READ, id="read-at-times"),
        pytest.param(BOOK, [one | {"runbook_opened": None} for one in UNREAD], id="not-known"),
        pytest.param(BOOK, [one | {"acked": None, "acted": None} for one in UNREAD], id="not-answered"),
    ],
)
def test_runbook_unread_is_silent(ask: Any, check: dict[str, Any], rows: Rows) -> None:
    assert ask("runbook-unread", **(KNOWN | {"check": [check]}), alert=rows) == []
