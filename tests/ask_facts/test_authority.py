"""Automations, grants, tokens, acts and what guards said of them, as facts."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec
import pytest

from gadfly.act.plan import Plan, Target
from gadfly.ledger.entry import Entry
from gadfly.monitor.subject import Subject
from gadfly.store import tokens

CATALOGUE = """
[owner.ops]
contact = ["exec:/bin/true"]
[automation.mend]
owner = "ops"
purpose = "Workers that hang are started anew."
on = 'component.stalled for 1m, group = "workers"'
run = "systemd:restart worker@{component}"
expect = "component alive within 30s"
undo = "irreversible"
level = "act"
expires = 2027-03-31
review = 2027-03-31
limits = { at_once = 2, per_hour = 10, tries_per_target = 2 }
[grant.deploys]
to = ["program:deploy"]
may = ["systemd:restart worker*", "notify"]
until = 2026-01-01T12:00:00Z
since = 2026-01-01T00:00:00Z
owner = "ops"
because = "Releases are rolled out by a program."
"""
pytestmark = pytest.mark.parametrize("place", [CATALOGUE], indirect=True, ids=["mend"])
WORKERS = [Subject(name=f"w{n}", owner="ops", group="workers", kind="service") for n in range(3)]


def act(
    connection: sqlite3.Connection, number: int, at: float, principal: str, state: str, *targets: str
) -> None:
    """An act as the gate writes it down."""
    automation = principal.removeprefix("automation:") if principal.startswith("automation:") else ""
    plan = Plan(
        principal=principal,
        automation=automation,
        owner="ops",
        action="systemd:restart",
        argument="worker@{component}",
        targets=tuple(Target(name=name, owner="ops") for name in targets),
        symptom="stalled",
        made=at - 1,
    )
    finished = None if state == "open" else at + 20
    connection.execute(
        "INSERT INTO intent (id, entry, plan, body, principal, automation, owner, action, symptom, cost, at,"
        " ends, state, finished) VALUES (?, ?, 'p', ?, ?, ?, 'ops', ?, 'stalled', 0, ?, ?, ?, ?)",
        (
            number,
            number,
            msgspec.json.encode(plan),
            principal,
            automation,
            plan.action,
            at,
            at + 900,
            state,
            finished,
        ),
    )
    connection.executemany(
        "INSERT INTO reservation (intent, target, automation, action, symptom, grp, cell, environment,"
        " disturbs, well, at) VALUES (?, ?, ?, ?, 'stalled', '', '', '', 1, 1, ?)",
        [(number, name, automation, plan.action, at) for name in targets],
    )  # fmt: skip


async def write(place: Any, work: Any) -> None:
    await place.db.write(work)


async def test_an_automation_stands_at_the_lower_of_what_it_declares_and_has_earned(place: Any) -> None:
    place.know(*WORKERS)
    found = place.facts("authority")
    (mend,) = found["automation"]
    assert (mend["level"], mend["target_limit"]) == (2, 2)  # on approval, until its record says more
    assert mend["can_touch"] == ["w0", "w1", "w2"]
    (function,) = found["function"]
    assert function["name"] == mend["function"] == "systemd:restart worker@{component}"
    assert function["reversible"] is False
    assert "rollback" not in function
    assert function["post_condition"] == "component alive within 30s"
    await write(
        place,
        lambda connection: connection.execute(
            "INSERT INTO standing (automation, level, since, failures, frozen, proposed)"
            " VALUES ('mend', 'act-small', 0, 0, '', '')"
        ),
    )
    assert place.facts("authority")["automation"][0]["level"] == 3


async def test_a_grant_is_a_row_a_line_and_tokens_are_duties(place: Any) -> None:
    place.know(*WORKERS)
    await write(
        place,
        lambda connection: tokens.add(
            connection, "anna", ("act", "approve:ops", "read"), b"1" * 32, place.clock.wall(), None, "anna"
        ),
    )
    grants = {(one["principal"], one["function"]): one for one in place.facts("authority")["grant"]}
    restart = grants["program:deploy", "systemd:restart worker*"]
    assert (restart["targets"], restart["owner"], restart["wildcard"]) == (3, "ops", False)
    assert restart["expires"] > restart["since"]
    person = next(principal for principal, _ in grants if principal.startswith("person:"))
    assert "anna" not in person
    assert {duty for principal, duty in grants if principal == person} == {"act", "approve"}


async def test_a_grant_to_every_person_is_no_persons(place: Any) -> None:
    place.take(CATALOGUE.replace('"program:deploy"', '"person:*", "person:anna"'))
    lines = [one for one in place.facts("authority")["grant"] if one["principal"].startswith("person:")]
    assert {(one["principal"] == "person:*", "person" in one) for one in lines} == {
        (True, False),
        (False, True),
    }


async def test_acts_tell_their_outcome_and_what_came_back_and_by_which_grant(place: Any) -> None:
    place.know(*WORKERS)
    at = place.clock.wall()

    def work(connection: sqlite3.Connection) -> None:
        act(connection, 1, at - 5000, "automation:mend", "verified", "w0", "w1")
        act(connection, 2, at - 4000, "program:deploy", "failed", "w2")
        act(connection, 3, at - 3000, "automation:mend", "cancelled", "w0")
        act(connection, 4, at - 100, "person:anna", "open", "w0")
        connection.execute(
            "INSERT INTO alert (id, component, incident, since, body) VALUES (7, 'w0', 1, ?, '{}')",
            (at - 4500,),
        )

    await write(place, work)
    found = place.facts("acts")
    acts = {one["id"]: one for one in found["action"]}
    assert set(acts) == {"i1", "i2", "i4"}  # what was cancelled was not done
    assert (acts["i1"]["outcome"], acts["i1"]["back"], acts["i1"]["targets"]) == ("verified", at - 4500, 2)
    assert (acts["i2"]["outcome"], acts["i2"]["actor_kind"]) == ("failed", "program")
    assert "outcome" not in acts["i4"]
    assert "anna" not in str(found)
    uses = [(one["principal"], one.get("grant"), one["target"]) for one in found["use"] if "target" in one]
    assert uses[:3] == [
        ("automation:mend", None, "w0"),
        ("automation:mend", None, "w1"),
        ("program:deploy", "deploys program:deploy systemd:restart worker*", "w2"),
    ]


TWO = CATALOGUE.replace(
    "[grant.deploys]",
    """[grant.others]
to = ["program:deploy"]
may = ["systemd:restart worker*"]
on = 'component = "w0"'
owner = "ops"
until = 2026-01-01T12:00:00Z
since = 2026-01-01T00:00:00Z
because = "It looks after the first one."
[grant.deploys]""",
)


async def test_a_use_is_of_the_grant_that_covers_its_target_and_nobody_knows_from_which_host(
    place: Any,
) -> None:
    place.take(TWO)
    place.know(*WORKERS)
    at = place.clock.wall()
    await write(place, lambda connection: act(connection, 1, at - 50, "program:deploy", "open", "w0", "w2"))
    uses = {one["target"]: one for one in place.facts("acts")["use"]}
    assert [(name, one["grant"].split(" ")[0]) for name, one in uses.items()] == [
        ("w0", "others"), ("w2", "deploys"),
    ]  # fmt: skip
    assert not [one for one in uses.values() if one.keys() & {"owner", "host"}]


async def test_guards_are_asked_and_refuse_and_prove_themselves(place: Any) -> None:
    at = place.clock.wall()

    def work(connection: sqlite3.Connection) -> None:
        act(connection, 1, at - 5000, "automation:mend", "verified", "w0")
        refused = {"allowed": False, "refusals": [["rate", "too many"]], "action": "systemd:restart"}
        about = ("automation:mend", "component:w1", "owner:ops")
        proof = {"denied": ["rate"], "failed": {"storm": "it lets it through"}}
        place.recorder.log.append(
            connection,
            [
                Entry(kind="decision", who="node", about=about, body=refused, at=at - 60),
                Entry(kind="proof", who="node", about=("guard:rate",), body=proof, at=at - 30),
            ],
        )

    await write(place, work)
    found = place.facts("acts")
    asked = [one for one in found["request"] if one["guard"] == "rate"]
    assert [(one["denied"], one["synthetic"], one.get("count")) for one in asked] == [
        (False, False, 1), (True, False, None), (True, True, None),
    ]  # fmt: skip
    assert asked[0]["at"] == at - 5000  # the last of that day, which is not still to come
    storm = [one["denied"] for one in found["request"] if one["guard"] == "storm" and one["synthetic"]]
    assert storm == [False]
    (blocked,) = [one for one in found["action"] if one["mode"] == "blocked"]
    assert (blocked["automation"], blocked["target"], blocked["denied_by"]) == ("mend", "w1", "rate")


async def test_a_word_is_of_who_gave_it_and_a_stop_is_a_rehearsal(place: Any) -> None:
    at = place.clock.wall()

    def work(connection: sqlite3.Connection) -> None:
        plan = Plan(principal="automation:mend", automation="mend", action="notify", targets=(), made=at)
        connection.execute(
            "INSERT INTO request (id, plan, body, principal, automation, owner, asked_by, lacks, at, ends,"
            " state, decided_by) VALUES (3, 'p', ?, 'automation:mend', 'mend', 'ops', 'automation:mend', '',"
            " ?, ?, 'denied', 'person:anna')",
            (msgspec.json.encode(plan), at - 60, at),
        )
        said = {"what": "denied", "request": 3, "plan": "p", "asked_by": "automation:mend"}
        about = ("automation:mend",)
        place.recorder.log.append(
            connection, [Entry(kind="approval", who="person:anna", about=about, body=said, at=at - 20)]
        )
        connection.execute(
            "INSERT INTO stop (id, scope, name, owner, who, because, at, entry)"
            " VALUES (1, 'automation', 'mend', 'ops', 'person:anna', 'to see', ?, 1)",
            (at - 10,),
        )

    await write(place, work)
    found = place.facts("acts")
    (word,) = found["approval"]
    assert (word["granted"], word["decided"] - word["asked"], word["automation"]) == (False, 40.0, "mend")
    assert "anna" not in str(found)
    (suggested,) = [one for one in found["action"] if one["mode"] == "suggested"]
    assert suggested["unchanged"] is False
    stopped = [{"kind": "stop", "subject": "mend", "at": at - 10}]
    assert found["drill"] == stopped  # whether it worked nobody measured


async def test_a_stop_that_was_lifted_long_ago_is_remembered_by_the_ledger(place: Any) -> None:
    at = place.clock.wall()
    body = {"what": "put", "scope": "owner", "name": "ops", "because": "to see"}
    lifted = {**body, "what": "lifted"}
    entries = [
        Entry(kind="stop", who="person:anna", about=("stop:1", "owner:ops"), body=said, at=at - ago)
        for said, ago in ((body, 100 * 86_400), (lifted, 99 * 86_400))
    ]
    await write(place, lambda connection: place.recorder.log.append(connection, entries))
    assert place.facts("acts")["drill"] == [{"kind": "stop", "subject": "mend", "at": at - 100 * 86_400}]


async def test_what_a_guard_refused_and_a_person_then_did_is_known(place: Any) -> None:
    at = place.clock.wall()

    def work(connection: sqlite3.Connection) -> None:
        refused = {"allowed": False, "refusals": [["rate", "too many"]], "action": "systemd:restart"}
        for target, ago in (("w1", 5000), ("w2", 5000), ("w1", 100_000)):
            about = ("automation:mend", f"component:{target}")
            entry = Entry(kind="decision", who="node", about=about, body=refused, at=at - ago)
            place.recorder.log.append(connection, [entry])
        act(connection, 1, at - 4000, "person:anna", "verified", "w1")
        act(connection, 2, at - 3000, "automation:mend", "verified", "w2")

    await write(place, work)
    asked = [one for one in place.facts("acts")["request"] if one["denied"]]
    assert [one.get("by_hand") for one in asked] == [
        at - 4000,
        None,
        None,
    ]  # w2 was the machine's; a day is over
