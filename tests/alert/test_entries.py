"""The facts of alerting and their entries are in the same transaction: both are there, or neither."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from gadfly.alert.courier import Courier
from gadfly.alert.engine import Engine
from gadfly.errors import LedgerError, StoreError
from gadfly.ledger.entry import Entry, encode
from gadfly.ledger.journal import Journal
from gadfly.store import flips


class Book:
    """A ledger that keeps its entries in the database, and can refuse."""

    def __init__(self) -> None:
        self.refuses = ""

    def append(self, connection: sqlite3.Connection, entries: Sequence[Entry]) -> range:
        if self.refuses:
            raise LedgerError(self.refuses)
        (start,) = connection.execute("SELECT count(*) FROM ledger_entry").fetchone()
        rows = [(start + number, encode(entry)) for number, entry in enumerate(entries)]
        connection.executemany("INSERT INTO ledger_entry (id, body) VALUES (?, ?)", rows)
        return range(start, start + len(rows))


@pytest.fixture
async def kept(fleet: Any) -> Any:
    """The fleet of the other tests, with a ledger."""
    fleet.book = Book()
    fleet.journal = Journal(fleet.book, lambda name: f"~{len(name)}")
    fleet.engine = Engine(
        fleet.db, fleet.config, fleet.clock, fleet.subjects.get, lambda: fleet.suspected, fleet.journal
    )
    fleet.courier = Courier(fleet.db, fleet.config, fleet.clock, name="test", journal=fleet.journal)
    await fleet.engine.start()

    async def entries() -> list[Entry]:
        from gadfly.ledger.log import read

        return [entry for _, entry, _ in await fleet.db.read(lambda one: read(one, 0, 10_000))]

    fleet.entries = entries
    return fleet


async def said(fleet: Any) -> list[str]:
    return [f"{entry.kind} {entry.body.get('event', '')}".strip() for entry in await fleet.entries()]


async def test_a_death_and_its_end_are_told_whole(kept: Any) -> None:
    await kept.down("shop")
    await kept.after(5)
    await kept.up("shop")
    await kept.after(60)
    assert await said(kept) == [
        "flip",
        "alert opened",
        "notification sent",
        "flip",
        "alert ended",
        "alert closed",
        "notification sent",
    ]


async def test_each_row_of_the_history_names_its_entry(kept: Any) -> None:
    await kept.down("a", "b", "c", "d", "e")
    entries = await kept.entries()
    for name in "abcde":
        (row,) = await kept.db.read(lambda one, name=name: flips.of(one, name))
        assert row.entry is not None
        assert entries[row.entry].body["digest"]
    assert await kept.db.read(lambda one: flips.names(one, 0)) == list("abcde")


async def test_what_a_person_does_has_a_principal(kept: Any) -> None:
    await kept.down("shop")
    await kept.engine.acknowledge("shop", "anna@example.org", "ask bob@example.org")
    silence = await kept.engine.add_silence(
        {"component": "shop"}, kept.clock.wall() + 60, "because", "deploy"
    )
    await kept.engine.end_silence(silence.id, "deploy")
    ack, added, ended = (await kept.entries())[-3:]
    assert (ack.kind, ack.who, ack.body["note"]) == ("acknowledgement", "program:~16", "ask ~15")
    assert (added.who, added.body["event"], ended.body["event"]) == ("program:deploy", "added", "ended")


Attempt = Callable[[Any], Any]
DECISIONS: dict[str, Attempt] = {
    "acknowledge": lambda fleet: fleet.engine.acknowledge("shop", "deploy"),
    "silence": lambda fleet: fleet.engine.add_silence(
        {"component": "shop"}, fleet.clock.wall() + 60, "because", "deploy"
    ),
    "reconfigure": lambda fleet: fleet.engine.reconfigure(
        fleet.config, [Entry(kind="configuration", who="program:x", at=0.0)]
    ),
    "forget": lambda fleet: fleet.engine.forget("shop", [Entry(kind="token", who="program:x", at=0.0)]),
}


@pytest.mark.parametrize("name", DECISIONS)
async def test_what_cannot_be_recorded_is_not_decided(kept: Any, name: str) -> None:
    await kept.down("shop")
    kept.book.refuses = "damaged"
    with pytest.raises(LedgerError, match="damaged"):
        await DECISIONS[name](kept)
    kept.book.refuses = ""
    (incident,) = await kept.engine.incidents()
    assert not incident.acknowledged
    assert await kept.engine.silences() == []
    assert [one.component for one in await kept.engine.alerts()] == ["shop"]


async def test_a_silence_that_cannot_be_lifted_on_record_stays(kept: Any) -> None:
    silence = await kept.engine.add_silence({"component": "x"}, kept.clock.wall() + 60, "because", "deploy")
    kept.book.refuses = "damaged"
    with pytest.raises(LedgerError):
        await kept.engine.end_silence(silence.id, "deploy")
    assert [one.id for one in await kept.engine.silences()] == [silence.id]


async def test_a_damaged_ledger_keeps_nobody_from_being_told(kept: Any) -> None:
    kept.book.refuses = "damaged"
    await kept.down("shop")
    assert kept.kinds() == ["firing"]
    assert kept.journal.trouble == "damaged"
    kept.book.refuses = ""
    await kept.down("till")
    assert kept.journal.trouble == ""


async def test_a_transaction_that_fails_leaves_no_entry(kept: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: object, connection: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("disk full")

    monkeypatch.setattr("gadfly.alert.book.Book.save", full)
    with pytest.raises(StoreError):
        await kept.down("shop")
    assert await kept.entries() == []


async def test_a_dead_letter_and_its_retry_are_recorded_without_addresses(kept: Any) -> None:
    from gadfly.errors import NotifyError

    def refuse(notification: object, destination: object) -> None:
        raise NotifyError("The server refused anna@example.org: 550", permanent=True)

    kept.refuse = refuse
    await kept.down("shop")
    (letter,) = await kept.engine.dead_letters()
    await kept.engine.retry(letter.id, "deploy")
    dead, retried = (await kept.entries())[-2:]
    assert (dead.body["event"], dead.body["error"]) == ("dead", "The server refused ~16: 550")
    assert (retried.body["event"], retried.who) == ("retried", "program:deploy")
