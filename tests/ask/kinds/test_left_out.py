"""A column that nobody fills, or a table, says nothing: no kind takes it for a no."""

from __future__ import annotations

from typing import Any

DAY = 86_400.0
NOW = 20_000 * DAY
OLD = NOW - 400 * DAY


def subjects(found: Any) -> list[str]:
    return [one.subject for one in found]


def test_components_of_a_house_that_names_no_owners(ask: Any) -> None:
    web, db = {"name": "web", "since": OLD}, {"name": "db", "since": OLD}
    assert ask("nobody-home", component=[web, db]) == []
    assert subjects(ask("nobody-home", component=[web, db | {"owner": "dba"}])) == ["web"]


def test_a_team_that_pages_and_never_had_a_rota_where_others_have(ask: Any) -> None:
    teams = ["shop", "data", "core"]
    rota = [{"owner": one, "person": "p", "starts": NOW - DAY, "ends": NOW + 9 * DAY} for one in teams[:2]]
    facts: dict[str, Any] = {
        "owner": [{"name": one, "members": 4} for one in teams],
        "component": [{"name": f"{one}-api", "owner": one, "since": OLD} for one in teams],
        "check": [{"name": one, "component": f"{one}-api", "pages": True, "since": OLD} for one in teams],
    }
    assert subjects(ask("nobody-home", **facts, rota=rota)) == ["core-api"]
    assert ask("nobody-home", **facts, rota=rota[:1]) == []  # most have none: they keep it elsewhere


def test_runs_of_which_only_the_end_is_known_did_run(ask: Any) -> None:
    runs = [
        {"job": "backup", "due": NOW - i * DAY, "ended": NOW - i * DAY + 600, "period": DAY}
        for i in range(1, 20)
    ]
    assert ask("job-drift", job_run=runs) == []
    missed = [one | {"ended": None} for one in runs]
    assert subjects(ask("job-drift", job_run=missed)) == ["backup"]


def test_alerts_of_which_no_end_is_known_are_not_open(ask: Any) -> None:
    alerts = [
        {
            "id": f"a{i}",
            "check": "c",
            "component": "web",
            "started": NOW - (i + 3) * DAY,
            "acked": NOW - (i + 3) * DAY + 60,
        }
        for i in range(12)
    ]
    assert ask("ack-and-forget", alert=alerts) == []
    ended = {"id": "b", "check": "d", "component": "db", "started": NOW - 90 * DAY, "ended": NOW - 89 * DAY}
    assert subjects(ask("ack-and-forget", alert=[*alerts, ended])) == ["web"]


CHECK = {"name": "lag", "component": "db", "owner": "shop", "pages": True, "since": OLD}
GRANT = {"id": "g1", "function": "db-failover", "owner": "dba", "since": OLD}
ROTA = [
    {"owner": owner, "person": person, "starts": NOW - 90 * DAY, "ends": NOW + 90 * DAY}
    for owner, person in (("shop", "s1"), ("dba", "d1"))
]


def fixes(**cells: Any) -> list[dict[str, Any]]:
    return [
        {
            "id": f"a{i}",
            "check": "lag",
            "component": "db",
            "page": True,
            "started": NOW - (5 * i + 5) * DAY,
            "acked": NOW - (5 * i + 5) * DAY + 60,
            "acted": NOW - (5 * i + 5) * DAY + 300,
            "ended": NOW - (5 * i + 5) * DAY + 900,
            "action": "db-failover",
            "actor": "human",
            "end_reason": "human",
        }
        | cells
        for i in range(15)
    ]


def test_who_closes_a_page_need_not_have_run_what_mended_it(ask: Any) -> None:
    own = GRANT | {"id": "g2", "function": "restart", "owner": "shop"}
    found = ask(
        "page-without-power",
        check=[CHECK],
        grant=[GRANT, own],
        rota=ROTA,
        alert=fixes(resolver="s1", acked_by="s1"),
    )
    assert subjects(found) == ["lag"]


def test_a_stranger_who_mends_it_is_evidence_enough(ask: Any) -> None:
    found = ask("page-without-power", check=[CHECK], grant=[GRANT], rota=ROTA, alert=fixes(resolver="x9"))
    assert subjects(found) == ["lag"]


def test_what_nobody_says_a_person_did_was_perhaps_a_machine(ask: Any) -> None:
    own = GRANT | {"id": "g2", "function": "restart", "owner": "shop"}
    alerts = fixes(actor=None, end_reason=None)
    assert ask("page-without-power", check=[CHECK], grant=[GRANT, own], rota=ROTA, alert=alerts) == []


def test_a_time_that_nobody_measured_is_not_nothing(ask: Any) -> None:
    runs = [{"job": "backup", "due": NOW - i * DAY, "period": DAY} for i in range(1, 20)]
    assert ask("job-drift", job_run=runs)[0].values["took"] is None
    sick = {"kind": "down", "sick": 0.9, "after": "db", "within": 30.0, "remover": "balancer"}
    spells = [
        {"component": "web", "began": NOW - i * DAY, "ended": NOW - i * DAY + 60} | sick for i in (3, 9)
    ]
    (found,) = ask("healthcheck-too-deep", spell=spells)
    assert found.values["some"] == "instances, nobody wrote down how many"


def test_the_owner_is_of_the_latest_row(ask: Any) -> None:
    rows = [{"id": f"x{i}", "at": NOW - i * DAY, "automation": "bot", "function": "restart", "target": "db",
             "back": NOW - i * DAY + 3600} for i in range(1, 9)]  # fmt: skip
    bots = [{"name": "bot", "owner": one, "since": OLD + i * DAY} for i, one in enumerate("bca")]
    for held in (bots, bots[::-1]):
        assert ask("same-fix-again", action=rows, automation=held)[0].owner == "a"
