"""Break-glass: local, loud, at most an hour, over by itself, and owing a review by somebody else."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly.act.gate import decide
from gadfly.act.guard import GUARDS
from gadfly.act.halt import breakglass
from gadfly.act.halt.breakglass import Glass, left, stands
from gadfly.act.ladder import standing_book
from gadfly.act.proof import synthetic
from gadfly.act.proof.sound import sound
from gadfly.config.owner import Owner
from gadfly.errors import Refused
from gadfly.ledger import checkpoint
from gadfly.ledger.log import Log

LOCAL = "person:olga"
OWNERS = {
    "payments": Owner(contact=("mailto:pay@example.org", "https://chat.example.org/pay"), owner="platform"),
    "platform": Owner(contact=("mailto:platform@example.org",)),
    "batch": Owner(owner="platform"),
}


def take(connection: sqlite3.Connection, log: Log, **given: object) -> Glass:
    known = {
        "who": LOCAL,
        "because": "the primary is gone and nobody answers",
        "lasts": 900.0,
        "owners": OWNERS,
        "url": "http://north/",
        "node": "north",
        "now": 1000.0,
    }
    return breakglass.take(connection, log, **{**known, **given})


def test_it_is_written_before_anything_is_done(connection: sqlite3.Connection, log: Log) -> None:
    glass = take(connection, log)
    ((index, entry, _),) = log.about(connection, "breakglass:1")
    assert (index, entry.kind, entry.who, entry.body["what"]) == (glass.entry, "breakglass", LOCAL, "taken")
    assert entry.body["told"] == 3


def test_every_contact_of_every_owner_is_told_once(connection: sqlite3.Connection, log: Log) -> None:
    take(connection, log)
    told = [row[0] for row in connection.execute("SELECT label FROM outbox ORDER BY id")]
    assert told == ["mailto:pay@example.org", "https://chat.example.org/…", "mailto:platform@example.org"]


@pytest.mark.parametrize(
    ("now", "open_"), [(999.0, False), (1000.0, True), (1899.9, True), (1900.0, False), (1e9, False)]
)
def test_it_ends_by_itself(connection: sqlite3.Connection, log: Log, now: float, open_: bool) -> None:
    glass = take(connection, log)
    assert stands(glass, now) is open_
    assert breakglass.standing(connection, now) == (glass if open_ else None)


def witnessed(connection: sqlite3.Connection, at: float) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    line = checkpoint.cosign("x\n", "gadfly/south/1", key, int(at)).line()
    connection.execute("INSERT INTO ledger_cosignature VALUES (1, 'gadfly/south/1', ?)", (line,))


def decided(connection: sqlite3.Connection, at: float) -> None:
    connection.execute("UPDATE latest SET at = ?", (at,))


@pytest.mark.parametrize("vouch", [witnessed, decided])
def test_a_clock_that_was_set_back_gives_it_no_second_hour(
    connection: sqlite3.Connection, log: Log, vouch: Callable[[sqlite3.Connection, float], None]
) -> None:
    take(connection, log)
    vouch(connection, 1899.0)
    assert breakglass.standing(connection, 1100.0) is not None
    connection.execute("DELETE FROM ledger_cosignature")
    vouch(connection, 1900.0)
    assert breakglass.standing(connection, 1100.0) is None
    with pytest.raises(Refused, match="open"):
        breakglass.give_back(connection, log, who=LOCAL, now=1100.0)
    breakglass.review(connection, log, 1, who="person:anna", words="it was right", now=1100.0)
    with pytest.raises(Refused, match="behind"):
        take(connection, log, now=1100.0)
    assert take(connection, log, now=1850.0).ends == 1900.0 + 900.0


def test_it_can_be_given_back(connection: sqlite3.Connection, log: Log) -> None:
    take(connection, log)
    breakglass.give_back(connection, log, who=LOCAL, now=1100.0)
    assert breakglass.standing(connection, 1100.0) is None
    with pytest.raises(Refused, match="open"):
        breakglass.give_back(connection, log, who=LOCAL, now=1101.0)
    assert take(connection, log, now=1200.0).id == 2


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"who": "program:deploy"}, "a person must"),
        ({"who": "automation:restart"}, "a person must"),
        ({"lasts": 3601.0}, "lasts"),
        ({"lasts": 0.0}, "lasts"),
        ({"lasts": float("nan")}, "lasts"),
        ({"because": "because"}, "why"),
        ({"because": " " * 20}, "why"),
        ({"because": "x" * 2001}, "why"),
    ],
)
def test_what_cannot_be_is_refused_and_nobody_is_told(
    connection: sqlite3.Connection, log: Log, given: dict[str, object], why: str
) -> None:
    with pytest.raises(Refused, match=why):
        take(connection, log, **given)
    assert connection.execute("SELECT COUNT(*) FROM outbox").fetchone() == (0,)
    assert breakglass.newest(connection) == ()


def test_one_at_a_time(connection: sqlite3.Connection, log: Log) -> None:
    take(connection, log)
    with pytest.raises(Refused, match="open until"):
        take(connection, log, now=1500.0)


def test_it_owes_a_review_by_somebody_else(connection: sqlite3.Connection, log: Log) -> None:
    glass = take(connection, log)
    assert breakglass.owed(connection) == (glass,)

    def review(who: str, now: float = 2000.0, words: str = "it was right") -> Glass:
        return breakglass.review(connection, log, 1, who=who, words=words, now=now)

    for who, now, words, why in (
        ("person:anna", 1500.0, "it was right", "still open"),
        (LOCAL, 2000.0, "it was right", "somebody else"),
        ("automation:restart", 2000.0, "it was right", "somebody else"),
        ("person:anna", 2000.0, " ", "A review has"),
    ):
        with pytest.raises(Refused, match=why):
            review(who, now, words)
    assert breakglass.owed(connection) == (glass,)
    assert review("person:anna").reviewed_by == "person:anna"
    assert breakglass.owed(connection) == ()
    assert [entry.kind for _, entry, _ in log.about(connection, "breakglass:1")] == ["review", "breakglass"]
    with pytest.raises(Refused, match="already"):
        review("person:ben")
    with pytest.raises(Refused, match="no break-glass"):
        breakglass.review(connection, log, 9, who="person:anna", words="x", now=2000.0)


GLASS = Glass(id=1, who=LOCAL, because="", at=1000.0, ends=1900.0, entry=0)


@pytest.mark.parametrize(
    ("glass", "principal", "now", "lifted"),
    [
        (GLASS, LOCAL, 1000.0, True),
        (GLASS, LOCAL, 1900.0, False),
        (GLASS, "automation:synthetic", 1000.0, False),
        (GLASS, "person:anna", 1000.0, False),
        (None, LOCAL, 1000.0, False),
    ],
)
def test_permission_yields_to_who_took_it_and_sense_to_nobody(
    glass: Glass | None, principal: str, now: float, lifted: bool
) -> None:
    names = set(GUARDS) - set(left(GUARDS, glass, principal, sound(now).plan, now))
    assert names == (breakglass.YIELD if lifted else set())


def test_what_yields_are_guards() -> None:
    assert set(GUARDS) >= breakglass.YIELD


def test_sense_still_denies() -> None:
    for guard in ("targets", "inputs", "capacity", "stop", "announced", "proof"):
        for plan, situation in synthetic.cases(1000.0)[guard]:
            assert not decide(plan, situation, left(GUARDS, GLASS, LOCAL, plan, 1000.0)).allowed


def test_what_cannot_be_taken_back_may_be_done_and_what_destroys_may_not() -> None:
    for plan, situation in synthetic.cases(1000.0)["consequence"]:
        grave = plan.destructive or plan.crosses
        assert decide(plan, situation, left(GUARDS, GLASS, LOCAL, plan, 1000.0)).allowed is not grave


def test_every_act_under_it_is_in_the_ledger_as_such(connection: sqlite3.Connection, log: Log) -> None:
    glass = take(connection, log)
    plan = sound(1000.0).plan
    breakglass.note(connection, log, glass, plan, 7, 1001.0)
    breakglass.note(connection, log, glass, plan, None, 1002.0)
    found = [(entry.who, entry.body["what"]) for _, entry, _ in log.about(connection, "breakglass:1")]
    assert found == [(LOCAL, "refused"), (LOCAL, "acted"), (LOCAL, "taken")]
    assert len(log.about(connection, "intent:7")) == 1


def test_while_a_review_is_owed_nothing_is_raised(connection: sqlite3.Connection, log: Log) -> None:
    for number in range(40):
        connection.execute(
            "INSERT INTO intent (entry, plan, body, principal, automation, owner, action, symptom, cost, at,"
            " ends, state, counted)"
            " VALUES (?, '', '', '', 'restart', '', '', '', 0, 1, 1, 'verified', 'verified')",
            (number,),
        )
    take(connection, log)

    def raise_() -> str:
        return standing_book.raise_level(
            connection,
            log,
            "restart",
            "payments",
            who="person:boss",
            speaks_for=["platform"],
            owners=OWNERS,
            because="forty of forty",
            now=3000.0,
        ).level

    connection.execute("BEGIN")
    with pytest.raises(Refused, match="b1 owes a review"):
        raise_()
    breakglass.review(connection, log, 1, who="person:anna", words="it was right", now=3000.0)
    assert raise_() == "act-small"
