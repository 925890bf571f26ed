"""Which effects an intent explains, and how those that none does are said."""

from __future__ import annotations

import sqlite3

import pytest

from gadfly.act.bypass import unexplained
from gadfly.act.bypass.unexplained import (
    SETTLE,
    SKEW,
    Act,
    Effect,
    Intents,
)
from gadfly.act.proof.sound import sound
from gadfly.catalogue import loads
from gadfly.ledger.entry import encode
from gadfly.monitor.subject import Subject

ACT = Act(intent=7, target="worker", group="workers", at=100.0, ends=160.0)
SCALE = Act(intent=8, target="worker", group="workers", scales=True, at=100.0, ends=160.0)
ON_HOST = Act(intent=9, target="db1", at=100.0, ends=160.0)


def effect(component: str = "worker", at: float = 130.0, **about: object) -> Effect:
    return Effect(**{"kind": "restarted", "component": component, "group": "workers", "at": at, **about})


@pytest.mark.parametrize(
    ("acts", "seen", "intent"),
    [
        ([ACT], effect(), 7),
        ([], effect(), None),
        ([ACT], effect(kind="stopped"), 7),
        ([ACT], effect("worker-2"), None),  # another of the group
        ([SCALE], effect("worker-2"), 8),
        ([SCALE], effect("worker-2", group="other"), None),
        ([SCALE], effect("worker-2", group=""), None),
        ([ON_HOST], effect(host="db1"), 9),
        ([ON_HOST], effect(host="db2"), None),
        ([ACT], effect(at=100.0), 7),
        ([ACT], effect(at=100.0 - SKEW), 7),
        ([ACT], effect(at=99.9 - SKEW), None),  # the effect came first
        ([ACT], effect(at=160.0 + SETTLE), 7),
        ([ACT], effect(at=160.1 + SETTLE), None),
        ([ACT], effect("", kind="configuration", words="…"), None),
    ],
)
def test_what_explains_it(acts: list[Act], seen: Effect, intent: int | None) -> None:
    assert Intents(acts).explains(seen) == intent


def write(connection: sqlite3.Connection, **given: object) -> None:
    known = {"action": "systemd:restart", "at": 100.0, "ends": 1000.0, "finished": None, "disturbs": 1}
    row = {**known, **given}
    number = connection.execute(
        "INSERT INTO intent (entry, plan, body, principal, automation, owner, action, symptom, cost, at,"
        " ends, finished) VALUES (1, '', '', '', '', '', ?, '', 0, ?, ?, ?)",
        (row["action"], row["at"], row["ends"], row["finished"]),
    ).lastrowid
    connection.execute(
        "INSERT INTO reservation (intent, target, automation, action, symptom, grp, cell, environment,"
        " disturbs, well, at) VALUES (?, 'worker', '', ?, '', 'workers', '', '', ?, 1, ?)",
        (number, row["action"], row["disturbs"], row["at"]),
    )


@pytest.mark.parametrize(
    ("given", "component", "explained"),
    [
        ({}, "worker", True),
        ({"finished": 110.0}, "worker", False),
        ({"finished": 125.0}, "worker", True),
        ({"at": 200.0}, "worker", False),
        ({"disturbs": 0}, "worker", False),  # a letter about it restarts nothing
        ({"action": "scale", "disturbs": 0}, "worker-9", True),
        ({"action": "systemd:restart"}, "worker-9", False),
    ],
)
def test_intents_are_read_from_the_book(
    connection: sqlite3.Connection, given: dict[str, object], component: str, explained: bool
) -> None:
    write(connection, **given)
    found = unexplained.around(connection, 150.0, 150.0).explains(effect(component, at=150.0))
    assert (found is not None) is explained


AUTOMATION = """
[automation.a]
owner = "o"
purpose = "Stuck workers stay stuck."
on = 'component.stalled for 1m, group = "workers"'
run = "systemd:restart worker@{component}"
limits = { at_once = 1, per_hour = 1, tries_per_target = 1 }
expect = "component alive within 30s"
undo = "irreversible"
level = "approve"
expires = 2032-06-30
review = 2031-06-30
[grant.g]
to = ["function:deploy"]
may = ["systemd:restart web-*"]
on = 'group = "web"'
until = 2099-01-01T00:00:00Z
owner = "o"
because = "It deploys the web."
[grant.all]
to = ["function:x"]
may = ["notify"]
until = 2099-01-01T00:00:00Z
owner = "p"
because = "It tells all of p."
[owner.o]
contact = ["mailto:o@b"]
[owner.p]
contact = ["mailto:p@b"]
"""


@pytest.mark.parametrize(
    ("subject", "covered"),
    [
        (Subject(name="w", group="workers"), True),
        (Subject(name="w", group="web"), True),
        (Subject(name="w", owner="p"), True),
        (Subject(name="w", owner="o", group="other"), False),
    ],
)
def test_what_an_automation_or_a_grant_speaks_of(subject: Subject, covered: bool) -> None:
    assert unexplained.coverage(loads(AUTOMATION))(subject) is covered


def test_a_burst_is_one_entry_that_says_how_many() -> None:
    many = [effect(f"c{number}", owner=f"o{number % 3}") for number in range(5000)]
    found = unexplained.entry(many, 200.0, uncounted=95_000)
    assert found.body["count"] == 100_000
    assert len(found.body["effects"]) == unexplained.NAMED
    assert found.body["effects"][0] == {
        "what": "c0 was restarted",
        "at": "1970-01-01T00:02:10+00:00",
        "covered": False,
    }
    assert found.body["covered"] == 95_000  # of those that are only counted nobody knows
    assert found.about[-3:] == ("owner:o0", "owner:o1", "owner:o2")
    assert len(encode(found)) < 10_000


def test_one_that_happens_again_and_again_is_one() -> None:
    assert unexplained.one_each([effect(), effect(at=131.0), effect(kind="stopped")]) == [
        effect(),
        effect(kind="stopped"),
    ]


def test_owners_are_told_of_what_is_automated_only() -> None:
    quiet, loud = effect("a", owner="o"), effect("b", owner="o", covered=True)
    file = Effect(kind="configuration", owner="top", at=1.0, words="the configuration changed")
    assert unexplained.letters([quiet, loud, file]) == {"o": [loud], "top": [file]}
    assert unexplained.subject([loud, loud]) == "No intent explains it: b was restarted and 1 more"
    words = unexplained.text([loud] * 30, "http://north/")
    assert "- 00:02:10 UTC b was restarted" in words
    assert "- and 10 more" in words


def test_a_synthetic_act_would_explain_its_own_effect() -> None:
    plan = sound(100.0).plan
    acts = [Act(intent=1, target=one.name, at=100.0, ends=200.0) for one in plan.targets]
    assert Intents(acts).explains(effect(plan.targets[0].name)) == 1
