"""What an owner's automations did, saved and broke, from what was written down."""

from __future__ import annotations

import sqlite3

import pytest

from gadfly.act.mail.report import (
    Budget,
    Outage,
    Saved,
    outages,
    report,
    saved,
)
from gadfly.catalogue import loads
from gadfly.monitor.verdict import Verdict

GOOD, BAD, WORSE = int(Verdict.healthy), int(Verdict.degraded), int(Verdict.down)
TOLD = frozenset({Verdict.degraded, Verdict.down})
CONFIG = loads(
    """
[owner.o]
contact = ["mailto:o@b"]
[automation.fix]
owner = "o"
purpose = "Stuck workers stay stuck."
on = 'component.stalled for 1m, group = "workers"'
run = "systemd:restart worker@{component}"
limits = { at_once = 4, per_hour = 6, tries_per_target = 2, cost = 10.0 }
expect = "component alive within 30s"
undo = "irreversible"
level = "approve"
expires = 2032-06-30
review = 2031-06-30
"""
)
NOW = 1_000_000.0


@pytest.mark.parametrize(
    ("flips", "found"),
    [
        ([], []),
        ([("a", 1.0, GOOD, BAD), ("a", 5.0, BAD, GOOD)], [Outage("a", 1.0, 5.0)]),
        ([("a", 1.0, GOOD, BAD), ("a", 3.0, BAD, WORSE), ("a", 5.0, WORSE, GOOD)], [Outage("a", 1.0, 5.0)]),
        ([("a", 1.0, GOOD, BAD)], []),  # it goes on
        ([("a", 5.0, BAD, GOOD)], []),  # when it began is not known
        (
            [("a", 1.0, GOOD, BAD), ("b", 2.0, GOOD, BAD), ("a", 3.0, BAD, GOOD), ("b", 4.0, BAD, GOOD)],
            [Outage("a", 1.0, 3.0), Outage("b", 2.0, 4.0)],
        ),
    ],
)
def test_outages_from_changes_of_verdict(
    flips: list[tuple[str, float, int, int]], found: list[Outage]
) -> None:
    assert outages(flips, TOLD) == found


@pytest.mark.parametrize(
    ("acted", "left_alone", "claimed"),
    [
        ([60.0], [600.0] * 5, Saved(seconds=540.0, outages=1, compared=5)),
        ([60.0, 660.0], [600.0] * 5, Saved(seconds=480.0, outages=2, compared=5)),
        ([900.0], [600.0] * 5, Saved(seconds=-300.0, outages=1, compared=5)),  # it made it worse, and says so
        ([60.0], [600.0] * 4, None),  # too few to compare with
        ([], [600.0] * 9, None),
    ],
)
def test_time_saved_is_claimed_only_where_it_was_measured(
    acted: list[float], left_alone: list[float], claimed: Saved | None
) -> None:
    assert saved(acted, left_alone) == claimed


def intend(connection: sqlite3.Connection, at: float, state: str = "verified", **given: object) -> int:
    known = {
        "automation": "fix",
        "owner": "o",
        "target": "w1",
        "finished": at + 30,
        "cost": 1.0,
        "reason": "",
    }
    row = {**known, **given}
    number = connection.execute(
        "INSERT INTO intent (entry, plan, body, principal, automation, owner, action, symptom, cost, at,"
        " ends, state, finished, reason)"
        " VALUES ((SELECT COUNT(*) FROM intent), '', '', '', ?, ?, '', '', ?, ?, ?, ?, ?, ?)",
        (row["automation"], row["owner"], row["cost"], at, at + 900, state, row["finished"], row["reason"]),
    ).lastrowid
    ended = None if state in ("open", "unknown") else row["finished"]
    connection.execute(
        "INSERT INTO reservation (intent, target, automation, action, symptom, grp, cell, environment,"
        " disturbs, well, at, ended) VALUES (?, ?, ?, '', '', '', '', '', 1, 1, ?, ?)",
        (number, row["target"], row["automation"], at, ended),
    )
    return number or 0


def flip(connection: sqlite3.Connection, component: str, begins: float, ends: float) -> None:
    connection.executemany(
        "INSERT INTO flip (at, component, before, after, reason) VALUES (?, ?, ?, ?, '')",
        [(begins, component, GOOD, WORSE), (ends, component, WORSE, GOOD)],
    )


def test_runs_are_counted_by_what_became_of_them(connection: sqlite3.Connection) -> None:
    intend(connection, NOW - 10_000)
    intend(connection, NOW - 9_000, "failed", reason="it did not come back", cost=2.0)
    intend(connection, NOW - 8_000, "unknown", finished=None)
    intend(connection, NOW - 7_000, "cancelled", cost=5.0)
    intend(connection, NOW - 100, "open", finished=None, target="w2")
    intend(connection, NOW - 999_000)  # before the time of the report
    for state, ends in (("denied", NOW), ("waiting", NOW - 1), ("waiting", NOW + 1), ("done", NOW)):
        connection.execute(
            "INSERT INTO request (plan, body, principal, automation, owner, asked_by, lacks, at, ends, state)"
            " VALUES ('', '', '', 'fix', 'o', '', '', ?, ?, ?)",
            (NOW - 50, ends, state),
        )
    (did,) = report(connection, CONFIG, "o", NOW - 20_000, NOW).did
    assert (did.verified, did.failed, did.unknown, did.cancelled, did.open, did.runs) == (1, 1, 1, 1, 1, 5)
    assert (did.asked, did.refused, did.targets, did.cost) == (4, 2, 5, 5.0)
    assert [(one.intent, one.state, one.targets, one.reason) for one in did.broken] == [
        (3, "unknown", ("w1",), ""),
        (2, "failed", ("w1",), "it did not come back"),
    ]
    assert did.budgets == (
        Budget(what="targets at once", used=2, limit=4),  # in progress and unknown
        Budget(what="runs an hour", used=1, limit=6),
        Budget(what="cost an hour", used=1.0, limit=10.0),
    )
    assert did.saved is None


def test_time_saved_against_outages_that_were_left_alone(connection: sqlite3.Connection) -> None:
    for number in range(5):
        flip(connection, "w1", NOW - 900_000 + number * 10_000, NOW - 900_000 + number * 10_000 + 600)
    flip(connection, "w1", NOW - 5_000, NOW - 4_940)
    intend(connection, NOW - 4_990)
    flip(connection, "w1", NOW - 3_000, NOW - 1_000)
    intend(connection, NOW - 2_900, "failed")  # what it did not end, it did not save
    (did,) = report(connection, CONFIG, "o", NOW - 20_000, NOW).did
    assert did.saved == Saved(seconds=540.0, outages=1, compared=5)


def test_what_is_no_longer_declared_is_reported_all_the_same(connection: sqlite3.Connection) -> None:
    intend(connection, NOW - 10, automation="gone")
    intend(connection, NOW - 10, automation="others", owner="p")
    found = report(connection, CONFIG, "o", NOW - 20_000, NOW)
    assert [one.automation for one in found.did] == ["fix", "gone"]
    assert found.did[1].budgets == ()
    assert found.called == ()
