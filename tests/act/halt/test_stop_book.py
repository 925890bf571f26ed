"""A stop and its end: one transaction each with its entry."""

from __future__ import annotations

import sqlite3

import msgspec
import pytest

from gadfly.act.halt import stop_book
from gadfly.act.halt.stop import Stop
from gadfly.act.proof.sound import sound
from gadfly.config.owner import Owner
from gadfly.errors import LimitError, Refused
from gadfly.ledger.log import Log

OWNERS = {"payments": Owner(owner="platform"), "platform": Owner()}


def put(connection: sqlite3.Connection, log: Log, **given: object) -> Stop:
    known = {"scope": "everything", "who": "person:anna", "because": "disk is full", "now": 100.0}
    return stop_book.put(connection, log, **{**known, **given})


def lift(connection: sqlite3.Connection, log: Log, number: int, **given: object) -> Stop:
    known = {"who": "person:anna", "speaks_for": (), "owners": OWNERS, "because": "repaired", "now": 200.0}
    return stop_book.lift(connection, log, number, **{**known, **given})


def test_it_is_kept_with_its_entry(connection: sqlite3.Connection, log: Log) -> None:
    made = put(connection, log, scope="owner", name="payments", owner="payments")
    assert stop_book.in_force(connection) == (made,)
    ((index, entry, _),) = log.about(connection, "owner:payments")
    assert (index, entry.kind, entry.who, entry.body["what"]) == (made.entry, "stop", "person:anna", "put")


def test_its_end_is_kept_with_its_entry(connection: sqlite3.Connection, log: Log) -> None:
    made = put(connection, log)
    done = lift(connection, log, made.id)
    assert (done.lifted, done.lifted_by) == (200.0, "person:anna")
    assert stop_book.in_force(connection) == ()
    assert [entry.body["what"] for _, entry, _ in log.about(connection, f"stop:{made.id}")] == [
        "lifted",
        "put",
    ]


def test_nothing_that_waits_for_a_person_survives_it(connection: sqlite3.Connection, log: Log) -> None:
    plan = sound(100.0).plan
    other = msgspec.structs.replace(plan, principal="person:ben", automation="")
    for number, one in enumerate((plan, other)):
        connection.execute(
            "INSERT INTO request (plan, body, principal, automation, owner, asked_by, lacks, at, ends)"
            " VALUES (?, ?, '', '', '', '', '', 1, 1000)",
            (str(number), msgspec.json.encode(one)),
        )
        connection.execute(
            "INSERT INTO approval (plan, who, owner, asked_by, note, at, ends)"
            " VALUES (?, 'person:eve', '', '', '', 1, 1000)",
            (str(number),),
        )
    made = put(connection, log, now=100.0)
    states = connection.execute("SELECT state, decided_by FROM request ORDER BY id").fetchall()
    assert states == [("denied", "person:anna"), ("waiting", "")]
    assert connection.execute("SELECT ends FROM approval ORDER BY id").fetchall() == [(100.0,), (1000.0,)]
    assert log.read(connection, made.entry, made.entry + 1)[0][1].body["voided"] == 1


@pytest.mark.parametrize(
    ("ends", "latest", "state"), [(99.0, 0.0, "waiting"), (150.0, 160.0, "waiting"), (150.0, 0.0, "denied")]
)
def test_what_lapsed_before_it_is_not_denied_by_it(
    connection: sqlite3.Connection, log: Log, ends: float, latest: float, state: str
) -> None:
    connection.execute("UPDATE latest SET at = ?", (latest,))
    connection.execute(
        "INSERT INTO request (plan, body, principal, automation, owner, asked_by, lacks, at, ends)"
        " VALUES ('x', ?, '', '', '', '', '', 1, ?)",
        (msgspec.json.encode(sound(100.0).plan), ends),
    )
    made = put(connection, log, now=100.0)
    assert connection.execute("SELECT state FROM request").fetchall() == [(state,)]
    body = log.read(connection, made.entry, made.entry + 1)[0][1].body
    assert body.get("voided", 0) == (state == "denied")


def test_without_an_entry_there_is_no_stop_and_no_end(connection: sqlite3.Connection, log: Log) -> None:
    class Refusing(Log):
        def append(self, connection: sqlite3.Connection, entries: object) -> range:
            raise LimitError("full")

    with pytest.raises(LimitError):
        put(connection, Refusing(log.origin, log.key))
    assert stop_book.in_force(connection) == ()
    made = put(connection, log)
    with pytest.raises(LimitError):
        lift(connection, Refusing(log.origin, log.key), made.id)
    assert stop_book.in_force(connection) == (made,)


def test_the_same_stop_by_the_same_one_is_one(connection: sqlite3.Connection, log: Log) -> None:
    first = put(connection, log)
    assert put(connection, log, now=101.0) == first
    other = put(connection, log, who="person:ben", now=102.0)
    lift(connection, log, first.id)
    assert stop_book.in_force(connection) == (other,)  # each who stopped it must let it go


@pytest.mark.parametrize("who", ["automation:reconcile", "node", "configuration", "person:ben"])
def test_others_do_not_lift_it(connection: sqlite3.Connection, log: Log, who: str) -> None:
    made = put(connection, log)
    with pytest.raises(Refused, match="cannot lift"):
        lift(connection, log, made.id, who=who)
    assert stop_book.in_force(connection) == (made,)


def test_what_is_not_in_force_is_not_lifted(connection: sqlite3.Connection, log: Log) -> None:
    made = put(connection, log)
    lift(connection, log, made.id)
    for number in (made.id, 99):
        with pytest.raises(Refused, match="in force"):
            lift(connection, log, number)


def test_why_it_may_go_on_is_asked(connection: sqlite3.Connection, log: Log) -> None:
    made = put(connection, log)
    with pytest.raises(Refused, match="why"):
        lift(connection, log, made.id, because=" ")


@pytest.mark.parametrize(
    "given",
    [
        {"scope": "all"},
        {"scope": "owner"},
        {"scope": "target", "name": "x" * 201},
        {"because": "x" * 2001},
        {"who": ""},
    ],
)
def test_what_cannot_be_a_stop_is_refused(
    connection: sqlite3.Connection, log: Log, given: dict[str, str]
) -> None:
    with pytest.raises(Refused):
        put(connection, log, **given)
    assert stop_book.newest(connection) == ()


def test_everything_can_be_stopped_when_no_more_is_taken(
    connection: sqlite3.Connection, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stop_book, "STANDING", 2)
    for name in ("a", "b"):
        put(connection, log, scope="target", name=name)
    with pytest.raises(LimitError, match="stop everything"):
        put(connection, log, scope="target", name="c")
    assert put(connection, log).scope == "everything"


def test_what_was_lifted_of_late_is_shown_to_executors(connection: sqlite3.Connection, log: Log) -> None:
    made = put(connection, log)
    lift(connection, log, made.id, now=200.0)
    assert [one.id for one in stop_book.shown(connection, 199.0)] == [made.id]
    assert stop_book.shown(connection, 200.0) == ()
    assert [one.lifted for one in stop_book.newest(connection)] == [200.0]
