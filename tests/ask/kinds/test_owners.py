"""Things that nobody answers for, pages that cannot be acted on, and chains of one person are asked about."""

from __future__ import annotations

from typing import Any

import pytest

DAY = 86_400.0
NOW = 20_000 * DAY
OLD = NOW - 400 * DAY
DB = {"name": "db", "owner": "storage", "tier": 1, "since": OLD}
STORAGE = {"name": "storage", "members": 4, "parent": "platform", "since": OLD}
STRAY = {"name": "stray", "since": NOW - 9 * DAY}
CALLERS = [{"src": src, "dst": "stray", "since": NOW - 9 * DAY} for src in ("a", "b", "c")]


def shift(owner: str, person: str, begin: float, end: float | None, level: int = 1) -> dict[str, Any]:
    ends = None if end is None else NOW + end * DAY
    return {"owner": owner, "person": person, "level": level, "starts": NOW + begin * DAY, "ends": ends}


def test_nobody_home(ask: Any) -> None:
    (found,) = ask("nobody-home", component=[STRAY, DB], owner=[STORAGE], edge=CALLERS)
    assert (found.subject, found.owner, found.values["n"], found.values["days"]) == ("stray", None, 3, 9)


def test_an_owner_without_people_is_asked_one_level_up(ask: Any) -> None:
    (found,) = ask("nobody-home", component=[DB], owner=[STORAGE | {"members": 0}])
    assert (found.subject, found.owner) == ("db", "platform")


def test_a_rota_that_ran_out(ask: Any) -> None:
    rota = [shift("storage", "p1", -60, -2), shift("web", "p2", -60, 60)]
    (found,) = ask("nobody-home", component=[DB | {"on_call": True}], owner=[STORAGE], rota=rota)
    assert found.values["lack"] == "an owner with nobody on call"
    assert ask("nobody-home", component=[DB], owner=[STORAGE], rota=rota) == []
    assert ask("nobody-home", component=[DB | {"on_call": True}], owner=[STORAGE], rota=rota[:1]) == []


def test_functions_grants_and_checks_without_owner(ask: Any) -> None:
    found = ask(
        "nobody-home",
        function=[{"name": "wipe", "since": OLD}, {"name": "f", "owner": "storage", "since": OLD}],
        grant=[
            {"id": "g1", "principal": "bot", "since": OLD},
            {"id": "g2", "principal": "bot", "owner": "storage", "since": OLD},
            {"id": "g3", "person": "p1", "since": OLD},
        ],
        check=[{"name": "lone", "since": OLD}, {"name": "of-db", "component": "db", "since": OLD}],
    )
    assert {one.subject for one in found} == {"wipe", "g1", "lone"}


@pytest.mark.parametrize(
    "tables",
    [
        {"component": [STRAY | {"ephemeral": True}]},
        {"component": [STRAY | {"since": NOW - 0.9 * DAY}]},
        {"component": [STRAY | {"until": NOW - DAY}]},
        {"component": [STRAY | {"owner": "storage"}]},
        {"component": [STRAY | {"since": None}]},
        {"component": [STRAY, STRAY | {"owner": "storage", "since": NOW - 2 * DAY}]},
        {
            "function": [{"name": "f", "since": OLD}],
            "automation": [{"name": "a", "function": "f", "owner": "x"}],
        },
        {"function": [{"name": "f", "since": OLD}, {"name": "g", "since": OLD}]},
    ],
    ids=[
        "twin",
        "young",
        "gone",
        "owned",
        "unknown-since",
        "assigned",
        "automation-owned",
        "column-not-kept",
    ],
)
def test_somebody_home(ask: Any, tables: dict[str, Any]) -> None:
    assert ask("nobody-home", owner=[STORAGE], **tables) == []


def changes(owner: str | None, n: int, kind: str = "deploy") -> list[dict[str, Any]]:
    return [{"at": NOW - (i + 1) * 5 * DAY, "subject": "db", "kind": kind, "owner": owner} for i in range(n)]


def acks(person: str, told: str | None, n: int, component: str = "db") -> list[dict[str, Any]]:
    return [
        {"id": f"{person}{i}", "component": component, "owner": told, "started": NOW - (i + 1) * 6 * DAY,
         "acked": NOW - (i + 1) * 6 * DAY + 60, "acked_by": person}
        for i in range(n)
    ]  # fmt: skip


def test_an_owner_who_is_gone(ask: Any) -> None:
    (found,) = ask(
        "owner-gone",
        component=[DB],
        change=changes("platform", 6) + changes(None, 2),
        alert=acks("p9", "storage", 3) + acks("p8", "storage", 2) + acks("p8", "platform", 3, "web"),
        rota=[shift("platform", "p9", -90, 90)],
    )
    assert (found.subject, found.owner, found.values["other"]) == ("db", "storage", "platform")
    assert (found.values["n"], found.values["k"]) == (6, 5)


@pytest.mark.parametrize(
    "tables",
    [
        {"change": []},
        {"change": changes("platform", 4)},
        {"change": changes("platform", 9) + changes("storage", 1)},
        {"change": changes("platform", 9), "alert": acks("p1", "storage", 1)},
        {"change": changes("platform", 9), "question": [{"id": "q", "subject": "db", "owner": "storage",
                                                         "asked": NOW - 9 * DAY, "answered": NOW - 8 * DAY}]},
        {"change": changes("platform", 9) + changes("storage", 1, "owner")},
        {"change": changes("platform", 9), "automation": [{"name": "a", "can_touch": ["db"]}],
         "approval": [{"automation": "a", "owner": "storage", "asked": NOW - DAY, "decided": NOW - DAY}]},
        {"change": changes("platform", 5) + changes(None, 6)},
        {"change": [row | {"at": row["at"] - 200 * DAY} for row in changes("platform", 9)]},
    ],
    ids=["twin", "few", "changed", "acked", "answered", "moved", "approved", "unknown", "long-ago"],
)  # fmt: skip
def test_an_owner_who_is_there(ask: Any, tables: dict[str, Any]) -> None:
    assert ask("owner-gone", component=[DB], **tables) == []


def test_a_young_component_has_shown_too_little(ask: Any) -> None:
    young = [DB | {"since": NOW - 30 * DAY}]
    assert ask("owner-gone", component=young, change=changes("platform", 6)) == []


CHECK = [{"name": "disk", "component": "db", "pages": True, "since": OLD}]
GRANTS = [
    {"id": "g1", "owner": "dba", "function": "failover", "since": OLD},
    {"id": "g2", "owner": "storage", "function": "restart", "since": OLD},
]


def fixed(n: int, function: str = "failover", **more: Any) -> dict[str, Any]:
    """Pages that a person ended by running the function."""
    started = [NOW - (i + 1) * 9 * DAY for i in range(n)]
    return {
        "alert": [
            {"id": f"a{i}", "check": "disk", "component": "db", "page": True, "started": t, "ended": t + 900}
            for i, t in enumerate(started)
        ],
        "action": [
            {"id": f"x{i}", "alert": f"a{i}", "at": t + 600, "function": function, "actor_kind": "person"}
            | more
            for i, t in enumerate(started)
        ],
    }


def test_a_page_without_power(ask: Any) -> None:
    (found,) = ask("page-without-power", check=CHECK, component=[DB], grant=GRANTS, **fixed(6, owner="dba"))
    assert (found.subject, found.owner, found.component) == ("disk", "storage", "db")
    assert (found.values["function"], found.values["k"], found.values["n"]) == ("failover", 6, 6)


def test_what_the_alert_itself_tells_is_enough(ask: Any) -> None:
    alerts = [
        row | {"acted": row["ended"], "actor": "human", "action": "failover"} for row in fixed(6)["alert"]
    ]
    (found,) = ask("page-without-power", check=CHECK, component=[DB], grant=GRANTS, alert=alerts)
    assert found.values["k"] == 6


@pytest.mark.parametrize(
    "tables",
    [
        {"grant": GRANTS, **fixed(6, owner="dba"), "decision": [
            {"id": "d", "subject": "disk", "at": OLD, "until": NOW + 90 * DAY}]},
        {"grant": GRANTS, **fixed(4, owner="dba")},
        {"grant": GRANTS, **fixed(6, function="restart", owner="dba")},
        {"grant": GRANTS, **fixed(6, owner="storage")},
        {"grant": [*GRANTS, {"id": "g3", "owner": "storage", "wildcard": True}], **fixed(6, owner="dba")},
        {"grant": [*GRANTS, {"id": "g3", "person": "p1", "function": "failover"}], **fixed(6, owner="dba"),
         "rota": [shift("storage", "p1", -9, 9)]},
        {"grant": GRANTS[:1], **fixed(6)},
        fixed(6, owner="dba"),
        {"grant": GRANTS, **fixed(6, owner="dba", actor_kind="automation")},
    ],
    ids=["twin", "few", "may-run", "ran-it", "wildcard", "person", "not-kept", "no-grants", "automatic"],
)  # fmt: skip
def test_a_page_with_power(ask: Any, tables: dict[str, Any]) -> None:
    assert ask("page-without-power", check=CHECK, component=[DB], **tables) == []


@pytest.mark.parametrize(
    ("rota", "owner"),
    [
        ([shift("storage", "p1", -90, 90)], []),
        ([shift("storage", "p1", 7 * i, 7 * i + 7) for i in range(-4, 9)], []),
        ([shift("storage", "p1", -90, None), shift("storage", "p1", -90, 90, 2)], []),
        ([shift("storage", "p1", -90, 9)], []),
        ([], [STORAGE | {"members": 1}]),
        (
            [shift("storage", f"p{i % 2}", 7 * i, 7 * i + 7) for i in range(-4, 9)]
            + [shift(team, p, -90, 90, level) for team in ("a", "b") for p, level in (("p3", 1), ("p4", 2))],
            [],
        ),
    ],
    ids=["one", "weekly", "both-levels", "short-plan", "team-of-one", "no-second-step"],
)
def test_a_chain_of_one(ask: Any, rota: Any, owner: Any) -> None:
    (found,) = ask("single-point-person", check=CHECK * 2, component=[DB], rota=rota, owner=owner)
    assert (found.subject, found.owner, found.values["days"]) == ("db", "storage", 28)


PAIR = [shift("storage", f"p{i % 2}", 7 * i, 7 * i + 7) for i in range(-4, 9)]


@pytest.mark.parametrize(
    ("check", "rota"),
    [
        (CHECK, [*PAIR[:5], *PAIR[7:], shift("storage", "lead", -90, 90, 2)]),
        (CHECK, PAIR),
        (
            CHECK,
            [shift("storage", p, -90, 90) for p in ("p1", "p2")]
            + [shift("a", "p3", -90, 90), shift("a", "p4", -90, 90, 2)],
        ),
        (CHECK, [row for row in PAIR if row["ends"] < NOW + 8 * DAY]),
        ([CHECK[0] | {"pages": False}], [shift("storage", "p1", -90, 90)]),
        (CHECK, [shift("web", "p1", -90, 90)]),
        (CHECK, []),
        (CHECK, [{"owner": "storage"}, {"person": "p1"}]),
    ],
    ids=["twin", "two", "both-at-once", "plan-ends", "no-page", "other-team", "no-rota", "unknown"],
)
def test_a_chain_of_two(ask: Any, check: Any, rota: Any) -> None:
    assert ask("single-point-person", check=check, component=[DB], rota=rota) == []


def asked(n: int, days: float, **more: Any) -> list[dict[str, Any]]:
    return [{"id": f"q{i}", "owner": "storage", "asked": NOW - days * DAY} | more for i in range(n)]


def test_a_queue_that_nobody_reads(ask: Any) -> None:
    (found,) = ask("unanswered-questions", question=asked(6, 20), owner=[STORAGE])
    assert (found.subject, found.owner, found.values["n"], found.values["oldest"]) == (
        "storage",
        "storage",
        6,
        20,
    )


def test_answers_given_without_a_look(ask: Any) -> None:
    rows = asked(12, 20, answered=NOW - DAY, answer="accept", took=4)
    (found,) = ask("unanswered-questions", question=rows, owner=[STORAGE])
    assert (found.values["n"], found.values["all"]) == (12, 12)


@pytest.mark.parametrize(
    ("rows", "away"),
    [
        (asked(9, 20), True),
        (asked(4, 20), None),
        (asked(9, 13), None),
        (asked(9, 20, withdrawn=NOW - DAY), None),
        (asked(12, 20, answered=NOW - DAY, answer="accept", took=90), None),
        (asked(12, 20, answered=NOW - DAY, answer="change", took=9), None),
        (asked(9, 20, owner=None), None),
        (asked(1, 20) * 9, None),
    ],
    ids=["twin", "few", "fresh", "withdrawn", "looked", "changed", "nobody", "one"],
)
def test_a_queue_that_is_read(ask: Any, rows: Any, away: Any) -> None:
    rows = [row | {"id": row["id"]} for row in rows]
    assert ask("unanswered-questions", question=rows, owner=[STORAGE | {"away": away}]) == []
